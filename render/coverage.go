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
	r.result.Problems = p.found.problems
	parallel(p.opts.Jobs, len(p.found.charts), func(i int) { r.chart(ctx, p.found.charts[i]) })
	if len(r.coverage) == 0 && len(r.result.Problems) == 0 {
		r.result.Problems = append(r.result.Problems, lint.Problem{
			Message: "no chart found", Help: "name a chart, or a directory that holds one",
		})
	}
	slices.SortFunc(r.coverage, func(a, b *helm.Coverage) int { return cmp.Compare(a.Dir, b.Dir) })
	w := bufio.NewWriter(out)
	for i, c := range r.coverage {
		if i > 0 {
			fmt.Fprintln(w)
		}
		c.Print(w)
	}
	return r.result.Problems, w.Flush()
}
