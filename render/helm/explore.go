package helm

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/helm/branch"
	"github.com/kubevet/kubevet/render/helm/trace"
	"github.com/kubevet/kubevet/render/helm/values"
)

// maxExplored limits the scenarios that are made for one chart.
const maxExplored = 64

// Explore makes scenarios that enter blocks of the chart's own templates that no
// rendering entered. Each is one of the bases with changed values that one block needs,
// usually one value: metrics.enabled=true. It also tries every *.enabled and *.create
// that is false, and every condition of a dependency. Empty texts get a value only if the
// value is the name of another object, and empty maps only if they hold labels. Lists are
// never changed. The note says how many scenarios were left out, if any.
//
// Scenarios that change switches come first, then those that change names, then labels;
// within each group, those that enter the largest block come first. Some of the scenarios
// reach nothing new: see Coverage.Adds.
func (c *Chart) Explore(cov *branch.Coverage, bases ...*Reach) (l []Scenario, notes []lint.Problem) {
	e := &explorer{chart: c, seen: map[string]bool{}}
	blocks := cov.Blocks()
	for _, base := range bases {
		if base.Keys == nil {
			continue
		}
		for i := range blocks {
			for _, s := range blocks[i].Enable(base.Keys) {
				e.add(base, blocks[i].Lines, s)
			}
		}
		e.toggles(base)
	}
	slices.SortStableFunc(e.found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.class, b.class), cmp.Compare(b.lines, a.lines))
	})
	if n := len(e.found) - maxExplored; n > 0 {
		notes = append(notes, lint.Problem{
			Position: lint.Position{File: c.Dir},
			Message:  fmt.Sprintf("exploring: %d of %d scenarios are left out, those that enable the smallest blocks", n, len(e.found)),
		})
		e.found = e.found[:maxExplored]
	}
	for _, f := range e.found {
		l = append(l, f.Scenario)
	}
	return l, notes
}

// maxWorkloads limits how many scenarios are tried for the workloads of a chart that prints none.
const maxWorkloads = 3

// ExploreWorkloads makes scenarios for a chart that prints no workload with its own values, although templates declare some: its users have to
// set a value that it leaves empty. Each scenario enables the largest block of one such template. Whether that prints a workload is seen
// when it is rendered: see Reach.PrintsWorkload.
func (c *Chart) ExploreWorkloads(renderings ...*Reach) (l []Scenario) {
	if slices.ContainsFunc(renderings, (*Reach).PrintsWorkload) {
		return nil
	}
	declares := map[string]bool{}
	for _, f := range c.root.files {
		declares[c.root.path(f.Name)] = slices.ContainsFunc(slices.Concat(kindsOf(string(f.Data))...), isWorkload)
	}
	files := slices.DeleteFunc(c.Unrendered(renderings...), func(file string) bool { return !declares[file] })
	if len(files) == 0 {
		return nil
	}
	blocks := c.Coverage(renderings...).Blocks()
	slices.SortStableFunc(blocks, func(a, b branch.Block) int { return cmp.Compare(b.Lines, a.Lines) })
	e := &explorer{chart: c, seen: map[string]bool{}}
	for _, file := range files {
		i := slices.IndexFunc(blocks, func(b branch.Block) bool { return b.File == file })
		for _, base := range renderings {
			if i < 0 || base.Keys == nil {
				continue
			}
			for _, s := range blocks[i].Enable(base.Keys) {
				e.add(base, blocks[i].Lines, s)
			}
		}
	}
	for _, f := range e.found[:min(len(e.found), maxWorkloads)] {
		l = append(l, f.Scenario)
	}
	return l
}

// isWorkload reports the kinds that run pods, but for a bare Pod, which charts have for tests.
func isWorkload(kind string) bool {
	switch kind {
	case "CronJob", "DaemonSet", "Deployment", "Job", "StatefulSet":
		return true
	}
	return false
}

// candidate is a scenario that may be worth rendering.
type candidate struct {
	Scenario
	class int // of what it changes: switches, names or labels
	lines int // number of lines in the block that it enters
}

type explorer struct {
	chart *Chart
	seen  map[string]bool // by base and changes
	found []candidate
}

// toggles adds a scenario for each switch that is off, even if no known condition uses
// it.
func (e *explorer) toggles(base *Reach) {
	for _, d := range e.chart.root.metadata().Dependencies {
		if d == nil {
			continue
		}
		for cond := range strings.SplitSeq(d.Condition, ",") {
			steps := strings.Split(strings.TrimSpace(cond), ".")
			if v, _ := base.Keys.At(steps); v == false {
				e.add(base, 0, branch.Solution{Set: []values.Setting{{Steps: steps, Value: true}}})
				break
			}
		}
	}
	e.below(base, base.Keys.Snapshot, nil)
}

func (e *explorer) below(base *Reach, m map[string]any, at []string) {
	for _, name := range trace.SortedKeys(m) {
		steps := trace.Join(at, name)
		switch v := m[name].(type) {
		case map[string]any:
			if len(at) > 0 || !e.isSubchart(name) {
				e.below(base, v, steps)
			}
		case bool:
			if !v && branch.IsToggle(name) {
				e.add(base, 0, branch.Solution{Set: []values.Setting{{Steps: steps, Value: true}}})
			}
		}
	}
}

func (e *explorer) isSubchart(name string) bool {
	for _, d := range e.chart.root.metadata().Dependencies {
		if d != nil && name == cmp.Or(d.Alias, d.Name) {
			return true
		}
	}
	return e.chart.root.has(name)
}

func (e *explorer) add(base *Reach, lines int, change branch.Solution) {
	if len(change.Set)+len(change.APIs) == 0 {
		return
	}
	var words []string
	class := 0
	for _, s := range change.Set {
		v := trace.ScalarText(s.Value)
		switch value := s.Value.(type) {
		case map[string]any:
			class = 2
			v = fmt.Sprintf("{%s: %s}", branch.StandIn, value[branch.StandIn])
		case string:
			class = max(class, 1)
			v = cmp.Or(v, `""`)
		}
		words = append(words, trace.JoinSteps(s.Steps)+"="+v)
	}
	for _, api := range change.APIs {
		words = append(words, "API "+api)
	}
	slices.Sort(words)
	name := "exploring: " + strings.Join(words, ", ")
	if base.scenario.Name != "" && base.scenario.Name != lint.DefaultScenario {
		name += " (" + base.scenario.Name + ")"
	}
	if e.seen[name] {
		return
	}
	e.seen[name] = true
	s := base.scenario
	s.Name, s.Exploring, s.known = name, true, base.problems
	s.over = append(slices.Clip(s.over), change.Set...)
	s.APIVersions = append(slices.Clip(s.APIVersions), change.APIs...)
	e.found = append(e.found, candidate{s, class, lines})
}

// templateFiles is the templates of a chart and its subcharts.
func (s *sources) templateFiles() *branch.ChartFiles {
	l := &branch.ChartFiles{Dir: s.dir, Library: strings.EqualFold(s.metadata().Type, "library")}
	for _, f := range s.files {
		l.Files = append(l.Files, branch.ChartFile{Name: f.Name, Path: s.path(f.Name), Text: f.Data})
	}
	for _, sub := range s.subs {
		l.Subs = append(l.Subs, sub.templateFiles())
	}
	return l
}

// Coverage merges the parts of the chart that several renderings reached.
func (c *Chart) Coverage(renderings ...*Reach) *branch.Coverage {
	return branch.NewCoverage(c.Name, c.root.templateFiles(), reachedBy(renderings))
}

// Unrendered are the chart's own templates that printed nothing in any of the renderings.
// Helpers, notes and templates with only comments are left out.
func (c *Chart) Unrendered(renderings ...*Reach) []string {
	stopped := map[string]bool{}
	for _, r := range renderings {
		for p := range r.problems {
			for file := range strings.SplitSeq(p.Stopped, "\n") {
				stopped[file] = true
			}
		}
	}
	return slices.DeleteFunc(branch.Unrendered(c.root.templateFiles(), reachedBy(renderings)), func(file string) bool { return stopped[file] })
}

// PrintedIn are the chart's own templates that printed something in a rendering.
func (c *Chart) PrintedIn(rendering *Reach) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(rendering.Printed)), func(file string) bool { return !rendering.Printed[file] })
}

func reachedBy(renderings []*Reach) []*branch.Reached {
	l := make([]*branch.Reached, len(renderings))
	for i, r := range renderings {
		l[i] = &r.Reached
	}
	return l
}

// Coverage is the parts of a chart's templates that its scenarios reached.
type Coverage = branch.Coverage

// Reach is the parts of a chart's templates that one rendering reached.
type Reach struct {
	branch.Reached
	scenario Scenario
	// problems are the problems of the rendering.
	problems map[lint.Problem]bool
	// printsWorkload is set if an object has pods.
	printsWorkload bool
}

// PrintsWorkload reports whether the rendering has an object with pods.
func (re *Reach) PrintsWorkload() bool { return re.printsWorkload }

// RenderReach renders as Render does, and also returns what was reached.
func (c *Chart) RenderReach(ctx context.Context, s Scenario) (*lint.Rendered, *Reach) {
	r := newRendering(ctx, c)
	r.scenario = s
	r.render(&s)
	r = r.withAPIs(ctx)
	s = r.scenario
	if !s.trial {
		c.steps.Add(int64(r.Budget.Taken))
	}
	r.maskProblems()
	reach := r.reach(&s)
	if s.Exploring {
		r.demote(&s)
	}
	return r.out, reach
}

func (r *rendering) reach(s *Scenario) *Reach {
	re := &Reach{
		Reached:  branch.Reached{Name: cmp.Or(s.Name, lint.DefaultScenario), Nodes: map[string][]int{}, Printed: map[string]bool{}, Keys: r.keys},
		scenario: *s,
		problems: map[lint.Problem]bool{},
	}
	for _, c := range r.Compiled {
		file := c.Src.File
		l := re.Nodes[file]
		for _, s := range c.Numbered {
			if r.Reached.Has(s.Number) {
				l = append(l, s.Pos)
			}
		}
		re.Nodes[file] = l
	}
	for file, l := range re.Nodes { // an aliased subchart has its files several times
		slices.Sort(l)
		re.Nodes[file] = slices.Compact(l)
	}
	for _, f := range r.files {
		if !trace.IsBlank(f.text) {
			re.Printed[f.task.src.File] = true
		}
	}
	for _, p := range r.out.Problems {
		re.problems[p] = true
	}
	if u := r.out.Unit; u != nil {
		re.printsWorkload = slices.ContainsFunc(u.Objects, func(o *lint.Object) bool { return len(o.Workloads) > 0 })
	}
	return re
}

// demote turns the problems of an explored scenario into notes. It drops those that the
// base scenario has too.
func (r *rendering) demote(s *Scenario) {
	for _, p := range r.out.Problems {
		if !s.known[p] {
			p.Message = s.Name + ": " + p.Message
			r.note(p)
		}
	}
	r.out.Problems = nil
}
