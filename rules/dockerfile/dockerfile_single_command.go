package dockerfile

import (
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
)

// DockerfileSingleCommand reports a second CMD, ENTRYPOINT or HEALTHCHECK in one stage.
//
// Only the last one counts: what the others start, a program that drops rights for one, is
// never run.
//
// Those of different stages are fine.
var DockerfileSingleCommand = &lint.Rule{
	ID:        "dockerfile-single-command",
	Title:     "Only the last of several instructions counts",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"images-few-packages-ports-layers"},
	Fix:       "remove all but the last one",
	Check:     each(checkSingleCommand),
}

func checkSingleCommand(f file) {
	for _, s := range f.Stages {
		last := map[string]*dockerfile.Instruction{}
		for _, i := range s.Instructions {
			if i.Name != "CMD" && i.Name != "ENTRYPOINT" && i.Name != "HEALTHCHECK" {
				continue
			}
			if before := last[i.Name]; before != nil {
				f.reportIn(before, lint.Diagnostic{
					At: before.Keyword.Value(), Part: i.Name, Related: []lint.Related{{Document: f.document, At: i.Keyword.Value(), Label: "the one that counts"}},
				}, "stage has another %s below, and only the last one counts", i.Name)
			}
			last[i.Name] = i
		}
	}
}
