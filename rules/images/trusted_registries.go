package images

import (
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// TrustedRegistries reports images from a registry that the configuration does not list.
//
// Anyone can push to a public registry, under names that look like those of others. An image in your
// own registry was put there on purpose, can be scanned there, and stays when the original is
// removed or taken over.
//
// The configuration lists registries, such as registry.example.com, and repositories in them, such as
// docker.io/library. Each entry covers everything below it. An image without a registry is one of docker.io.
// Without a list the rule reports nothing. Containers, image volumes and images that custom resources of known
// operators name are checked. Text that is no reference, such as a placeholder, is not checked.
var TrustedRegistries = &lint.Rule{
	ID:        "trusted-registries",
	Title:     "Image comes from a registry that is not trusted",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"images-no-latest-no-remote-control", "images-digest-or-signature"},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.5.1"},
		{Standard: owasp, Control: "K04"},
	},
	Fix:   "use an image from a trusted registry, or add the registry to the configuration",
	Check: eachImage(checkRegistry),
}

func checkRegistry(p *lint.Pass, u use) {
	trusted := p.Settings.Registries
	r, ok := parse(u.image.Text())
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
	d := u.diagnostic(u.image)
	d.Message = u.label + " uses image " + u.image.Text() + " of " + r.registry() + "; want one of " + strings.Join(trusted, ", ")
	p.Report(d)
}
