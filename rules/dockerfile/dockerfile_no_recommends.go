package dockerfile

import (
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
)

// DockerfileNoRecommends reports apt-get install without --no-install-recommends.
//
// Recommended packages are more programs that nobody asked for: each is more to patch, and
// more for an attacker to use.
//
// A configuration of apt in the Dockerfile that turns them off passes.
var DockerfileNoRecommends = &lint.Rule{
	ID:        "dockerfile-no-recommends",
	Title:     "Recommended packages are installed, too",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"images-few-packages-ports-layers"},
	Fix:       "add --no-install-recommends",
	Check:     each(checkNoRecommends),
}

func checkNoRecommends(f file) {
	configured := map[*dockerfile.Stage]bool{}
	for _, s := range f.Stages {
		configured[s] = turnsRecommendsOff(s) || configured[s.Parent]
	}
	for _, i := range runs(f.Stages...) {
		if configured[i.Stage] {
			continue
		}
		for _, u := range usesOf(i) {
			if u.family() == "apt-get" && u.isInstall() && len(u.names) > 0 && !u.has("--no-install-recommends", "-R", "--without-recommends") {
				f.report(i, u.command.Words[0], "RUN installs packages with %s and those that they recommend; want --no-install-recommends", u.name)
			}
		}
	}
}

// turnsRecommendsOff reports whether an instruction of a stage writes a configuration
// that turns recommended packages off.
func turnsRecommendsOff(s *dockerfile.Stage) bool {
	off := func(text string) bool {
		text = strings.ToLower(text)
		return strings.Contains(text, "install-recommends") && (strings.Contains(text, "false") || strings.Contains(text, "\"0") || strings.Contains(text, "=0") || strings.Contains(text, "no"))
	}
	for _, run := range runs(s) {
		for _, w := range run.Words {
			if off(w.Text) && !strings.HasPrefix(w.Text, "--no-install") {
				return true
			}
		}
	}
	return false
}
