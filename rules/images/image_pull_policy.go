package images

import (
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/built"
)

// ImagePullPolicy reports images that the node may run although the registry has a newer one.
//
// With Never or IfNotPresent a node runs the image that it already has under the name. For the tag
// latest this can be any older image. On a shared node, a pod without access to the registry runs an
// image that another pod pulled with its credentials.
//
// Containers, image volumes and images that custom resources of known operators name are checked. A digest is
// exempt, since it names the content, and so is an image that OpenShift replaces by the digest in an ImageStream of the input (image.openshift.io/triggers). Another tag than latest may be IfNotPresent in the recommended profile;
// the strict profile asks for Always, as the admission plugin AlwaysPullImages does. Unset means Always for
// latest and for no tag, and IfNotPresent otherwise. Text that is no reference, such as a placeholder, is not
// checked, nor is an image that a Makefile replaces by kustomize edit set image or Tilt by one that it builds, or that a script of the project
// puts on the nodes of a cluster by kind, minikube or k3d, or builds there: the node has no other. The appVersion of a chart that its release
// replaces, see no-latest-tag, is a version. Never is right for an image that a command
// of the repository builds and none pushes.
var ImagePullPolicy = &lint.Rule{
	ID:        "image-pull-policy",
	Title:     "Node may run a stale image",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"images-no-latest-no-remote-control"},
	Refs: []lint.Ref{
		{Standard: owasp, Control: "K01"},
	},
	Fix:   "give the image a version or a digest, or set the pull policy to Always if it is in a registry",
	Check: eachImage(checkPullPolicy),
}

func checkPullPolicy(p *lint.Pass, u use) {
	r, ok := parse(u.image.Text())
	if !ok || r.digest != "" || u.policyPath == "" || u.isReplaced(p) || u.isTriggered(p) {
		return
	}
	moves := r.tag == "" || r.tag == "latest" && !u.isStamped(p, u.image, r)
	d := u.diagnostic(u.policy)
	d.Fix = lint.Intent{Value: "Always"}
	loaded := func() bool {
		return built.Of(p).IsLoaded(u.image.Text(), func() lint.Origin { return p.Locate(u.object, u.image) })
	}
	switch policy := u.policy.Text(); {
	case policy == "Never" && built.Of(p).IsLocal(u.image.Text()): // no registry has it
		return
	case (policy == "Never" || policy == "IfNotPresent") && loaded():
		return
	case policy == "Never":
		d.Message = u.label + " sets " + u.policyPath + ": Never; want Always where a registry has the image"
		d.Fix.Title = "set the pull policy to Always, or to IfNotPresent and give the image a digest"
		d.Fix.Unless = "only the nodes have the image, as on a local cluster"
	case policy == "IfNotPresent" && moves:
		what := "an image without a tag"
		if r.tag != "" {
			what = "an image with the tag latest"
		}
		d.Message = u.label + " sets " + u.policyPath + ": IfNotPresent for " + what + "; want Always"
	case p.Profile != lint.Strict:
		return
	case policy == "IfNotPresent":
		d.Message = u.label + " sets " + u.policyPath + ": IfNotPresent; want Always or a digest"
	case !d.At.IsSet() && !moves:
		d.Message = u.label + " does not set " + u.policyPath + ", which means IfNotPresent; want Always or a digest"
	default:
		return
	}
	if !u.isOfChartTest(p, u.image) && !u.isOfChartTest(p, u.policy) {
		p.Report(d)
	}
}
