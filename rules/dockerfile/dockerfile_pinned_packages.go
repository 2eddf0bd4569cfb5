package dockerfile

import (
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
)

// DockerfilePinnedPackages reports packages that RUN installs without a version: with apt-get,
// apk, yum, dnf, zypper, pip, npm, gem and go.
//
// The same Dockerfile gives other packages tomorrow, among them one that was taken over, and
// nobody can build yesterday's image again.
//
// A package with a version, from a file, or from a list such as requirements.txt passes. Names
// in variables are not known. Distributions remove old versions, so that builds with pinned
// packages break from time to time: many teams pin the base image by digest instead.
var DockerfilePinnedPackages = &lint.Rule{
	ID:        "dockerfile-pinned-packages",
	Title:     "Packages are installed without a version",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"images-pinned-no-secrets"},
	Fix:       "name the version of each package, or install from a lock file",
	Check:     each(checkPinnedPackages),
}

func checkPinnedPackages(f file) {
	for _, i := range runs(f.Stages...) {
		for _, u := range usesOf(i) {
			if !u.isInstall() || u.name == "gem" && u.has("-v", "--version") {
				continue
			}
			var unpinned []dockerfile.Word
			for _, w := range u.names {
				if !u.pinned.MatchString(w.Text) && !isDynamic(w.Text) {
					unpinned = append(unpinned, w)
				}
			}
			if len(unpinned) > 0 {
				f.report(i, unpinned[0], "RUN installs %s with %s without a version; want %s", list(unpinned), u.name, u.hint)
			}
		}
	}
}
