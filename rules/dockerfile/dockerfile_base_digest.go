package dockerfile

import (
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
	"github.com/kubevet/kubevet/lint/node"
)

// DockerfileBaseDigest reports FROM with an image that has no digest.
//
// A tag can be moved: anyone who can push to the base's repository decides what the next build
// contains. A digest names one image forever, and Renovate or Dependabot keeps it up to date.
//
// Names of stages, scratch, and images in variables without a default are not reported. A digest that is
// no algorithm with as many digits as it yields, such as @v1 or @sha256, is: no builder accepts it.
var DockerfileBaseDigest = &lint.Rule{
	ID:        "dockerfile-base-digest",
	Title:     "Base image is not named by digest",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"images-digest-or-signature", "images-pinned-no-secrets"},
	Fix:       "add the digest of the base image: FROM name:tag@sha256:…",
	Check:     each(checkBaseDigest),
}

func checkBaseDigest(f file) {
	for _, s := range f.Stages {
		if s.Image == "" || s.Image == "scratch" {
			continue
		}
		i, at := f.base(s)
		switch digest := dockerfile.ParseReference(s.Image).Digest; {
		case digest == "" && f.isLocal(s.Image):
		case digest == "":
			f.report(i, at, "FROM uses image %s without a digest; want name:tag@sha256:…", s.Image)
		case isMalformed(digest):
			f.report(i, at, "FROM uses image %s, whose digest is malformed; want name:tag@sha256:…", s.Image)
		}
	}
}

// isMalformed reports a digest that no builder accepts. One that somebody completes later, such as
// sha256:DIGEST or sha256:…, is not known.
func isMalformed(digest string) bool {
	_, digits, _ := strings.Cut(digest, ":")
	isUnknown := node.HasPlaceholder(digest) || node.IsCapitals(digits) || node.IsCapitals(digest) || strings.ContainsAny(digest, "<>{}%…") || strings.Contains(digest, "..")
	return !isUnknown && !dockerfile.IsDigest(digest)
}
