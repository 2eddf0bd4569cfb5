package images

import (
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// TrustedRegistries reports images from a registry that the configuration does not list.
//
// Anyone can push to a public registry, under names that look like those of others. Images that
// come through a registry of one's own were at least fetched once on purpose, can be scanned there,
// and stay when the origin is gone or was taken over.
//
// The configuration lists registries, such as registry.example.com, and repositories in them, such
// as docker.io/library; a name of the list holds for all that is below it. An image without a
// registry is one of docker.io. Without a list the rule is silent. Texts that are no reference, such
// as placeholders to be filled in later, are not judged.
var TrustedRegistries = &lint.Rule{
	ID:        "trusted-registries",
	Title:     "Image comes from a registry that is not trusted",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"images-no-latest-no-remote-control", "images-digest-or-signature"},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.5.1"},
	},
	Fix:   "use an image from a trusted registry, or add the registry to the configuration",
	Check: lint.PodOrContainerCheck{Of: lint.Containers, Check: checkRegistry},
}

func checkRegistry(p *lint.Pass, h lint.PodOrContainer) {
	trusted := p.Settings.Registries
	v := h.Get("image")
	r, ok := parse(v.Text())
	if len(trusted) == 0 || !ok {
		return
	}
	name := r.full()
	for _, t := range trusted {
		t = strings.TrimSuffix(t, "/")
		if name == t || strings.HasPrefix(name, t+"/") {
			return
		}
	}
	p.Reportf(h, v, "uses image %s of %s; want one of %s", v.Text(), r.registry(), strings.Join(trusted, ", "))
}
