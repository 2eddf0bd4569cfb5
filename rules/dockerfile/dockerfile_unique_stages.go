package dockerfile

import (
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
)

// DockerfileUniqueStages reports stages with the name of an earlier one.
//
// COPY --from and FROM take the last stage of the name that is above them: after a change of the
// order the image is made of something else.
//
// Names are compared without case, as Docker does.
var DockerfileUniqueStages = &lint.Rule{
	ID:        "dockerfile-unique-stages",
	Title:     "Two stages have the same name",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"images-minimal"},
	Refs: []lint.Ref{
		{Standard: owasp, Control: "K01"},
	},
	Fix:   "give each stage a name of its own",
	Check: each(checkUniqueStages),
}

func checkUniqueStages(f file) {
	seen := map[string]*dockerfile.Stage{}
	for _, s := range f.Stages {
		if first := seen[s.Name]; first != nil && s.Name != "" {
			f.reportIn(s.From, lint.Diagnostic{
				At: s.From.Words[2].Value(), Part: s.Name, Related: []lint.Related{{Document: f.document, At: first.From.Words[2].Value(), Label: "the first stage of the name"}},
			}, "stage %s has the name of an earlier one", s.Name)
		}
		seen[s.Name] = s
	}
}
