package images

import "github.com/kubevet/kubevet/lint"

// ImageDigest reports images that are not referenced by digest.
//
// A tag is a label that its owner, or who takes the registry or an account over, can
// move to other content; what was reviewed, scanned and signed is then not what runs. A
// digest is the content: what it names cannot change.
//
// A tag beside the digest is fine, and is ignored by the runtime. A digest must have as
// many lower-case digits as its algorithm yields, or the runtime refuses it. Texts that are
// no reference at all, such as placeholders to be filled in later, and containers without
// an image are not judged. An image whose signature a policy of the input asks for on admission passes: a
// Kyverno policy that enforces verifyImages or is an ImageValidatingPolicy, a ClusterImagePolicy of sigstore, or a
// Gatekeeper constraint of Ratify, where its patterns match the image and its bounds, of namespaces at most, the
// pod.
var ImageDigest = &lint.Rule{
	ID:        "image-digest",
	Title:     "Image is not pinned to a digest",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"images-digest-or-signature"},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.5.1"},
	},
	Fix: "append the digest of the image that was tested: name:tag@sha256:…",
	Check: lint.UnitCheck(func(p *lint.Pass) {
		policies := verifiers(p.Unit)
		for _, w := range p.Unit.Workloads() {
			for _, h := range w.Select(lint.Containers) {
				checkDigest(p, h, policies)
			}
		}
	}),
}

func checkDigest(p *lint.Pass, h lint.PodOrContainer, policies []verifier) {
	v := h.Get("image")
	switch r, ok := parse(v.Text()); {
	case !ok || r.digest == "" && isVerified(policies, h.Workload, v.Text(), r):
	case r.digest == "":
		p.Reportf(h, v, "uses image %s; want a digest: @sha256:…", v.Text())
	case !imageDigest.MatchString(r.digest):
		p.Reportf(h, v, "uses image %s, whose digest is malformed; want sha256: and 64 lower-case hexadecimal digits", v.Text())
	}
}
