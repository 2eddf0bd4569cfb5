package images

import (
	"path"

	"github.com/kubevet/kubevet/lint"
)

// NoLatestTag reports images with the tag latest, or with neither tag nor digest,
// which means latest.
//
// It is not known which version such a pod runs, and there is no way back to yesterday's: each node runs what
// the tag pointed to when it pulled. Anyone who can push to the repository decides what the
// next pod runs, and the manifest does not change.
//
// Containers, image volumes and images that custom resources of known operators name are checked. A digest
// passes with any tag. In registry.example.com:5000/app the number is the registry's port, not a tag. Text
// that is no reference, such as a placeholder, is not checked, nor an image of a folder in which a Makefile
// replaces it by kustomize edit set image, one without a tag that Skaffold builds, one that a Tiltfile builds by that name for manifests which it names, one that is no more than a name
// in a component of kustomize that no overlay uses, or one that a chart's ci/*-values.yaml sets, which only the
// tests of the chart use. Nor is the appVersion of a chart that its release replaces: a command of the repository does, or the version of
// the chart is 0.0.0. An image of docker.io/bitnami has no version that can be pulled: another image is the fix, or the digest
// of one of the few that still have the tag latest.
// Low with imagePullPolicy: Never: no registry supplies the image.
var NoLatestTag = &lint.Rule{
	ID:        "no-latest-tag",
	Title:     "Image has no tag or the tag latest",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"images-no-latest-no-remote-control"},
	Refs: []lint.Ref{
		{Standard: owasp, Control: "K01"},
	},
	Fix:   "name a version: a tag that is never moved, or better a digest",
	Check: eachImage(checkTag),
}

func checkTag(p *lint.Pass, u use) {
	if u.isUnpullable(p) {
		return
	}
	at, by := u.source(p)
	fix := lint.Intent{}
	if u.policy.Text() == "Never" || u.isBuiltHere(p) { // no registry has a digest of it, and nothing else has the new tag
		fix.Title = "name a version, a tag that is never moved, and give it to the image where it is built, too: no node can pull it"
	}
	switch r, ok := parse(at.Text()); {
	case !ok || r.digest != "" || isExampleHost(r) || u.isReplaced(p) || u.isStamped(p, at, r):
	case (r.tag == "" || r.tag == "latest") && hasNoVersions(r):
		u.report(p, at, by, ", of which no version can be pulled; want a digest, or another image", replaceImage(r))
	case r.tag == "":
		u.report(p, at, by, " without a tag; want a version", fix)
	case r.tag == "latest":
		fix.For = path.Base(r.name)
		fix.Key = &lint.NamedKey{Tries: []lint.Try{{Names: tagKeys, Value: triedVersion, Text: "VERSION, a tag that is never moved", Ends: r.name + ":" + triedVersion}}}
		fix.Apart = "name a version: a tag that is never moved; this key is for images of several repositories, and no digest fits them all"
		if file := u.rewriter(p, at, r); file != "" {
			fix = lint.Intent{AdviceOnly: true, Title: "write a version, a tag that is never moved, and have " + file + " replace that: it replaces latest here"}
		}
		u.report(p, at, by, "; want a version in place of latest", fix)
	}
}
