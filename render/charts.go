package render

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/helm"
	"github.com/kubevet/kubevet/render/timelimit"
	"github.com/kubevet/kubevet/render/tree"
)

// ChartOptions say with which values a chart is rendered.
type ChartOptions struct {
	// Scenarios besides its own. Their files are relative to the chart.
	Scenarios []Scenario
	// NoDefaults and NoCI leave out the chart's own values, and its ci/*-values.yaml.
	NoDefaults, NoCI bool
}

// Scenario is one set of values.
type Scenario struct {
	// Name is how reports call it.
	Name string
	// Values are files; the last one wins.
	Values []string
	// Set is what helm's --set takes, and wins over all files.
	Set []string
	// ReleaseName, Namespace and Version replace those of Options, if not zero.
	ReleaseName, Namespace string
	Version                lint.Version
	// APIVersions are seen besides those of Options.
	APIVersions []string
}

// chart renders a chart in each of its scenarios. What is of the chart as a whole
// is handed on at the end.
func (r *run) chart(ctx context.Context, f discover.File) {
	id := UnitID{Kind: lint.UnitChart, Input: f.Display()}
	var c *helm.Chart
	whole := Part{ID: id, Rendered: &lint.Rendered{}}
	v := r.plan.opts.Watch.guard(id, nil, func(func(string), Verdict) {
		c, whole.Problems = r.plan.charts.Load(f.Tree, f.Name)
	})
	if v.Done {
		r.edit(func(*Result) { r.found = true })
		return
	}
	if v.Lost != nil {
		c, whole.Problems = nil, []lint.Problem{*v.Lost}
	}
	if p := recovered(f.Display(), func() { r.rendered(ctx, f, c, &whole) }); p != nil {
		whole.Problems = append(whole.Problems, *p)
	}
	r.deliver(ctx, whole, Verdict{})
}

// rendered renders a chart that was loaded, nil if it was not, and adds to what
// is of the chart as a whole.
func (r *run) rendered(ctx context.Context, f discover.File, c *helm.Chart, whole *Part) {
	switch {
	case c == nil:
		return
	case c.Library:
		whole.Summary.Skipped = append(whole.Summary.Skipped, lint.Skip{File: f.Display(), Reason: "a library chart: it renders nothing on its own"})
		return
	}
	sources := chartSources(f)
	whole.Summary.Charts, whole.Summary.Files = 1, len(sources)
	scenarios := r.scenarios(f, c, whole)
	problems := whole.Problems
	reached := make([]*helm.Reach, len(scenarios))
	done := make([]bool, len(scenarios))
	limit := timelimit.Start(scenariosTime)
	var late atomic.Int64
	r.together(len(scenarios), func(i int) {
		if ctx.Err() != nil {
			return
		}
		if limit.IsOver() {
			late.Add(1)
			return
		}
		s := scenarios[i]
		r.begin(f.Display(), cmp.Or(s.Name, lint.DefaultScenario))
		v := r.unit(ctx, scenarioID(c, s), func(at func(string)) *Part {
			out, reach := r.renderChart(ctx, c, s, sources, at)
			if out.Unit != nil {
				out.Unit.AddLacking(problems)
			}
			reached[i] = reach
			return &Part{Rendered: out, Summary: lint.Summary{Scenarios: 1}}
		})
		done[i] = v.Done && !v.Again
	})
	if n := late.Load(); n > 0 {
		whole.Problems = append(whole.Problems, lint.Problem{
			Position: lint.Position{File: f.Display()},
			Code:     lint.CodeLimit,
			Message:  fmt.Sprintf("%d of %d scenarios were not rendered: the others took more than %v", n, len(scenarios), scenariosTime),
			Help:     "render fewer scenarios, or simplify the templates",
		})
	}
	reached = slices.DeleteFunc(reached, func(reach *helm.Reach) bool { return reach == nil })
	if ctx.Err() != nil || len(reached) == 0 || slices.Contains(done, true) { // what those reached is not known
		return
	}
	whole.Summary.Unrendered = c.Unrendered(reached...)
	if !r.plan.opts.Explore && !r.wantCoverage {
		return // it parses the templates anew: not for every run
	}
	coverage := c.Coverage(reached...)
	if r.plan.opts.Explore {
		r.explore(ctx, c, coverage, reached, sources)
	}
	if r.wantCoverage {
		var text strings.Builder
		coverage.Print(&text)
		whole.Coverage = text.String()
	}
}

// StreamCoverage renders the charts of a plan as Stream does. The part of each
// chart as a whole says which lines of its templates no scenario reached, and
// what keeps them from it.
func (p *Plan) StreamCoverage(ctx context.Context, each func(Part)) *Result {
	r := &run{plan: p, each: each, wantCoverage: true}
	r.result.Problems = p.found.Problems
	if len(p.found.Charts) == 0 && len(p.found.Problems) == 0 {
		r.result.Problems = []lint.Problem{{
			Code: lint.CodeNothingToLint, Message: "no chart found", Help: "name a chart, or a directory that holds one",
		}}
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		var tasks []task
		for _, c := range p.found.Charts {
			tasks = append(tasks, task{r.expect(c.Display()), func() { r.chart(ctx, c) }})
		}
		r.work(ctx, tasks)
	}()
	return r.wait(ctx, over)
}

// scenariosTime is how long the scenarios of one chart may take together. No
// further one is begun after that.
const scenariosTime = 30 * time.Second

func scenarioID(c *helm.Chart, s helm.Scenario) UnitID {
	return UnitID{Kind: lint.UnitChart, Input: c.Dir, Scenario: cmp.Or(s.Name, lint.DefaultScenario)}
}

// renderChart renders a scenario within the time that a chart may take. At is
// called with each template.
func (r *run) renderChart(ctx context.Context, c *helm.Chart, s helm.Scenario, sources []lint.SourceText, at func(string)) (*lint.Rendered, *helm.Reach) {
	ctx, cancel := timelimit.Context(ctx, helm.ChartTime)
	defer cancel()
	s.APIVersions = slices.Concat(r.plan.opts.APIVersions, s.APIVersions)
	s.Executing = at
	out, reach := c.RenderReach(ctx, s)
	out.Sources = append(out.Sources, sources...)
	for _, v := range s.Values {
		out.Sources = append(out.Sources, lint.SourceText{Name: v.Name, Text: v.Data})
	}
	return out, reach
}

// explore renders the chart with one value changed at a time, where that
// reaches parts of templates that nothing else did.
func (r *run) explore(ctx context.Context, c *helm.Chart, coverage *helm.Coverage, reached []*helm.Reach, sources []lint.SourceText) {
	scenarios, notes := c.Explore(coverage, reached...)
	r.note(notes...)
	for _, s := range scenarios {
		if ctx.Err() != nil {
			return
		}
		r.begin(c.Dir, s.Name)
		r.unit(ctx, scenarioID(c, s), func(at func(string)) *Part {
			out, reach := r.renderChart(ctx, c, s, sources, at)
			if reach != nil && !coverage.Adds(&reach.Reached) {
				return nil
			}
			return &Part{Rendered: out, Summary: lint.Summary{Scenarios: 1}}
		})
	}
}

// chartSources are the files of a chart's directory that its author edits: all
// but those of charts/, which are other people's.
func chartSources(f discover.File) []lint.SourceText {
	var l []lint.SourceText
	var walk func(dir string)
	walk = func(dir string) {
		entries, err := f.Tree.ReadDir(dir)
		if err != nil {
			return // loading the chart reports it
		}
		for _, e := range entries {
			name := path.Join(dir, e.Name())
			switch {
			case e.IsDir() && (strings.HasPrefix(e.Name(), ".") || name == path.Join(f.Name, "charts")):
			case e.IsDir():
				walk(name)
			case discover.HasManifestName(e.Name()) || path.Ext(e.Name()) == ".tpl" || path.Ext(e.Name()) == ".txt":
				if text, err := f.Tree.ReadFile(name); err == nil {
					l = append(l, lint.SourceText{Name: f.Tree.Display(name), Text: text})
				}
			}
		}
	}
	if info, err := f.Tree.Stat(f.Name); err == nil && info.IsDir() {
		walk(f.Name)
	}
	return l
}

// scenarios are the values with which to render a chart: those of the command
// line if it gives any, else the chart's defaults and what it brings for its
// own tests.
func (r *run) scenarios(f discover.File, c *helm.Chart, whole *Part) []helm.Scenario {
	opts := r.plan.opts
	var l []helm.Scenario
	if len(opts.Values) == 0 && len(opts.Set) == 0 {
		l = r.configured(f, c, whole)
	} else {
		s := helm.Scenario{Values: r.plan.values, Set: opts.Set}
		var given []string
		for _, f := range s.Values {
			given = append(given, f.Name)
		}
		for _, set := range s.Set {
			key, _, _ := strings.Cut(set, "=")
			if helm.IsSecretName(key) { // names of units are in every report
				set = key + "=…"
			}
			given = append(given, "--set "+set)
		}
		s.Name = strings.Join(given, ", ")
		l = append(l, s)
	}
	for i := range l {
		s := &l[i]
		s.ReleaseName = cmp.Or(opts.ReleaseName, s.ReleaseName)
		s.Namespace = cmp.Or(opts.Namespace, s.Namespace)
		if s.Version == (lint.Version{}) {
			s.Version = opts.Version
		}
		s.Lookup = r.plan.lookup
	}
	return l
}

// configured are the scenarios of a chart without -f and --set: its defaults,
// what it brings for its tests, those of the configuration and of --scenario.
func (r *run) configured(f discover.File, c *helm.Chart, whole *Part) []helm.Scenario {
	var opts ChartOptions
	if r.plan.opts.Chart != nil {
		opts = r.plan.opts.Chart(f.Display())
	}
	var l []helm.Scenario
	if !opts.NoDefaults {
		l = append(l, helm.Scenario{Name: lint.DefaultScenario})
	}
	if !opts.NoCI {
		l = append(l, c.CIScenarios()...)
	}
	add := func(s Scenario, read func(name string) (helm.ValuesFile, error)) {
		h := helm.Scenario{Name: s.Name, Set: s.Set, ReleaseName: s.ReleaseName, Namespace: s.Namespace, Version: s.Version, APIVersions: s.APIVersions}
		for _, name := range s.Values {
			v, err := read(name)
			if err != nil {
				whole.Problems = append(whole.Problems, lint.Problem{
					Code:     lint.CodeInvalidValues,
					Position: lint.Position{File: f.Display()},
					Message:  fmt.Sprintf("scenario %q: reading the values file %s: %s", s.Name, name, tree.Cause(err)),
					Help:     "the scenario was not rendered; correct the name of the file",
				})
				return
			}
			h.Values = append(h.Values, v)
		}
		l = append(l, h)
	}
	for _, s := range append(slices.Clip(opts.Scenarios), r.plan.namedValues(f)...) {
		add(s, func(name string) (helm.ValuesFile, error) {
			in := path.Join(f.Name, name)
			data, err := f.Tree.ReadFile(in)
			return helm.ValuesFile{Name: f.Tree.Display(in), Data: data}, err
		})
	}
	for _, s := range r.plan.opts.Scenarios {
		add(s, func(name string) (helm.ValuesFile, error) {
			data, err := r.plan.opts.Buffers.ReadFile(name)
			return helm.ValuesFile{Name: filepath.ToSlash(name), Data: data}, err
		})
	}
	return l
}

// readValues reads the files of -f, as tree.ReadFile does.
func readValues(names []string, buffers *tree.Buffers) ([]helm.ValuesFile, error) {
	var l []helm.ValuesFile
	for _, name := range names {
		data, err := buffers.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("reading the file %s: %s", name, tree.Cause(err))
		}
		l = append(l, helm.ValuesFile{Name: filepath.ToSlash(name), Data: data})
	}
	return l, nil
}

// readLookup reads the fixtures of lookup.
func readLookup(opts Options) ([]helm.ValuesFile, error) {
	if opts.Config == "" {
		return readValues(opts.Lookup, opts.Buffers)
	}
	var l []helm.ValuesFile
	for _, name := range opts.Lookup {
		data, err := opts.Buffers.ReadFrom(opts.Config, name)
		if err != nil {
			return nil, fmt.Errorf("%s: reading the lookup file %s: %s", opts.Config, name, tree.Cause(err))
		}
		l = append(l, helm.ValuesFile{Name: path.Join(path.Dir(opts.Config), name), Data: data})
	}
	return l, nil
}
