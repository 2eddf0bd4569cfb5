package secrets

import (
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/access"
)

// NoAutomountToken reports pods that get a token of their service account without
// a sign that they need one.
//
// The token is mounted into every container. Anyone who can read a file there speaks to the API
// server as the service account, and has all rights that it was given or will be given.
//
// The pod's field wins over the service account's, and unset means mounted. A pod whose
// service account is a subject of a RoleBinding or ClusterRoleBinding of the same input, or
// gets rights from its ClusterServiceVersion, needs its token and is not reported; bindings of
// groups do not count. Nor is a pod reported where a file beside its own could not be read: a
// binding may be there. Volumes that project a token on purpose are not automounting.
var NoAutomountToken = &lint.Rule{
	ID:        "no-automount-token",
	Title:     "Service account token is mounted without need",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"secrets-token-automount"},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.1.6"},
		{Standard: nsa, Control: "Protecting Pod service account tokens"},
	},
	Fix:   "set automountServiceAccountToken: false on the pod or on its service account",
	Check: lint.UnitCheck(checkAutomount),
}

func checkAutomount(p *lint.Pass) {
	a := access.Of(p)
	for _, w := range p.Unit.Workloads() {
		name, known := access.AccountName(w)
		if on, set := a.MountsToken(w.Namespace, name); set && !on && !w.Pod.Get("automountServiceAccountToken").IsSet() {
			continue
		}
		if known && !a.IsBound(w.Namespace, name) && !p.MayExistElsewhere(w.Object) {
			judgeAutomount(p, w, a.Account(w, name))
		}
	}
}

func judgeAutomount(p *lint.Pass, w *lint.Workload, sa *lint.Object) {
	const path = "automountServiceAccountToken"
	v := w.Pod.Get(path)
	d := lint.Diagnostic{Subject: w.Pod, At: v, Fix: lint.Intent{Value: "false"}}
	switch on, set := v.Bool(); {
	case set && !on:
		return
	case set:
		d.Message = "pod sets " + path + ": true; want false"
	case sa == nil:
		d.Message = "pod does not set " + path + "; want false"
	default:
		theirs := sa.Root.Get(path)
		if on, set := theirs.Bool(); set && !on {
			return
		}
		d.Message = "pod does not set " + path + ", and neither does ServiceAccount " + sa.Name + "; want false"
		if theirs.IsSet() {
			d.Message = "pod does not set " + path + ", and ServiceAccount " + sa.Name + " sets " + theirs.Text() + "; want false"
		}
		d.Related = []lint.Related{{Object: sa, At: theirs, Label: "its service account"}}
	}
	p.Report(d)
}
