package render

import (
	"context"

	"github.com/kubevet/kubevet/lint"
)

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
