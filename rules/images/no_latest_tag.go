package images

import "github.com/kubevet/kubevet/lint"

// NoLatestTag reports images with the tag latest, or with neither tag nor digest,
// which is the same.
//
// Nobody can tell what such a pod runs, or go back to what ran yesterday: each node takes
// what the tag pointed to when it pulled. Who can push to the repository decides what the
// next pod runs, and nothing in the manifest shows it.
//
// A digest satisfies the rule, whatever the tag. In registry.example.com:5000/app the
// number is the registry's port, not a tag. Texts that are no reference at all, such as
// placeholders to be filled in later, and containers without an image are not judged.
var NoLatestTag = &lint.Rule{
	ID:        "no-latest-tag",
	Title:     "Image has no tag or the tag latest",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"images-no-latest-no-remote-control"},
	Fix:       "name a version: a tag that is never moved, or better a digest",
	Check:     lint.PodOrContainerCheck{Of: lint.Containers, Check: checkTag},
}

func checkTag(p *lint.Pass, h lint.PodOrContainer) {
	v := h.Get("image")
	switch r, ok := parse(v.Text()); {
	case !ok || r.digest != "":
	case r.tag == "":
		p.Reportf(h, v, "uses image %s without a tag; want a version", v.Text())
	case r.tag == "latest":
		p.Reportf(h, v, "uses image %s; want a version in place of latest", v.Text())
	}
}
