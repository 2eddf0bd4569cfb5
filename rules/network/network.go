// Package network holds the rules on what may talk to what: section 3 of the
// security checklist.
package network

import (
	"embed"

	"github.com/kubevet/kubevet/lint"
)

// Source is the text of this package; the rules' doc comments are read from it.
//
//go:embed *.go
var Source embed.FS

// The standards that the rules of this package refer to.
const (
	cis = "CIS Kubernetes Benchmark v1.12"
	nsa = "NSA/CISA Kubernetes Hardening Guide"
)

// direction is that of traffic, as seen from a pod.
type direction struct {
	field string // ingress, egress: the key of the rules
	kind  string // Ingress, Egress: the policy type
}

var (
	ingress = direction{"ingress", "Ingress"}
	egress  = direction{"egress", "Egress"}
)

// isPolicyTarget reports whether network policies apply to a workload's pods:
// pods in their node's network are out of their reach.
func isPolicyTarget(w *lint.Workload) bool {
	return !w.Pod.Get("hostNetwork").True()
}

// checkSelected reports the workloads that no policy of their namespace selects,
// at the labels of their pods: those are what a policy must select.
func (d direction) checkSelected(p *lint.Pass) {
	workloads := workloadsOf(p)
	isolated := policiesOf(p).isolated(d, workloads)
	for _, w := range workloads.All() {
		if !isPolicyTarget(w) || w.OpenLabels || isolated[w] {
			continue
		}
		p.Report(lint.Diagnostic{
			Object: w.Object, At: w.Metadata.Get("labels"), Keys: shutPolicy(p, w.Object, func(s lint.DisabledObject) bool { return d.gives(p.Unit, s, w) }),
			Message: w.Kind + " " + w.Name + " is selected by no network policy for " + d.field + "; want one",
		})
	}
}

// shutPolicy are the values of a chart that would give it a policy that serves.
func shutPolicy(p *lint.Pass, of *lint.Object, serves func(lint.DisabledObject) bool) []lint.Step {
	return p.KeysToEnable("networking.k8s.io", "NetworkPolicy", of, serves)
}

// checkDefaultDeny reports the namespaces of the unit that have no policy that
// denies by default.
func (d direction) checkDefaultDeny(p *lint.Pass) {
	policies := policiesOf(p)
	for _, ns := range namespacesOf(p) {
		if policies.deny(d, ns.name) {
			continue
		}
		p.Report(lint.Diagnostic{
			Object: ns.object, At: ns.at, KnownPart: ns.name == "", // then At is the name of a workload
			Keys:    shutPolicy(p, ns.object, func(s lint.DisabledObject) bool { return d.isolatedBy(s.Text) && selectsAll(s.Text) }),
			Message: ns.label(p.Unit) + " has no NetworkPolicy that denies " + d.field + " by default; want one with podSelector: {}, policyTypes: [" + d.kind + "] and no rules",
		})
	}
}
