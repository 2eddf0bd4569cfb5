package dockerfile

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
)

// DockerfileAssumeYes reports apt-get, yum, dnf and zypper that install without -y.
//
// A build has nobody who answers: the package manager stops, or does nothing, and the image
// lacks what it should have.
//
// Configuration, other than DEBIAN_FRONTEND, and yes in a pipe pass. microdnf counts where the
// base image is known to have one that asks, as from version 9 of UBI on: before, it assumes yes.
var DockerfileAssumeYes = &lint.Rule{
	ID:        "dockerfile-assume-yes",
	Title:     "Package manager waits for an answer",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"images-pinned-no-secrets"},
	Fix:       "add -y",
	Check:     each(checkAssumeYes),
}

func checkAssumeYes(f file) {
	for _, i := range runs(f.Stages...) {
		for _, u := range usesOf(i) {
			if !u.isInstall() || u.assumesYes == nil || u.has(u.assumesYes...) || u.command.Input != nil || len(u.names) == 0 || answersAlways(u) || u.name == "microdnf" && !microdnfAsks(i.Stage.Base()) {
				continue
			}
			f.report(i, u.command.Words[0], "RUN installs packages with %s, which waits for an answer; want -y", u.name)
		}
	}
}

// release finds the release of a distribution in the reference of its image: ubi9/ubi-minimal,
// almalinux:9-minimal.
var release = regexp.MustCompile(`(?:/ubi|linux:|fedora[a-z-]*:|centos:stream|ubi-minimal:)(\d+)`)

// microdnfAsks reports whether microdnf waits for an answer in an image.
func microdnfAsks(base string) bool {
	m := release.FindStringSubmatch(base)
	if m == nil {
		return false
	}
	n, err := strconv.Atoi(m[1])
	return err == nil && n >= 9
}

// answersAlways reports whether an option sets the answer by another way.
func answersAlways(u use) bool {
	if u.family() == "apt-get" {
		quiet := 0
		for _, w := range u.flags {
			if w.Text == "-q=2" || strings.Contains(strings.ToLower(w.Text), "assume-yes") {
				return true
			}
			if strings.HasPrefix(w.Text, "-") && !strings.HasPrefix(w.Text, "--") {
				quiet += strings.Count(w.Text, "q")
			} else if w.Text == "--quiet" {
				quiet++
			}
		}
		return quiet > 1
	}
	return slices.ContainsFunc(u.flags, func(w dockerfile.Word) bool { return strings.Contains(w.Text, "assumeyes") })
}
