package dockerfile

import (
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// DockerfileNoFixedPlatform reports FROM with a --platform that is no variable.
//
// The image is of that platform on every machine: on nodes of another kind it does not start, or
// runs in an emulator.
//
// $BUILDPLATFORM and other variables pass, and so does a Windows platform.
var DockerfileNoFixedPlatform = &lint.Rule{
	ID:        "dockerfile-no-fixed-platform",
	Title:     "FROM is tied to one platform",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"images-minimal"},
	Fix:       "remove --platform, or use $BUILDPLATFORM or $TARGETPLATFORM",
	Check:     each(checkNoFixedPlatform),
}

func checkNoFixedPlatform(f file) {
	for _, s := range f.Stages {
		if w, ok := s.From.Flag("platform"); ok && !strings.Contains(w.Text, "$") && !s.IsWindows {
			f.report(s.From, w, "FROM has the fixed platform %s; want a variable, or none", w.Text)
		}
	}
}
