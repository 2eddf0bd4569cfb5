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
	for _, i := range runs(f.Stages...) {
		for _, u := range usesOf(i) {
			if u.family() == "apt-get" && u.isInstall() && len(u.names) > 0 && !turnsRecommendsOff(u, i) {
				f.report(i, u.command.Words[0], "RUN installs packages with %s and those that they recommend; want --no-install-recommends", u.name)
			}
		}
	}
}

// turnsRecommendsOff reports whether an option, or the configuration that the same
// instruction writes, turns recommended packages off.
func turnsRecommendsOff(u use, i *dockerfile.Instruction) bool {
	if u.has("--no-install-recommends", "-R", "--without-recommends") {
		return true
	}
	off := func(text string) bool {
		text = strings.ToLower(text)
		return strings.Contains(text, "install-recommends") && (strings.Contains(text, "false") || strings.Contains(text, "\"0") || strings.Contains(text, "=0") || strings.Contains(text, "no"))
	}
	for _, s := range i.Stage.Lineage() {
		for _, run := range runs(s) {
			for _, w := range run.Words {
				if off(w.Text) {
					return true
				}
			}
		}
	}
	return false
}
