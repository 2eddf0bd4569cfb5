package dockerfile

import "github.com/kubevet/kubevet/lint"

// DockerfileNoMaintainer reports the instruction MAINTAINER.
//
// Docker deprecated it: scanners and registries do not read it, so that nobody is found when a
// flaw is.
//
// The label org.opencontainers.image.authors takes its place.
var DockerfileNoMaintainer = &lint.Rule{
	ID:        "dockerfile-no-maintainer",
	Title:     "MAINTAINER is deprecated",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"images-minimal"},
	Fix:       "use LABEL org.opencontainers.image.authors",
	Check:     each(checkNoMaintainer),
}

func checkNoMaintainer(f file) {
	for _, i := range f.Instructions {
		if i.Name == "MAINTAINER" {
			f.report(i, i.Keyword, "MAINTAINER is deprecated; want LABEL org.opencontainers.image.authors")
		}
	}
}
