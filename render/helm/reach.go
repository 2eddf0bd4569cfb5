package helm

import (
	"cmp"
	"context"
	"slices"

	"github.com/kubevet/kubevet/render/helm/branch"

	"github.com/kubevet/kubevet/render/helm/trace"

	"github.com/kubevet/kubevet/lint"
)

// Reach is what one rendering of a chart reached of its templates.
type Reach struct {
	branch.Reached
	scenario Scenario
	// problems are those of the rendering.
	problems map[lint.Problem]bool
}

// RenderReach renders as Render does, and tells what was reached.
func (c *Chart) RenderReach(ctx context.Context, s Scenario) (*lint.Rendered, *Reach) {
	r := newRendering(ctx, c)
	r.scenario = s
	r.render(&s)
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
		Reached:  branch.Reached{Name: cmp.Or(s.Name, DefaultScenario), Nodes: map[string][]int{}, Printed: map[string]bool{}, Keys: r.keys},
		scenario: *s,
		problems: map[lint.Problem]bool{},
	}
	for _, c := range r.Compiled {
		file := c.Src.File
		l := re.Nodes[file]
		for _, s := range c.Asked {
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
	return re
}

// demote makes the problems of an explored scenario notes, and drops those that
// the scenario it was made of has too.
func (r *rendering) demote(s *Scenario) {
	for _, p := range r.out.Problems {
		if !s.known[p] {
			p.Message = s.Name + ": " + p.Message
			r.note(p)
		}
	}
	r.out.Problems = nil
}
