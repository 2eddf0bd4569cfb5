package dockerfile

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
)

// DockerfileNoPackageUpgrade reports RUN instructions that upgrade all packages.
//
// What the image contains depends on the day of its build, and the base that was scanned is not
// what runs. The layer has every upgraded file twice.
//
// An upgrade of named packages passes, and so does one that is limited to the fixes of a kind or of
// an advisory: --security, --cve=…. Many teams upgrade on purpose, so that an old base gets
// its fixes; the rule is for those that rebuild their bases.
var DockerfileNoPackageUpgrade = &lint.Rule{
	ID:        "dockerfile-no-package-upgrade",
	Title:     "All packages are upgraded in the build",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"images-pinned-no-secrets"},
	Fix:       "begin with a newer base image",
	Check:     each(checkNoPackageUpgrade),
}

// selections are the options of dnf, yum and zypper that limit an upgrade to some fixes.
var selections = []string{
	"--security", "--bugfix", "--advisory", "--advisories", "--cve", "--cves", "--bz", "--bzs", "--bugzilla", "--issue", "--category", "--severity",
	"--sec-severity", "--secseverity",
}

func checkNoPackageUpgrade(f file) {
	for _, i := range runs(f.Stages...) {
		for _, u := range usesOf(i) {
			if slices.Contains(u.upgrades, u.verb) && len(u.names) == 0 && !u.has("--only-upgrade") && !u.has(selections...) {
				f.report(i, u.command.Words[0], "RUN upgrades all packages with %s %s; want a newer base image", u.name, u.verb)
			}
		}
	}
}
