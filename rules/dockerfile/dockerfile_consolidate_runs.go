package dockerfile

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
)

// DockerfileConsolidateRuns reports three and more RUN instructions in a row in the final stage.
//
// Each makes a layer. What one adds and the next removes stays in the image, secrets included,
// and can be taken out of it.
//
// Instructions with different mounts, network or security are not counted together, and those
// of other stages leave no layers.
var DockerfileConsolidateRuns = &lint.Rule{
	ID:        "dockerfile-consolidate-runs",
	Title:     "Several RUN instructions could be one",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"images-few-packages-ports-layers"},
	Fix:       "join the commands with &&, or in one here-document",
	Check:     each(checkConsolidateRuns),
}

// maxRuns is how many RUN instructions may follow each other.
const maxRuns = 2

func checkConsolidateRuns(f file) {
	for _, s := range f.Final().Lineage() {
		var row []*dockerfile.Instruction
		check := func() {
			if len(row) > maxRuns {
				f.report(row[1], row[1].Keyword, "%d RUN instructions follow each other in the final stage; want one", len(row))
			}
			row = nil
		}
		for _, i := range s.Instructions {
			switch {
			case i.Name != "RUN":
				check()
			case len(row) > 0 && !slices.EqualFunc(row[0].Flags, i.Flags, func(a, b dockerfile.Word) bool { return a.Text == b.Text }):
				check()
				row = append(row, i)
			default:
				row = append(row, i)
			}
		}
		check()
	}
}
