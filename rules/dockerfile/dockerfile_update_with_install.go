package dockerfile

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
)

// DockerfileUpdateWithInstall reports RUN instructions that update the package lists of apt-get,
// apk, yum, dnf or zypper and install nothing.
//
// The layer is cached: a later build installs from old lists, and gets packages with known
// flaws, or none at all.
//
// An upgrade, a download or another use of the lists in the same RUN passes. For yum, dnf
// and zypper, update upgrades packages, which dockerfile-no-package-upgrade reports.
var DockerfileUpdateWithInstall = &lint.Rule{
	ID:        "dockerfile-update-with-install",
	Title:     "Package lists are updated in a layer of their own",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"images-pinned-no-secrets"},
	Fix:       "update the lists and install in one RUN",
	Check:     each(checkUpdateWithInstall),
}

func checkUpdateWithInstall(f file) {
	for _, i := range runs(f.Stages...) {
		uses := usesOf(i)
		for _, u := range uses {
			if !slices.Contains(u.updates, u.verb) || u.verb == "check-update" {
				continue
			}
			if !slices.ContainsFunc(uses, func(other use) bool {
				return other.family() == u.family() && !slices.Contains(u.updates, other.verb) && other.verb != "update" && other.verb != "clean"
			}) && !usesLists(i) {
				f.report(i, u.command.Words[0], "RUN updates the lists of %s and installs nothing; want both in one RUN", u.name)
			}
		}
	}
}

// usesLists reports whether an instruction runs a script or program that may install.
func usesLists(i *dockerfile.Instruction) bool {
	return slices.ContainsFunc(i.Commands(), func(c *dockerfile.Command) bool {
		name, args := program(c)
		first := ""
		if len(args) > 0 {
			first = args[0].Text
		}
		return strings.HasSuffix(name, ".sh") || strings.HasSuffix(first, ".sh") || name == "xargs" || name == "apt-cache" || name == "mk-build-deps" ||
			name == "gdebi" || name == "dpkg" || name == "apt-mark" || name == "tasksel" || name == "curl" || name == "wget" || strings.HasPrefix(name, "$")
	})
}
