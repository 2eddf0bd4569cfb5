package dockerfile

import (
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
)

// DockerfileBaseDigest reports FROM with an image that has no digest.
//
// A tag can be moved: anyone who can push to the base's repository decides what the next build
// contains. A digest names one image forever, and Renovate or Dependabot keeps it up to date.
//
// Names of stages, scratch, and images in variables without a default are not reported.
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
		if s.Image != "" && s.Image != "scratch" && dockerfile.ParseReference(s.Image).Digest == "" {
			i, at := f.base(s)
			f.report(i, at, "FROM uses image %s without a digest; want name:tag@sha256:…", s.Image)
		}
	}
}
