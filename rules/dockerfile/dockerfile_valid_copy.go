package dockerfile

import (
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
)

// DockerfileValidCopy reports COPY --from that names its own stage or one that comes later, and
// COPY and ADD of several sources whose target does not end with a slash.
//
// The build fails, or COPY takes the files of an image from a registry that happens to have the
// name of a stage: anyone who publishes it decides what is in yours.
//
// A name that no stage has is an image, or a context that the build is given.
var DockerfileValidCopy = &lint.Rule{
	ID:        "dockerfile-valid-copy",
	Title:     "COPY cannot work",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"images-minimal"},
	Refs: []lint.Ref{
		{Standard: owasp, Control: "K01"},
	},
	Fix:   "name an earlier stage, and end the target of several files with a slash",
	Check: each(checkValidCopy),
}

func checkValidCopy(f file) {
	for _, s := range f.Stages {
		for _, i := range s.Instructions {
			if i.Name != "COPY" && i.Name != "ADD" {
				continue
			}
			if from, ok := i.Flag("from"); ok && i.Name == "COPY" {
				checkFrom(f, s, i, from)
			}
			if n := len(i.Words); n > 2 {
				target, isKnown := i.Expand(i.Words[n-1])
				if isKnown && target != "." && target != ".." && !strings.HasSuffix(target, "/") && !strings.HasSuffix(target, "\\") && !strings.HasSuffix(target, "/.") && !strings.HasPrefix(i.Words[0].Text, "<<") {
					f.report(i, i.Words[n-1], "%s has several sources, and its target %s does not end with a slash", i.Name, i.Words[n-1].Text)
				}
			}
		}
	}
}

func checkFrom(f file, s *dockerfile.Stage, i *dockerfile.Instruction, from dockerfile.Word) {
	index, err := strconv.Atoi(from.Text)
	var of *dockerfile.Stage
	if err == nil && index < len(f.Stages) && index >= 0 {
		of = f.Stages[index]
	} else {
		of = f.Stage(from.Text)
	}
	switch {
	case of == s:
		f.report(i, from, "COPY --from=%s is the stage itself; want an earlier one", from.Text)
	case of != nil && of.Index > s.Index:
		f.report(i, from, "COPY --from=%s is a stage that comes later; want an earlier one", from.Text)
	}
}
