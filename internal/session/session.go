// Package session lints: it is what the commands of the program and the
// language server share. It knows no command line and writes no output.
//
// One run goes through the stages that run.go lists, in the order there.
package session

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/config"
	"github.com/kubevet/kubevet/render"
	"github.com/kubevet/kubevet/render/tree"
)

// Options are what a user asks for. The zero value lints with the defaults.
type Options struct {
	// ConfigFile is the configuration to use. Empty: it is looked for from each
	// path upward.
	ConfigFile string
	// Overrides take the place of what the configuration says, in order.
	Overrides []Override
	// Rules are the IDs of the rules to check. Empty: the configuration chooses.
	// Skip are IDs of rules to leave out.
	Rules, Skip []string
	// PodSecurity is a Pod Security level: only its checks run. Empty: unset.
	PodSecurity string
	// Render are the options of rendering. Version, Shapes, Chart, Includes and
	// Lookup come from the configuration; Stdin and Buffers from this package.
	Render render.Options
	// Scenarios are more sets of values for every chart, as NAME=FILE[,FILE…].
	Scenarios []string
	// Baseline is a file of known findings. Empty: there is none.
	Baseline string
	// Stdin is read for the path "-". Nil: it is empty.
	Stdin io.Reader
	// Progress is called with each unit that begins, if it is set.
	Progress func(render.Progress)
}

// Override is a value of the command line for a key of the configuration.
type Override struct{ Key, Value string }

// Session lints with some options. It does not change and may be used from
// several goroutines, unless its standard input is read.
type Session struct {
	Options
	// buffers take the place of files, nil if nothing does; edited are their
	// names as the user gives them. Charts that hold edited values are rendered
	// with them.
	buffers *tree.Buffers
	edited  []string
}

// New starts a session.
func New(o Options) *Session { return &Session{Options: o} }

// UsageError is a call that cannot be carried out: exit code 2.
type UsageError struct{ Err error }

func (e *UsageError) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *UsageError) Unwrap() error { return e.Err }

func usagef(format string, args ...any) error { return &UsageError{fmt.Errorf(format, args...)} }

// ConfigError is a configuration that cannot be used: exit code 2.
type ConfigError struct{ Problems []lint.Problem }

func (e *ConfigError) Error() string {
	var l []string
	for _, p := range e.Problems {
		l = append(l, p.Error())
	}
	return strings.Join(l, "\nkubevet: ")
}

// Plan looks at the paths of a group, without rendering anything.
func (s *Session) plan(g *group) (*render.Plan, error) {
	c := g.config
	if s.Render.Jobs < 1 {
		return nil, usagef("--jobs: %d is too few; want 1 or more", s.Render.Jobs)
	}
	opts := s.Render
	opts.Version, opts.Stdin, opts.Shapes = c.KubeVersion, s.Stdin, c.Shapes()
	if opts.Stdin == nil {
		opts.Stdin = strings.NewReader("")
	}
	for _, given := range s.Scenarios {
		name, files, ok := strings.Cut(given, "=")
		if !ok || name == "" || files == "" {
			return nil, usagef("--scenario: %q is of another form; want NAME=FILE", given)
		}
		opts.Scenarios = append(opts.Scenarios, render.Scenario{Name: name, Values: strings.Split(files, ",")})
	}
	opts.Lookup, opts.Config = c.Lookup, c.File
	if c.File != "" {
		opts.Chart = func(dir string) render.ChartOptions { return chartOptions(c, dir) }
		opts.Includes = func(name string) bool {
			rel, ok := c.Rel(name)
			return !ok || c.Includes(rel)
		}
	}
	s.withBuffers(&opts)
	plan, err := render.NewPlan(g.paths, opts)
	if err != nil {
		return nil, &UsageError{err}
	}
	if g.changed != nil {
		plan.Changed(g.changed)
	}
	if s.Progress != nil {
		plan.OnProgress(s.Progress)
	}
	return plan, nil
}

// chartOptions is what a configuration says of the chart in a directory.
func chartOptions(c *config.Config, dir string) render.ChartOptions {
	rel, ok := c.Rel(dir)
	if !ok {
		return render.ChartOptions{}
	}
	chart := c.Chart(rel)
	opts := render.ChartOptions{NoDefaults: !chart.DefaultValues, NoCI: !chart.CIValues}
	for _, s := range chart.Scenarios {
		opts.Scenarios = append(opts.Scenarios, render.Scenario{
			Name: s.Name, Values: s.Values, Set: s.Set, ReleaseName: s.ReleaseName, Namespace: s.Namespace, Version: s.KubeVersion,
		})
	}
	return opts
}

// Result is what a run found.
type Result struct {
	// groups are the findings under each configuration.
	groups []*outcome
	// problems are those of configurations that could not be used.
	problems []lint.Problem
	notes    []lint.Problem
}

// Report puts the result together.
func (r *Result) Report() *lint.Report {
	return lint.NewReport(r.findings(), r.allProblems(), r.allNotes(), r.summary())
}

// ExitCode is one of lint's: what could not be checked decides first, then each
// finding by the threshold of its configuration.
func (r *Result) ExitCode() int {
	return r.Report().ExitCode()
}

// Interrupted reports whether the run ended before its time.
func (r *Result) Interrupted() bool { return r.summary().Interrupted }

func (r *Result) findings() []*lint.Finding {
	var l []*lint.Finding
	for _, g := range r.groups {
		l = append(l, g.findings...)
	}
	return l
}

// replaceFindings puts other findings in the place of all that there are.
func (r *Result) replaceFindings(all []*lint.Finding) {
	for i, g := range r.groups {
		if g.findings = nil; i == 0 {
			g.findings = all
		}
	}
}

func (r *Result) allProblems() []lint.Problem {
	l := append([]lint.Problem(nil), r.problems...)
	for _, g := range r.groups {
		l = append(l, g.problems...)
	}
	return l
}

func (r *Result) allNotes() []lint.Problem {
	l := append([]lint.Problem(nil), r.notes...)
	for _, g := range r.groups {
		l = append(l, g.notes...)
	}
	return l
}

func (r *Result) summary() lint.Summary {
	var s lint.Summary
	for _, g := range r.groups {
		s.Add(g.summary)
	}
	return s
}

// ran lists the rules that ran, each once.
func (r *Result) ran() []*lint.Rule {
	var l []*lint.Rule
	seen := map[string]bool{}
	for _, g := range r.groups {
		for _, rule := range g.ran {
			if !seen[rule.ID] {
				seen[rule.ID] = true
				l = append(l, rule)
			}
		}
	}
	return l
}

// orHere is the working directory where no path is named.
func orHere(paths []string) []string {
	if len(paths) == 0 {
		return []string{"."}
	}
	return paths
}

// stdinConfig is where the configuration for standard input is looked for.
func stdinConfig(p string) string {
	if p == "-" {
		p = ""
	}
	return cmp.Or(p, ".")
}
