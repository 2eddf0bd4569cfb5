package dockerfile

import (
	"path"
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
)

// DockerfilePipefail reports RUN with a pipe whose shell does not set pipefail.
//
// A download or a check that fails in front of the pipe does not stop the build: the image has
// half a file, or one that was not verified.
//
// Only the last command of a pipe decides otherwise. Echo and printf do not fail. Set it by SHELL, or at the start of RUN.
var DockerfilePipefail = &lint.Rule{
	ID:        "dockerfile-pipefail",
	Title:     "A failing command in a pipe goes unnoticed",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"images-integrity-signature"},
	Fix:       "set -o pipefail, by SHELL or in the RUN",
	Check:     each(checkPipefail),
}

// safeWriters are commands that only print what they are given.
var safeWriters = []string{"echo", "printf", "yes", "true"}

func checkPipefail(f file) {
	for _, i := range runs(f.Stages...) {
		if i.HasPipefail() {
			continue
		}
		for _, c := range i.Commands() {
			if c.Words[0].Text == "set" && slices.ContainsFunc(c.Words, func(w dockerfile.Word) bool { return w.Text == "pipefail" }) {
				break
			}
			if c.Output != nil && !c.IsNested && !slices.Contains(safeWriters, path.Base(c.Words[0].Text)) {
				f.report(i, c.Words[0], "RUN has a pipe, and a failure of %s goes unnoticed; want set -o pipefail", path.Base(c.Words[0].Text))
				break
			}
		}
	}
}
