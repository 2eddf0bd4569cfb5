package images

import "github.com/kubevet/kubevet/lint"

// ImagePullPolicy reports containers whose node may run another image than the registry has.
//
// With Never or IfNotPresent a node runs what lies there under the name. For the tag latest that is
// any older image; and on a shared node, a pod without rights to the registry runs the image that
// another pod pulled with its credentials.
//
// A digest is exempt, since it names the content. A tag other than latest may be IfNotPresent; under
// the checklist profile it must be Always, as the admission plugin AlwaysPullImages would have it.
// Unset means Always for latest and for no tag, and IfNotPresent else. Texts that are no reference,
// such as placeholders to be filled in later, are not judged.
var ImagePullPolicy = &lint.Rule{
	ID:        "image-pull-policy",
	Title:     "Node may run a stale image",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"images-no-latest-no-remote-control"},
	Fix:       "set imagePullPolicy: Always, or reference the image by digest",
	Check:     lint.PodOrContainerCheck{Of: lint.Containers, Check: checkPullPolicy},
}

func checkPullPolicy(p *lint.Pass, h lint.PodOrContainer) {
	r, ok := parse(h.Get("image").Text())
	if !ok || r.digest != "" {
		return
	}
	moves := r.tag == "" || r.tag == "latest"
	d := lint.Diagnostic{Subject: h, At: h.Get("imagePullPolicy"), Want: "Always"}
	switch policy := d.At.Text(); {
	case policy == "Never":
		d.Message = h.Label() + " sets imagePullPolicy: Never; want Always or a digest"
	case policy == "IfNotPresent" && moves:
		d.Message = h.Label() + " sets imagePullPolicy: IfNotPresent for an image without a version; want Always"
	case p.Profile != lint.ChecklistProfile:
		return
	case policy == "IfNotPresent":
		d.Message = h.Label() + " sets imagePullPolicy: IfNotPresent; want Always or a digest"
	case !d.At.IsSet() && !moves:
		d.Message = h.Label() + " does not set imagePullPolicy, which means IfNotPresent; want Always or a digest"
	default:
		return
	}
	p.Report(d)
}
