package render

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/definitions"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/helm"
	"github.com/kubevet/kubevet/render/helm/siblings"
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
		if r.takenIn.isParent[f.ID()] { // what it takes in is to be known
			c, _ = r.plan.charts.Load(f.Tree, f.Name)
			r.takes(f, c, true)
		}
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

// withoutOthersTests leaves out the tests of another project, with values that are not used here.
func (r *run) withoutOthersTests(f discover.File, t *throughParents) {
	if t.replaced != nil && t.given > 0 && r.plan.isOfOthers(f) {
		t.scenarios = slices.DeleteFunc(t.scenarios, func(s helm.Scenario) bool { return s.IsOfTests() })
	}
}

// addLate adds a problem for the scenarios for which the time was too short.
func (s *scenarios) addLate(f discover.File, whole *Part) {
	if n := s.late.Load(); n > 0 {
		whole.Problems = append(whole.Problems, lint.Problem{
			Position: lint.Position{File: f.Display()},
			Code:     lint.CodeLimit,
			Message:  fmt.Sprintf("%d of %d scenarios were not rendered: the others took more than %v", n, len(s.all), scenariosTime),
			Help:     "render fewer scenarios, or simplify the templates",
		})
	}
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
	all := r.scenarios(f, c, whole)
	t := r.throughReleases(f, all, r.throughParents(f, all, whole), whole)
	if len(t.scenarios) == 0 && t.replaced != nil {
		r.takes(f, c, false)
		if t.why != "" {
			r.addUnrendered(c, whole)
		} else { // nothing installs it: the reason to skip it is given, and what it lacks is not looked for
			whole.Problems = slices.DeleteFunc(whole.Problems, func(p lint.Problem) bool { return p.Code == lint.CodeMissingDependency })
		}
		return
	}
	r.withoutOthersTests(f, &t)
	var notes []lint.Problem
	whole.Problems, notes = c.LeftOut(whole.Problems, t.scenarios)
	whole.Notes = append(whole.Notes, notes...)
	sources := append(chartSources(f), t.sources...)
	whole.Summary.Charts, whole.Summary.Files = 1, len(sources)
	s := &scenarios{run: r, file: f, chart: c, all: t.scenarios, given: t.given, sources: sources, problems: whole.Problems, beside: t.beside, wantsBeside: !r.plan.chartOptions(f).NoCI, limit: timelimit.Start(scenariosTime)}
	s.render(ctx)
	if t.replaced != nil && t.given > 0 && int(s.refused.Load()) == t.given { // those who install the parent have to set more
		s.all[0], s.given, t.replaced = *t.replaced, 0, nil
		s.renderOne(ctx, 0)
	} else if t.replaced != nil {
		whole.Summary.Skipped = append(whole.Summary.Skipped, lint.Skip{File: f.Display(), Reason: t.why})
	}
	s.addLate(f, whole)
	if r.takenIn.isParent[f.ID()] {
		r.takes(f, c, s.hasDefaults() && !s.failed.Load())
	}
	reached := slices.DeleteFunc(s.reached, func(reach *helm.Reach) bool { return reach == nil })
	if ctx.Err() != nil || len(reached) == 0 || slices.Contains(s.done, true) { // what scenarios reached that are done is not known
		return
	}
	if t.replaced == nil && !r.plan.opts.Explore && !r.takenIn.isTest[c.Dir] && s.hasDefaults() && !s.failed.Load() {
		reached = append(reached, r.exploreWorkloads(ctx, c, reached, sources)...)
	}
	r.addUnrendered(c, whole, reached...)
	if t.replaced != nil || !r.plan.opts.Explore && !r.wantCoverage {
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

// addUnrendered adds the templates of a chart of which its scenarios print nothing. Those that other charts and what installs the chart print
// are taken out at the end.
func (r *run) addUnrendered(c *helm.Chart, whole *Part, reached ...*helm.Reach) {
	if !r.takenIn.isTest[c.Dir] {
		whole.Summary.Unrendered = c.Unrendered(reached...)
	}
}

// printedElsewhere are the templates of other charts that a chart prints, since it takes these in.
func printedElsewhere(c *helm.Chart, reach *helm.Reach) []string {
	if reach == nil {
		return nil
	}
	own, below := path.Join(c.Dir, "templates")+"/", path.Join(c.Dir, "charts")+"/"
	return slices.DeleteFunc(c.PrintedIn(reach), func(file string) bool { return strings.HasPrefix(file, own) || strings.HasPrefix(file, below) })
}

// scenarios are those in which a chart is rendered.
type scenarios struct {
	run   *run
	file  discover.File
	chart *helm.Chart
	all   []helm.Scenario
	// given is how many of them, the first ones, are what other charts set for the chart: they are handed on if nothing fails.
	given int
	// wantsBeside is set if the values files beside the chart's own may be tried.
	wantsBeside bool
	beside      []helm.Scenario // before these
	sources     []lint.SourceText
	problems    []lint.Problem // of the chart
	limit       timelimit.Limit
	// reached is what each of them reached, done says that it was handed on before.
	reached []*helm.Reach
	done    []bool
	// late is how many were not rendered, refused how many of those that are given failed. failed is set if that with the chart's own
	// values did.
	late, refused atomic.Int64
	failed        atomic.Bool
	// failedAt are the files of the templates that failed in each of the scenarios. It is nil for one that was not rendered.
	failedAt []map[string]bool
	// installedFailedAt are the same for the first of what installs the chart, as far as they were tried.
	installedFailedAt []map[string]bool
	// own is what the chart renders to with its own values, if that was needed before these are rendered as a scenario.
	own      *lint.Rendered
	ownReach *helm.Reach
}

func (s *scenarios) hasDefaults() bool {
	return slices.ContainsFunc(s.all, func(s helm.Scenario) bool { return s.Name == lint.DefaultScenario })
}

func (s *scenarios) render(ctx context.Context) {
	n := len(s.all)
	s.reached, s.done, s.failedAt = make([]*helm.Reach, n), make([]bool, n), make([]map[string]bool, n)
	own := slices.IndexFunc(s.all, isOwn)
	if own < 0 {
		s.run.together(n, func(i int) { s.renderOne(ctx, i) })
		return
	}
	// The chart's own values come last: what it refuses of them is no problem if others render it.
	s.run.together(n-1, func(i int) {
		if i >= own {
			i++
		}
		s.renderOne(ctx, i)
	})
	if n == 1 && s.wantsBeside && s.renderBeside(ctx, own) {
		return
	}
	s.renderOne(ctx, own)
}

// isOwn reports the scenario of a chart's own values.
func isOwn(s helm.Scenario) bool { return s.Name == lint.DefaultScenario && len(s.Values) == 0 }

// renderBeside renders a chart that refuses its own values with the first of the values files beside these that it takes, and with the others that
// are not for tests: each is for an environment. Those of examples come last. isOwn says that these are in place of its own.
func (s *scenarios) renderBeside(ctx context.Context, own int) (isOwn bool) {
	isRendered := false
	for _, with := range slices.Concat(s.beside, s.chart.BesideScenarios(s.all[own]), helm.ExampleScenarios(s.all[own], exampleValues(s.file, s.chart.Name))) {
		if ctx.Err() != nil || s.limit.IsOver() {
			return false
		}
		if isRendered && !with.IsForEnvironment() {
			continue
		}
		var part *Part
		v := s.run.unit(ctx, scenarioID(s.chart, with), func(at func(string)) *Part {
			if s.own == nil {
				s.own, s.ownReach = s.run.renderChart(ctx, s.chart, s.all[own], s.sources, at)
			}
			if hasFailed(s.own) {
				part = s.besidePart(ctx, with, at)
			}
			return part
		})
		switch {
		case part != nil || v.Done:
			s.failed.Store(with.IsOwn) // what takes it in has other values for it
			if isRendered = true; with.IsOwn {
				return true
			}
		case s.own != nil && !hasFailed(s.own):
			return false
		}
	}
	return false
}

// besidePart is what a chart renders to with the values of a file beside its own. It is nil if not all of it does.
func (s *scenarios) besidePart(ctx context.Context, with helm.Scenario, at func(string)) *Part {
	out, reach := s.run.renderChart(ctx, s.chart, with, s.sources, at)
	if out.Unit == nil || len(out.Problems) > 0 {
		return nil
	}
	out.Unit.AddLacking(s.problems)
	if with.IsOwn {
		out.Notes = append(out.Notes, lint.Problem{
			Position: lint.Position{File: s.chart.Dir},
			Message:  "the chart has no values.yaml, without which its templates fail: it was rendered with " + with.Name + " in place of it",
		})
	}
	s.all, s.done = append(s.all, with), append(s.done, false)
	s.reached, s.failedAt = append(s.reached, reach), append(s.failedAt, map[string]bool{})
	return &Part{Rendered: out, Summary: lint.Summary{Scenarios: 1, Rendered: printedElsewhere(s.chart, reach)}}
}

// filesOf are the files of problems, and of the templates that they stopped.
func filesOf(l []lint.Problem) map[string]bool {
	files := map[string]bool{}
	for _, p := range l {
		for _, file := range filesOfOne(p) {
			files[file] = true
		}
	}
	return files
}

func filesOfOne(p lint.Problem) []string {
	return append(strings.FieldsFunc(p.Stopped, func(r rune) bool { return r == '\n' }), p.File)
}

// hasFailed reports whether a template of a chart failed, or printed what is no YAML.
func hasFailed(out *lint.Rendered) bool {
	return slices.ContainsFunc(out.Problems, func(p lint.Problem) bool {
		return isFailure(p) || p.Code == lint.CodeInvalidYAML
	})
}

// isFailure reports whether a problem is that of a template that printed nothing.
func isFailure(p lint.Problem) bool {
	return p.Code == lint.CodeMissingValue || p.Code == lint.CodeRenderError
}

// settled makes notes of what the chart's own values lack on purpose, where the templates were rendered in another scenario, or are with the
// values of what installs the chart. The unit lacks the templates' objects all the same.
func (s *scenarios) settled(ctx context.Context, i int, rendered *lint.Rendered, at func(string)) *lint.Rendered {
	if !isOwn(s.all[i]) {
		s.failedAt[i] = filesOf(rendered.Problems)
	}
	if !isOwn(s.all[i]) || len(rendered.Problems) == 0 {
		return rendered
	}
	rendered.Unit.AddLacking(rendered.Problems)
	out := *rendered // trials compare their problems with those of what was rendered
	out.Problems = nil
	for _, p := range rendered.Problems {
		with, isInstalled := s.fineWith(ctx, p, at)
		switch {
		case with == "":
		case p.Code == lint.CodeMissingValue, p.Code == lint.CodeRenderError && isInstalled:
			out.Notes = append(out.Notes, lint.Problem{Position: p.Position, Message: strings.TrimRight(p.Message, ". ") + "; the template was rendered with " + with + " instead"})
			continue
		case p.Code == lint.CodeSchemaViolation && p.LacksValue:
			out.Notes = append(out.Notes, lint.Problem{Position: p.Position, Message: p.Message + "; those of " + with + " have them"})
			continue
		case p.Code == lint.CodeRenderError, p.Code == lint.CodeInvalidYAML:
			p.Help += "; with " + with + " it renders"
		}
		out.Problems = append(out.Problems, p)
	}
	if slices.ContainsFunc(out.Problems, isFailure) {
		out.Notes = append(out.Notes, s.run.dropInstalledApart(s.chart, out.Unit)...)
	}
	return &out
}

// fineWith is the first scenario, or what installs the chart, with whose values nothing fails that a problem of the chart's own values has
// stopped. It is empty if there is none.
func (s *scenarios) fineWith(ctx context.Context, p lint.Problem, at func(string)) (name string, isInstalled bool) {
	files := filesOfOne(p)
	isFine := func(failed map[string]bool) bool {
		return failed != nil && !slices.ContainsFunc(files, func(file string) bool { return failed[file] })
	}
	if i := slices.IndexFunc(s.failedAt, isFine); i >= 0 {
		name = s.all[i].Name
	}
	if name != "" && p.Code != lint.CodeRenderError || !p.LacksValue && p.Code != lint.CodeMissingValue {
		return name, false
	}
	installed := s.run.installsOf(s.chart)
	for i := range min(len(installed), maxInstalled) {
		if i == len(s.installedFailedAt) {
			out, _ := s.run.renderChart(ctx, s.chart, installed[i], nil, at)
			failed := filesOf(out.Problems)
			if out.Unit == nil || ctx.Err() != nil {
				failed = nil
			}
			s.installedFailedAt = append(s.installedFailedAt, failed)
		}
		if isFine(s.installedFailedAt[i]) {
			return installed[i].Name, true
		}
	}
	return name, false
}

// maxInstalled limits with how many values of what installs a chart one is rendered that fails with its own.
const maxInstalled = 4

func (s *scenarios) renderOne(ctx context.Context, i int) {
	if ctx.Err() != nil {
		return
	}
	if s.limit.IsOver() && !isOwn(s.all[i]) { // the chart's own values come last, and are not left out
		s.late.Add(1)
		return
	}
	c, one := s.chart, s.all[i]
	s.run.begin(c.Dir, cmp.Or(one.Name, lint.DefaultScenario))
	v := s.run.unit(ctx, scenarioID(c, one), func(at func(string)) *Part {
		out, reach := s.own, s.ownReach
		if out == nil || !isOwn(one) {
			out, reach = s.run.renderChart(ctx, c, one, s.sources, at)
		}
		isWhole := out.Unit != nil && len(out.Problems) == 0
		if one.Name == lint.DefaultScenario && !isWhole {
			s.failed.Store(true)
		}
		if i < s.given && isRefused(out) {
			s.refused.Add(1)
			return nil
		}
		if out.Unit != nil {
			out.Unit.AddLacking(s.problems)
			if isOwn(one) && !s.run.helmfiles.Publishes(s.file.Tree, s.file.Name) {
				out.Unit.SetByInstalls = s.run.setByInstalls(c)
			}
			out = s.settled(ctx, i, out, at)
		}
		s.reached[i] = reach
		part := &Part{Rendered: out, Summary: lint.Summary{Scenarios: 1, Rendered: printedElsewhere(c, reach)}}
		s.run.acceptOfTests(c, part)
		return part
	})
	s.done[i] = v.Done && !v.Again
}

// isRefused reports whether a chart lacks something with the values that it is rendered with. A schema that is invalid itself says nothing about them.
func isRefused(out *lint.Rendered) bool {
	return out.Unit == nil || slices.ContainsFunc(out.Problems, func(p lint.Problem) bool {
		return p.Code != lint.CodeSchemaViolation || !strings.HasPrefix(p.Message, helm.InvalidSchema)
	})
}

// StreamCoverage renders the charts of a plan as Stream does. The part of each
// chart as a whole says which lines of its templates no scenario reached, and
// what keeps them from it.
func (p *Plan) StreamCoverage(ctx context.Context, each func(Part)) *Result {
	r := &run{plan: p, each: each, wantCoverage: true, definitions: definitions.Finder{Found: p.found}}
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
	if out.Unit != nil {
		out.Unit.OfTests = r.takenIn.isTest[c.Dir]
		dropDeadTests(out)
	}
	out.Sources = append(out.Sources, sources...)
	for _, v := range s.Values {
		if v.At == nil { // a file as it is
			out.Sources = append(out.Sources, lint.SourceText{Name: v.Name, Text: v.Data})
		}
	}
	return out, reach
}

// acceptOfTests turns what a chart that tests others does not render into a reason to skip it: its tests give it other values, and try what
// fails. A limit stays a problem.
func (r *run) acceptOfTests(c *helm.Chart, part *Part) {
	n := len(part.Problems)
	if !r.takenIn.isTest[c.Dir] || n == 0 {
		return
	}
	if part.Unit != nil {
		part.Unit.AddLacking(part.Problems)
	}
	part.Problems = slices.DeleteFunc(slices.Clone(part.Problems), func(p lint.Problem) bool { return p.Code != lint.CodeLimit })
	if len(part.Problems) < n {
		reason := "it tests other charts, and not all of it renders with these values: name it to see why"
		part.Summary.Skipped = append(part.Summary.Skipped, lint.Skip{File: c.Dir, Reason: reason})
	}
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

// exploreWorkloads renders a chart that prints no workload with the values that its workloads need, and returns what that reached.
func (r *run) exploreWorkloads(ctx context.Context, c *helm.Chart, reached []*helm.Reach, sources []lint.SourceText) (more []*helm.Reach) {
	for _, s := range c.ExploreWorkloads(reached...) {
		if ctx.Err() != nil {
			break
		}
		r.begin(c.Dir, s.Name)
		r.unit(ctx, scenarioID(c, s), func(at func(string)) *Part {
			out, reach := r.renderChart(ctx, c, s, sources, at)
			if reach == nil || !reach.PrintsWorkload() {
				return nil
			}
			more = append(more, reach)
			return &Part{Rendered: out, Summary: lint.Summary{Scenarios: 1, Rendered: printedElsewhere(c, reach)}}
		})
	}
	return more
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

// chartOptions are those of a chart in the configuration.
func (p *Plan) chartOptions(f discover.File) (opts ChartOptions) {
	if p.opts.Chart != nil {
		opts = p.opts.Chart(f.Display())
	}
	return opts
}

// configured are the scenarios of a chart without -f and --set: its defaults,
// what it brings for its tests, those of the configuration and of --scenario.
func (r *run) configured(f discover.File, c *helm.Chart, whole *Part) []helm.Scenario {
	opts := r.plan.chartOptions(f)
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

// takenIn are the charts that others take in by file://, and are made for these: none of those is beside them, where
// a repository has the charts that it publishes, unless its release-please releases only that one.
type takenIn struct {
	// parents are the charts that take in a chart, and isParent is set for each of these.
	parents  map[discover.ID][]discover.File
	isParent map[discover.ID]bool
	// renderedBy is a chart that renders one with its own values, as reports call it, by the name of that one; values are what others set for
	// it.
	renderedBy map[string]string
	values     map[string][]parentValues
	// isTest is set for the charts that test others, as reports call them: nothing is linted through these.
	isTest map[string]bool
}

// parentValues is what a chart sets for one that it takes in.
type parentValues struct {
	parent discover.File
	helm.TakenIn
	// isOn says that the parent takes it in with its own values.
	isOn bool
}

// level is how many charts are above a chart of those that take it in: it is rendered after these. Charts that take in each other are on one.
func (t *takenIn) level(id discover.ID, levels map[discover.ID]int) int {
	if level, ok := levels[id]; ok {
		return level
	}
	levels[id] = 0
	level := 0
	for _, p := range t.parents[id] {
		level = max(level, t.level(p.ID(), levels)+1)
	}
	levels[id] = level
	return level
}

// releases are the directories that the repository of each tree releases, by the tree's directory.
type releases map[string]map[string]bool

// publishes reports whether a chart of a tree that another one takes in is published, as far as is known: it is beside that one, and the
// repository does not release only the other one of the two.
func (l releases) publishes(t *tree.Tree, dir, by string) bool {
	if path.Dir(dir) != path.Dir(by) {
		return false
	}
	released, isKnown := l[t.Dir()]
	if !isKnown {
		released = siblings.Released(t)
		l[t.Dir()] = released
	}
	return released[dir] || !released[by]
}

// findTakenIn finds the charts that are linted through others. What the command line names is linted by itself, and so is
// what changed.
func (r *run) findTakenIn() {
	t := takenIn{parents: map[discover.ID][]discover.File{}, isParent: map[discover.ID]bool{}, renderedBy: map[string]string{}, values: map[string][]parentValues{}, isTest: map[string]bool{}}
	found := r.plan.found
	all := map[discover.ID]bool{}
	if r.plan.changed == nil && len(r.plan.opts.Values)+len(r.plan.opts.Set) == 0 {
		for _, f := range found.Charts {
			all[f.ID()] = !f.Named && found.Parts[f.ID()] == nil
		}
	}
	beside := map[discover.ID]bool{}
	released := releases{}
	for _, f := range found.Charts {
		if found.Parts[f.ID()] != nil {
			continue
		}
		references := r.plan.charts.LocalReferences(f.Tree, f.Name)
		if found.IsTestChart(f, references) {
			t.isTest[f.Display()] = true
			continue
		}
		for _, dir := range references {
			id := discover.ID{Dir: f.Tree.Dir(), Name: dir}
			if beside[id] = beside[id] || released.publishes(f.Tree, dir, f.Name); all[id] && dir != f.Name {
				t.parents[id] = append(t.parents[id], f)
			}
		}
	}
	maps.DeleteFunc(t.parents, func(id discover.ID, _ []discover.File) bool { return beside[id] })
	for _, parents := range t.parents {
		for _, f := range parents {
			t.isParent[f.ID()] = true
		}
	}
	r.takenIn = t
}

// takes notes what a chart takes in. isRendered says that it was rendered with its own values, all of it.
func (r *run) takes(f discover.File, c *helm.Chart, isRendered bool) {
	if c == nil {
		return
	}
	l := c.TakesIn()
	renders, isWhole := c.Renders()
	r.edit(func(*Result) {
		for dir := range renders {
			if by := r.takenIn.renderedBy[dir]; isRendered && isWhole && dir != f.Display() && (by == "" || f.Display() < by) {
				r.takenIn.renderedBy[dir] = f.Display()
			}
		}
		for _, t := range l {
			dir := f.Tree.Display(t.Dir)
			r.takenIn.values[dir] = append(r.takenIn.values[dir], parentValues{f, t, renders[dir]})
		}
	})
}

// chartTasks are the tasks that render charts, in groups: those of charts that others take in come after these.
func (r *run) chartTasks(ctx context.Context) (groups [][]task) {
	levels := map[discover.ID]int{}
	for _, c := range r.plan.found.Charts {
		level := r.takenIn.level(c.ID(), levels)
		for len(groups) <= level {
			groups = append(groups, nil)
		}
		groups[level] = append(groups[level], task{r.expect(c.Display()), func() { r.chart(ctx, c) }})
	}
	return groups
}

// maxParentValues limits with how many values of others a chart is rendered that these take in.
const maxParentValues = 8

// throughParents are the scenarios of a chart that others take in: it is linted as these render it or, if none does with its own
// values, with what they set for it.
type throughParents struct {
	scenarios []helm.Scenario
	// replaced is the scenario of the chart's own values that is left out. Nil if it is not.
	replaced *helm.Scenario
	// given is how many of the scenarios, the first ones, are what others set for the chart, and sources are the files of these.
	given   int
	sources []lint.SourceText
	why     string
	// beside are scenarios in which the chart is rendered if it refuses its own values, before those of the files beside these.
	beside []helm.Scenario
}

func (r *run) throughParents(f discover.File, l []helm.Scenario, whole *Part) throughParents {
	own := slices.IndexFunc(l, func(s helm.Scenario) bool { return s.Name == lint.DefaultScenario && len(s.Values) == 0 })
	if own < 0 || r.takenIn.parents[f.ID()] == nil {
		return throughParents{scenarios: l}
	}
	r.mu.Lock()
	by, values := r.takenIn.renderedBy[f.Display()], slices.Clone(r.takenIn.values[f.Display()])
	r.mu.Unlock()
	t := throughParents{scenarios: slices.Delete(slices.Clone(l), own, own+1), replaced: &l[own]}
	if by != "" {
		t.why = "its own values: it is linted as a dependency of " + by + "; name it to lint it alone"
		if len(t.scenarios) == 0 {
			whole.Summary.Skipped = append(whole.Summary.Skipped, lint.Skip{File: f.Display(), Reason: t.why})
		}
		return t
	}
	slices.SortFunc(values, func(a, b parentValues) int {
		return cmp.Or(cmp.Compare(a.parent.Display(), b.parent.Display()), cmp.Compare(a.Key, b.Key))
	})
	var given []helm.Scenario
	for _, v := range values {
		if v.Values.Data == nil || v.isOn { // one that takes it as it is, or one with which it could not be rendered
			return throughParents{scenarios: l}
		}
		if len(given) == maxParentValues || slices.ContainsFunc(given, func(s helm.Scenario) bool { return bytes.Equal(s.Values[0].Data, v.Values.Data) }) {
			continue
		}
		s := l[own]
		s.Name = v.Key + " of " + v.parent.Display()
		s.Alias, s.ReleaseName = v.Key, cmp.Or(s.ReleaseName, v.By) // as in the release of the other one
		v.Values.LineAt = f.Tree.LineAt
		s.Values = []helm.ValuesFile{v.Values}
		given = append(given, s)
		if text, err := v.parent.Tree.ReadFile(path.Join(v.parent.Name, "values.yaml")); err == nil {
			t.sources = append(t.sources, lint.SourceText{Name: v.Values.Name, Text: text})
		}
	}
	if len(given) == 0 {
		return throughParents{scenarios: l}
	}
	t.scenarios, t.given = append(given, t.scenarios...), len(given)
	t.why = "its own values: it is linted with those that " + values[0].parent.Display() + " sets for it; name it to lint it alone"
	return t
}
