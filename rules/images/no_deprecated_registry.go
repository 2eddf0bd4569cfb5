package images

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// NoDeprecatedRegistry reports images from registries of Kubernetes that are frozen: k8s.gcr.io and
// gcr.io/google-containers.
//
// Nothing has been published there since April 2023, so these images have had no security fix
// since. One day the pull will fail.
//
// The images of k8s.gcr.io are at registry.k8s.io under the same names, newer versions included. Those of
// gcr.io/google-containers are there too, or at the project that maintains them today. Containers, image
// volumes and images that custom resources of known operators name are checked.
var NoDeprecatedRegistry = &lint.Rule{
	ID:        "no-deprecated-registry",
	Title:     "Image comes from a frozen registry",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"images-no-latest-no-remote-control"},
	Refs: []lint.Ref{
		{Standard: owasp, Control: "K01"},
	},
	Fix:   "pull the image from registry.k8s.io or from the project that maintains it",
	Check: eachImage(checkFrozen),
}

// frozen is how the images of the frozen registries begin.
var frozen = []string{"k8s.gcr.io/", "gcr.io/google-containers/", "gcr.io/google_containers/"}

func checkFrozen(p *lint.Pass, u use) {
	v := u.image
	i := slices.IndexFunc(frozen, func(prefix string) bool { return strings.HasPrefix(v.Text(), prefix) })
	if i < 0 {
		return
	}
	d := u.diagnostic(v)
	d.Range = &lint.Range{To: len(frozen[i]) - 1} // the tag may be that of another key of a chart
	d.Message = u.label + " uses image " + v.Text() + " of a frozen registry; want "
	if rest, ok := strings.CutPrefix(v.Text(), "k8s.gcr.io/"); ok {
		d.Fix.Value = "registry.k8s.io/" + rest
		d.Message += d.Fix.Value
	} else {
		d.Message += "one of registry.k8s.io or of the project that maintains it"
	}
	p.Report(d)
}
