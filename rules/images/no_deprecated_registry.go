package images

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// NoDeprecatedRegistry reports images from registries and accounts that are frozen or gone: k8s.gcr.io,
// gcr.io/google-containers, kube-rbac-proxy of gcr.io/kubebuilder, and those of Bitnami on Docker Hub.
//
// Nothing has been published in those of Kubernetes since April 2023, and in docker.io/bitnamilegacy since September 2025, so
// these images have had no security fix since. One day the pull will fail. It fails already for
// gcr.io/kubebuilder, which was deleted in 2025, and for the versions of docker.io/bitnami, which moved to
// docker.io/bitnamilegacy: these have medium severity.
//
// The images of k8s.gcr.io are at registry.k8s.io under the same names, newer versions included. Those of
// gcr.io/google-containers are there too, or at the project that maintains them today. kube-rbac-proxy is at
// quay.io/brancz. An image of docker.io/bitnami without a version, or with a digest, is not reported: a few can still be pulled.
// Containers, image volumes and images that custom resources of known operators name are checked.
var NoDeprecatedRegistry = &lint.Rule{
	ID:        "no-deprecated-registry",
	Title:     "Image comes from a registry that is frozen or gone",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"images-no-latest-no-remote-control"},
	Refs: []lint.Ref{
		{Standard: owasp, Control: "K01"},
	},
	Fix:   "pull the image from registry.k8s.io or from the project that maintains it",
	Check: eachImage(checkFrozen),
}

// closed is a registry, or an account of one, in which nothing is published any more.
type closed struct {
	prefix string
	// isGone says that its images can no longer be pulled.
	isGone bool
	// want is what to use in its place, and fix what to do.
	want, fix string
}

const (
	ofKubernetes = "one of registry.k8s.io or of the project that maintains it"
	ofProject    = "one of the project that makes the program"
)

var closedRegistries = []closed{
	{prefix: "k8s.gcr.io/"},
	{prefix: "gcr.io/google-containers/", want: ofKubernetes},
	{prefix: "gcr.io/google_containers/", want: ofKubernetes},
	{
		prefix: "gcr.io/kubebuilder/kube-rbac-proxy", isGone: true, want: "quay.io/brancz/kube-rbac-proxy, or none",
		fix: "pull kube-rbac-proxy from quay.io/brancz, or remove it and let the manager protect its metrics itself, as new projects of Kubebuilder do",
	},
	{
		prefix: "bitnami/", isGone: true, want: ofProject,
		fix: "pull an image of the project that makes the program, whose settings differ, or the old one from docker.io/bitnamilegacy until then: that gets no security fixes",
	},
	{
		prefix: "bitnamilegacy/", want: ofProject,
		fix: "pull an image of the project that makes the program, whose settings differ",
	},
}

// hubPrefixes are what names of images on Docker Hub may begin with.
var hubPrefixes = []string{"docker.io/", "index.docker.io/"}

// maintained are names of images that Bitnami still publishes in its old account.
var maintained = []string{"bitnami/sealed-secrets", "bitnami/minideb", "bitnami/readme-generator"}

// closedOf is the closed registry or account of an image, and where its name begins in the reference. Nil if there is none.
func closedOf(text string) (c *closed, from int) {
	for _, hub := range hubPrefixes {
		if strings.HasPrefix(text, hub) {
			from = len(hub)
		}
	}
	name := text[from:]
	i := slices.IndexFunc(closedRegistries, func(c closed) bool { return strings.HasPrefix(name, c.prefix) })
	if i < 0 || slices.ContainsFunc(maintained, func(prefix string) bool { return strings.HasPrefix(name, prefix) }) {
		return nil, 0
	}
	c = &closedRegistries[i]
	if r, ok := parse(text); c.prefix == "bitnami/" && (!ok || r.digest != "" || r.tag == "" || r.tag == "latest") {
		return nil, 0
	}
	return c, from
}

// hasNoVersions reports whether no version of an image can be pulled, whichever tag it has.
func hasNoVersions(r reference) bool { return isGone(r.name + ":" + triedVersion) }

// replaceImage is the fix for an image of which no version can be pulled. Its tag latest may be there or not.
func replaceImage(r reference) lint.Intent {
	c, _ := closedOf(r.name + ":" + triedVersion)
	return lint.Advice(c.fix + "; if latest can still be pulled, its digest can be appended instead")
}

// isGone reports whether an image can no longer be pulled.
func isGone(text string) bool {
	c, _ := closedOf(text)
	return c != nil && c.isGone
}

// isUnpullable reports an image that can no longer be pulled, if that is reported: no digest and no version makes a difference.
func (u use) isUnpullable(p *lint.Pass) bool {
	return isGone(u.image.Text()) && p.Runs("no-deprecated-registry")
}

func checkFrozen(p *lint.Pass, u use) {
	v := u.image
	c, from := closedOf(v.Text())
	if c == nil {
		return
	}
	d := u.diagnostic(v)
	d.Range = &lint.Range{From: from, To: from + strings.LastIndexByte(c.prefix, '/')} // the tag may be that of another key of a chart
	d.Message = u.label + " uses image " + v.Text() + " of a frozen registry; want " + c.want
	if c.isGone {
		d.Severity = lint.Medium
		d.Message = u.label + " uses image " + v.Text() + ", which can no longer be pulled; want " + c.want
	}
	if c.fix != "" {
		d.Fix = lint.Advice(c.fix)
	}
	if rest, ok := strings.CutPrefix(v.Text(), "k8s.gcr.io/"); ok {
		d.Fix.Value = "registry.k8s.io/" + rest
		d.Message += d.Fix.Value
	}
	p.Report(d)
}
