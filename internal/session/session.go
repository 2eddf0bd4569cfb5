// Package session lints: it is what the commands of the program and the
// language server share. It knows no command line and writes no output.
//
// One run goes through the stages that run.go lists, in the order there.
package session

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/kubevet/kubevet/internal/sandbox"
	"github.com/kubevet/kubevet/internal/session/mask"
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/config"
	"github.com/kubevet/kubevet/lint/store"
	"github.com/kubevet/kubevet/render"
	"github.com/kubevet/kubevet/render/tree"
)

// Options are what a user asks for. The zero value lints with the defaults, one
// input at a time.
type Options struct {
	// ConfigFile is the configuration to use. It is empty if it is looked for from each
	// path upward, unless NoConfig is set.
	ConfigFile string
	NoConfig   bool
	// Overrides take the place of what the configuration says, in order.
	Overrides []Override
	// Rules are the IDs of the rules to check. They are empty if the configuration
	// chooses. Skip are IDs of rules to leave out.
	Rules, Skip []string
	// PodSecurity is a Pod Security level: only its checks run. It is empty if unset.
	PodSecurity string
	// Values are files of values for all charts, Set settings as of helm's --set.
	Values, Set []string
	// Scenarios are more sets of values for every chart, as NAME=FILE[,FILE…].
	Scenarios []string
	// ReleaseName and Namespace are what charts are rendered for. They are empty if the
	// chart's name, and a namespace that is left to the user of the chart.
	ReleaseName, Namespace string
	// APIVersions are APIs that the cluster has besides those of its version.
	APIVersions []string
	// LoadRestrictor says what becomes of files that overlays name outside of their directory.
	LoadRestrictor render.LoadRestrictor
	// Explore renders charts with one value changed at a time too.
	Explore bool
	// Jobs is how many inputs are rendered and checked together; at least one.
	Jobs int
	// Baseline is a file of known findings. It is empty if there is none.
	Baseline string
	// Now is the day that dates are compared with. New sets it to today if it is zero.
	Now time.Time

	// Stdin is read for the path "-". If it is nil, standard input is empty.
	Stdin io.Reader `json:"-"`
	// Progress is called with each unit that begins, if it is set.
	Progress func(render.Progress) `json:"-"`
}

// Override is a value of the command line for a key of the configuration.
type Override struct{ Key, Value string }

// Session lints with some options. It does not change.
type Session struct {
	Options
	// Limits are those of child processes.
	Limits sandbox.Limits
	// dir is the directory that paths are relative to. It is empty for the working
	// directory.
	dir string
	// repositoryPrefix is the place of dir in the repository that is linted. It is nil
	// for not known yet.
	repositoryPrefix *string
	// buffers take the place of files, nil if nothing does; texts are the same by
	// name. Charts that hold edited values are rendered with them.
	buffers *tree.Buffers
	texts   map[string][]byte
	edited  []string
	edits   bool // fixes have edits
	stdin   *stdin
	// workspace is the directory that an editor works in. It is empty if there is none,
	// or if it is not known.
	workspace string
	// forChecklist makes runs look for the subjects of the checklist too.
	forChecklist bool
}

// New starts a session.
func New(o Options) *Session {
	if o.Now.IsZero() {
		o.Now = time.Now()
	}
	return &Session{Options: o, Limits: sandbox.DefaultLimits, stdin: &stdin{in: o.Stdin, done: make(chan struct{})}}
}

// with is the session with texts in place of files.
func (s *Session) with(texts map[string][]byte, edited []string) *Session {
	t := *s
	t.texts, t.edited, t.buffers = texts, edited, tree.NewBuffers(texts)
	return &t
}

// In is the session for an editor that works in a directory: what is below it and in no
// repository is linted together. An empty name is no directory.
func (s *Session) In(workspace string) *Session {
	t := *s
	t.workspace = workspace
	return &t
}

// in is the session with paths relative to another directory, which has the same
// place in its repository.
func (s *Session) in(dir string) *Session {
	t := *s
	prefix := s.prefix()
	t.dir, t.repositoryPrefix = dir, &prefix
	return &t
}

// prefix is the path of the directory in its repository.
func (s *Session) prefix() string {
	if s.repositoryPrefix != nil {
		return *s.repositoryPrefix
	}
	return render.RepositoryPrefix(config.FileName)
}

// readFile reads a file that the user or the configuration names.
func (s *Session) readFile(name string) ([]byte, error) {
	if s.dir != "" && !filepath.IsAbs(name) {
		return tree.ReadFile(filepath.Join(s.dir, name))
	}
	return s.buffers.ReadFile(name)
}

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

// valid reports options that make no sense.
func (s *Session) valid() error {
	if s.Jobs < 1 {
		return usagef("--jobs: %d is too few; want 1 or more", s.Jobs)
	}
	for _, given := range s.Scenarios {
		if name, files, ok := strings.Cut(given, "="); !ok || name == "" || files == "" {
			return usagef("--scenario: %q is of another form; want NAME=FILE", given)
		}
	}
	return nil
}

// plan looks at the paths of a group, without rendering anything.
func (s *Session) plan(g *group, stdin io.Reader, watch *render.Watch) (*render.Plan, error) {
	c := g.config
	opts := render.Options{
		Values: s.Values, Set: s.Set, ReleaseName: s.ReleaseName, Namespace: s.Namespace, APIVersions: s.APIVersions,
		LoadRestrictor: s.LoadRestrictor, Explore: s.Explore, Jobs: s.Jobs,
		Version: c.KubeVersion, Shapes: c.Shapes(), Lookup: c.Lookup, Config: c.File, Stdin: stdin, Watch: watch,
	}
	for _, given := range s.Scenarios {
		name, files, _ := strings.Cut(given, "=")
		opts.Scenarios = append(opts.Scenarios, render.Scenario{Name: name, Values: strings.Split(files, ",")})
	}
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
		return nil, err
	}
	if g.changed != nil {
		plan.Changed(g.changed)
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
			Name: s.Name, Values: s.Values, Set: s.Set, ReleaseName: s.ReleaseName, Namespace: s.Namespace, Version: s.KubeVersion, APIVersions: s.APIVersions,
		})
	}
	return opts
}

// Result is what a run found.
type Result struct {
	// prefix is as in Session.
	prefix string
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

// StoredReport is Report for results that may be very large; see store.NewReport. The
// result cannot be used any more.
func (r *Result) StoredReport() (*lint.Report, error) {
	all := &store.Store{}
	for _, g := range r.groups {
		all.Append(g.findings)
		g.findings = nil
	}
	return store.NewReport(all, r.allProblems(), r.allNotes(), r.summary())
}

// Prefix is the place of the working directory in the repository that was linted,
// as lint.Position.Under takes it.
func (r *Result) Prefix() string { return r.prefix }

// Kubernetes is the version that everything was checked for. It is empty if the
// configurations name different ones.
func (r *Result) Kubernetes() string {
	text := ""
	for i, g := range r.groups {
		if v := g.version.String(); i == 0 {
			text = v
		} else if v != text {
			return ""
		}
	}
	return text
}

// Interrupted reports whether the run ended before its time.
func (r *Result) Interrupted() bool { return r.summary().Interrupted }

func (r *Result) findings() []*lint.Finding {
	var l []*lint.Finding
	for _, g := range r.groups {
		of, _ := g.findings.List() // an error: run has read them all
		l = append(l, of...)
	}
	return l
}

// replaceFindings puts other findings in the place of all that there are.
func (r *Result) replaceFindings(all []*lint.Finding) {
	for i, g := range r.groups {
		if g.findings = nil; i == 0 {
			g.findings = &store.Store{}
			g.findings.Add(all)
		}
	}
}

// replaceProblems puts other problems in the place of all that there are.
func (r *Result) replaceProblems(all []lint.Problem) {
	r.problems = all
	for _, g := range r.groups {
		g.problems = nil
	}
}

func (r *Result) allProblems() []lint.Problem {
	l := append([]lint.Problem(nil), r.problems...)
	for _, g := range r.groups {
		l = append(l, g.problems...)
	}
	return mask.Problems(l)
}

func (r *Result) allNotes() []lint.Problem {
	l := append([]lint.Problem(nil), r.notes...)
	for _, g := range r.groups {
		l = append(l, g.notes...)
	}
	return mask.Problems(l)
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
