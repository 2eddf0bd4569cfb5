package api

import "github.com/kubevet/kubevet/lint"

// NoRemovedAPI reports objects whose API the target version of Kubernetes serves
// no more.
//
// The API server refuses such an object: an installation stops half-way, and a Helm
// release that holds one can be neither upgraded nor removed without surgery.
// A workload that cannot be rolled out cannot be patched either.
//
// When an API goes is what Kubernetes' own sources say; the target is the newest
// version unless --kube-version names another. A chart that picks the apiVersion by
// .Capabilities is judged by what it renders for the target.
var NoRemovedAPI = &lint.Rule{
	ID:        "no-removed-api",
	Title:     "API is removed in the target version",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-upgrades"},
	Fix:       "move the object to an API that the target version serves",
	Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		t := loadTable()
		if k := t.find(o); k != nil && reached(k.removed, p.Version, false) {
			reportAPI(p, o, "is removed since "+k.removed.String(), t.instead(k, p.Version), false)
		}
	}),
}
