package render

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/helm"
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
}

// chart renders a chart in each of its scenarios.
func (r *run) chart(ctx context.Context, f discover.File) {
	var c *helm.Chart
	var problems []lint.Problem
	if lost := r.plan.opts.Watch.guard(Watched{Chart: f.Display()}, func(func(string)) {
		c, problems = helm.Load(f.Tree, f.Name)
	}); lost != nil {
		problems = []lint.Problem{*lost}
	}
	for _, p := range problems {
		r.problem(p)
	}
	if c == nil {
		return
	}
	if c.Library {
		r.skip(lint.Skip{File: f.Display(), Reason: "a library chart: it renders to nothing by itself"})
		return
	}
	r.count(func(s *lint.Summary) { s.Charts++ })
	sources := chartSources(f)
	r.count(func(s *lint.Summary) { s.Files += len(sources) })
	scenarios := r.scenarios(f, c)
	reached := make([]*helm.Reach, len(scenarios))
	r.together(len(scenarios), func(i int) {
		if ctx.Err() != nil {
			return
		}
		s := scenarios[i]
		r.begin(f.Display(), cmp.Or(s.Name, helm.DefaultScenario))
		out, reach := r.renderChart(ctx, c, s, sources)
		if out.Unit != nil {
			for _, p := range problems {
				out.Unit.Unreadable = append(out.Unit.Unreadable, p.File)
			}
		}
		reached[i] = reach
		r.deliver(ctx, out, func(sum *lint.Summary) { sum.Scenarios++ })
	})
	reached = slices.DeleteFunc(reached, func(reach *helm.Reach) bool { return reach == nil })
	if ctx.Err() != nil || len(reached) == 0 {
		return
	}
	r.count(func(s *lint.Summary) { s.Unrendered = append(s.Unrendered, c.Unrendered(reached...)...) })
	if !r.plan.opts.Explore && !r.wantCoverage {
		return // it parses the templates anew: not for every run
	}
	coverage := c.Coverage(reached...)
	if r.plan.opts.Explore {
		r.explore(ctx, c, coverage, reached, sources)
	}
	r.covered(coverage)
}

// renderChart renders a scenario within the time that a chart may take. Without
// reach it was not rendered, and a problem tells why.
func (r *run) renderChart(ctx context.Context, c *helm.Chart, s helm.Scenario, sources []lint.SourceText) (out *lint.Rendered, reach *helm.Reach) {
	ctx, cancel := context.WithTimeout(ctx, helm.ChartTime)
	defer cancel()
	out = &lint.Rendered{}
	if lost := r.plan.opts.Watch.guard(Watched{c.Dir, cmp.Or(s.Name, helm.DefaultScenario)}, func(at func(string)) {
		s.Executing = at
		out, reach = c.RenderReach(ctx, s)
	}); lost != nil {
		out.Problems = append(out.Problems, *lost)
	}
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
		out, reach := r.renderChart(ctx, c, s, sources)
		if reach == nil || coverage.Adds(reach) {
			r.deliver(ctx, out, func(sum *lint.Summary) { sum.Scenarios++ })
		}
	}
}

// covered keeps what the scenarios of a chart reached.
func (r *run) covered(c *helm.Coverage) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed {
		r.coverage = append(r.coverage, c)
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
			return // loading the chart tells
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
func (r *run) scenarios(f discover.File, c *helm.Chart) []helm.Scenario {
	opts := r.plan.opts
	var l []helm.Scenario
	if len(opts.Values) == 0 && len(opts.Set) == 0 {
		l = r.configured(f, c)
	} else {
		s := helm.Scenario{Values: r.plan.values, Set: opts.Set}
		var given []string
		for _, f := range s.Values {
			given = append(given, f.Name)
		}
		for _, set := range s.Set {
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
func (r *run) configured(f discover.File, c *helm.Chart) []helm.Scenario {
	var opts ChartOptions
	if r.plan.opts.Chart != nil {
		opts = r.plan.opts.Chart(f.Display())
	}
	var l []helm.Scenario
	if !opts.NoDefaults {
		l = append(l, helm.Scenario{Name: helm.DefaultScenario})
	}
	if !opts.NoCI {
		l = append(l, c.CIScenarios()...)
	}
	add := func(s Scenario, read func(name string) (helm.ValuesFile, error)) {
		h := helm.Scenario{Name: s.Name, Set: s.Set, ReleaseName: s.ReleaseName, Namespace: s.Namespace, Version: s.Version}
		for _, name := range s.Values {
			v, err := read(name)
			if err != nil {
				r.problem(lint.Problem{
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
