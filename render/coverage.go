package render

import (
	"bufio"
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/helm"
)

// Coverage renders the charts of a plan and writes which lines of their
// templates no scenario reached, and what keeps them from it.
func (p *Plan) Coverage(ctx context.Context, out io.Writer) ([]lint.Problem, error) {
	r := &run{plan: p, each: func(*lint.Rendered) {}, wantCoverage: true}
	r.result.Problems = p.found.Problems
	over := make(chan struct{})
	go func() {
		defer close(over)
		var tasks []task
		for _, c := range p.found.Charts {
			tasks = append(tasks, task{r.expect(c.Display()), func() { r.chart(ctx, c) }})
		}
		r.work(ctx, tasks)
	}()
	result := r.wait(ctx, over)
	coverage := r.coverage
	if len(coverage) == 0 && len(result.Problems) == 0 {
		result.Problems = append(result.Problems, lint.Problem{
			Message: "no chart found", Help: "name a chart, or a directory that holds one",
		})
	}
	slices.SortFunc(coverage, func(a, b *helm.Coverage) int { return cmp.Compare(a.Dir, b.Dir) })
	w := bufio.NewWriter(out)
	for i, c := range coverage {
		if i > 0 {
			fmt.Fprintln(w)
		}
		c.Print(w)
	}
	return result.Problems, w.Flush()
}
