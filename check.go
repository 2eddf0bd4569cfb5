package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/baseline"
	"github.com/kubevet/kubevet/lint/config"
	"github.com/kubevet/kubevet/lint/ignore"
	"github.com/kubevet/kubevet/render"
)

// lint is what kubevet does without a command.
func (p *program) lint(cmd *cobra.Command, args []string) error {
	if _, err := p.outputFiles(); err != nil { // told before the work, not after
		return err
	}
	if _, err := p.colored(); err != nil {
		return err
	}
	known, err := readBaseline(p.baseline)
	if err != nil {
		return err
	}
	checks := p.checks
	switch {
	case cmd.Flags().Changed("stdin-filename"):
		checks = p.checksOfStdin
	case p.files:
		checks = p.checksOfFiles
	}
	runs, problems, err := checks(cmd, args)
	if err != nil {
		return err
	}
	all := &found{problems: problems}
	for _, c := range runs {
		f, err := c.run(cmd.Context(), p)
		if err != nil {
			return err
		}
		all.add(f)
	}
	if known != nil {
		all.notes = append(all.notes, known.apply(all, args)...)
	}
	if p.stdinFilename != "" {
		all.seenFrom(p.stdinFilename, p.buffers)
	}
	r := lint.NewReport(all.findings, all.problems, all.notes, all.summary)
	p.exit = r.ExitCode()
	return p.write(r)
}

// check is the linting of arguments that share a configuration.
type check struct {
	config *config.Config
	args   []string
	// changed are the files of --files. Nil: everything is linted.
	changed []string
	// plan is what was linted, once it was.
	plan *render.Plan
}

// found is what a check found, before it is put together.
type found struct {
	findings        []*lint.Finding
	problems, notes []lint.Problem
	summary         lint.Summary
	ran             []*lint.Rule
}

// checks groups the arguments by the configuration that is found from them
// upward. What is under a broken configuration is not linted: its problems are
// told, and if nothing is left they are the error.
func (p *program) checks(cmd *cobra.Command, args []string) (l []*check, problems []lint.Problem, err error) {
	if len(args) == 0 {
		args = []string{"."}
	}
	byFile := map[string]*check{}
	for _, arg := range args {
		file := p.configOf(arg)
		if c := byFile[file]; c != nil {
			c.args = append(c.args, arg)
			continue
		}
		c, broken := p.newCheck(file)
		c.args = []string{arg}
		byFile[file] = c
		problems = append(problems, broken...)
		if len(broken) > 0 {
			continue
		}
		if err := override(cmd, c.config); err != nil {
			return nil, nil, &usageError{err}
		}
		l = append(l, c)
	}
	if len(l) == 0 {
		return nil, nil, &configError{problems}
	}
	return l, problems, nil
}

// configOf is the configuration for an argument. Empty: there is none.
func (p *program) configOf(arg string) string {
	if p.configFile != "" {
		return p.configFile
	}
	if arg == "-" {
		arg = "."
	}
	file, ok := p.findConfig(arg)
	if !ok {
		return ""
	}
	return file
}

// newCheck reads a configuration; without a file everything has its default.
func (p *program) newCheck(file string) (*check, []lint.Problem) {
	if file == "" {
		return &check{config: config.Default()}, nil
	}
	c, broken := config.Load(file, p.buffers.ReadFile, config.Known{Rules: allRules()})
	return &check{config: c}, broken
}

// override lays the flags that the user gave over a configuration.
func override(cmd *cobra.Command, c *config.Config) error {
	for _, key := range []string{"profile", "fail-on", "kube-version", "subcharts"} {
		if f := cmd.Flags().Lookup(key); f != nil && f.Changed {
			if err := c.Set(key, f.Value.String(), "--"+key); err != nil {
				return err
			}
		}
	}
	return nil
}

// run renders and checks.
func (c *check) run(ctx context.Context, p *program) (*found, error) {
	selected, err := p.selectRules(c.config)
	if err != nil {
		return nil, err
	}
	plan, err := p.plan(c.config, c.args)
	if err != nil {
		return nil, err
	}
	if c.changed != nil {
		plan.Changed(c.changed)
	}
	c.plan = plan
	notes := c.notes(plan)
	defer p.showProgress(plan)()
	prefix := render.RepositoryPrefix()
	checker := lint.Checker{
		Rules: selected, Version: c.config.KubeVersion, Profile: c.config.Profile,
		Settings: c.config.Settings(), Jobs: p.render.Jobs, Prefix: prefix,
	}
	comments := &ignore.Comments{Read: func(name string) ([]byte, bool) {
		text, err := p.buffers.ReadFile(name)
		return text, err == nil
	}}
	out := &found{ran: selected}
	var mu sync.Mutex
	interrupted := false
	result := plan.Run(ctx, func(r *lint.Rendered) {
		findings, problems := checker.Check(r.Unit)
		findings = c.config.Subcharts.Apply(findings)
		mu.Lock()
		defer mu.Unlock()
		if interrupted {
			return
		}
		comments.Add(r.Sources...)
		findings, problems = markUnchanged(plan, r.Unit, findings, problems)
		out.findings, out.problems = append(out.findings, findings...), append(out.problems, problems...)
	})
	if isApart(ctx) {
		return nil, errApart
	}
	mu.Lock()
	interrupted = result.Summary.Interrupted // what is checked from here on does not count
	mu.Unlock()
	out.problems, out.notes, out.summary = append(out.problems, result.Problems...), slices.Concat(notes, result.Notes), result.Summary
	out.findings = ignore.Apply(out.findings, ignore.Options{
		Comments: comments, Entries: c.config.Ignores, Rules: allRules(), Ran: selected,
		Today: time.Now(), Prefix: prefix, Incomplete: len(out.problems) > 0, Narrow: c.narrow(),
	})
	if interrupted && c.changed != nil {
		plan = nil
	}
	out.findings = c.config.Adjust(withoutUnchanged(plan, out.findings))
	return out, nil
}

// notes tells what of the configuration has no effect on a plan that covers it:
// paths that match nothing, and a Kubernetes version that nobody knows yet.
func (c *check) notes(plan *render.Plan) []lint.Problem {
	var l []lint.Problem
	if v := c.config.KubeVersion; v.Major > lint.Newest.Major || v.AtLeast(lint.Newest.Minor+1) {
		l = append(l, lint.Problem{
			Message: fmt.Sprintf("Kubernetes %s is newer than %s, the newest that this kubevet knows: what changed in between is not judged", v, lint.Newest),
		})
	}
	if c.config.File == "" || c.narrow() {
		return l
	}
	charts, all := plan.Names()
	for _, names := range [][]string{charts, all} {
		for i := range names {
			names[i], _ = c.config.Rel(names[i])
		}
	}
	return append(l, c.config.Unmatched(charts, all)...)
}

// narrow reports whether the arguments are less than what the configuration is about.
func (c *check) narrow() bool {
	if c.changed != nil {
		return true
	}
	if c.config.File == "" {
		return false
	}
	for _, arg := range c.args {
		if name, ok := c.config.Rel(arg); ok && name == "." {
			return false
		}
	}
	return true
}

func (f *found) add(g *found) {
	f.findings = append(f.findings, g.findings...)
	f.problems = append(f.problems, g.problems...)
	f.notes = append(f.notes, g.notes...)
	f.summary.Add(g.summary)
	for _, r := range g.ran {
		if !slices.ContainsFunc(f.ran, func(s *lint.Rule) bool { return s.ID == r.ID }) {
			f.ran = append(f.ran, r)
		}
	}
}

// knownFindings is a baseline and where it was read.
type knownFindings struct {
	*baseline.Baseline
	file string
}

// readBaseline reads the file of --baseline. Nil: the flag was not given.
func readBaseline(name string) (*knownFindings, error) {
	if name == "" {
		return nil, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, usagef("--baseline: %w", err)
	}
	defer f.Close() //nolint:errcheck // read only: nothing can be lost
	b, err := baseline.Read(f)
	if err != nil {
		return nil, usagef("--baseline: reading %s: %w", name, err)
	}
	return &knownFindings{b, name}, nil
}

func baselineOptions(file string, all *found, args []string) baseline.Options {
	return baseline.Options{
		File: file, Prefix: render.RepositoryPrefix(), Ran: all.ran, Paths: args, Incomplete: len(all.problems) > 0,
	}
}

// apply marks the findings that the baseline knows, and notes what is in it and
// no longer found.
func (k *knownFindings) apply(all *found, args []string) []lint.Problem {
	opts := baselineOptions(k.file, all, args)
	var stale []baseline.Entry
	all.findings, stale = k.Mark(all.findings, opts)
	return baseline.Notes(stale, opts)
}
