package images

import (
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// NoDeprecatedRegistry reports images from registries of Kubernetes that are frozen: k8s.gcr.io and
// gcr.io/google-containers.
//
// Nothing new has been published there since April 2023, so what runs from there has had no
// security fix since; and one day the pull will fail.
//
// The images of k8s.gcr.io, and their newer versions, are at registry.k8s.io under the same names; those
// of gcr.io/google-containers are there or with whoever makes them now.
var NoDeprecatedRegistry = &lint.Rule{
	ID:        "no-deprecated-registry",
	Title:     "Image comes from a frozen registry",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"images-no-latest-no-remote-control"},
	Fix:       "pull the image from registry.k8s.io or from its maker",
	Check:     lint.PodOrContainerCheck{Of: lint.Containers, Check: checkFrozen},
}

func checkFrozen(p *lint.Pass, h lint.PodOrContainer) {
	v := h.Get("image")
	d := lint.Diagnostic{Subject: h, At: v, Message: h.Label() + " uses image " + v.Text() + " of a frozen registry; want "}
	if rest, ok := strings.CutPrefix(v.Text(), "k8s.gcr.io/"); ok {
		d.Want = "registry.k8s.io/" + rest
		d.Message += d.Want
		p.Report(d)
		return
	}
	for _, prefix := range []string{"gcr.io/google-containers/", "gcr.io/google_containers/"} {
		if strings.HasPrefix(v.Text(), prefix) {
			d.Message += "one of registry.k8s.io or of its maker"
			p.Report(d)
		}
	}
}
