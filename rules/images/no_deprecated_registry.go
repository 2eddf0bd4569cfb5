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
// The same images, and their newer versions, are at registry.k8s.io.
var NoDeprecatedRegistry = &lint.Rule{
	ID:        "no-deprecated-registry",
	Title:     "Image comes from a frozen registry",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"images-no-latest-no-remote-control"},
	Fix:       "pull the image from registry.k8s.io",
	Check:     lint.HolderCheck{Of: lint.Containers, Check: checkFrozen},
}

// frozen lists the prefixes of the frozen registries.
var frozen = []string{"k8s.gcr.io/", "gcr.io/google-containers/", "gcr.io/google_containers/"}

func checkFrozen(p *lint.Pass, h lint.Holder) {
	v := h.Get("image")
	for _, prefix := range frozen {
		if rest, ok := strings.CutPrefix(v.Text(), prefix); ok {
			p.Report(lint.Diagnostic{
				Holder: h, At: v, Want: "registry.k8s.io/" + rest,
				Message: h.Label() + " uses image " + v.Text() + " of a frozen registry; want registry.k8s.io/" + rest,
			})
		}
	}
}
