package network

import (
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
)

// NoDanglingNetworkPolicy reports network policies that select no pod of the input.
//
// Such a policy restricts nothing, mostly because a label was renamed on one side only. The pods that
// it was meant for are open, and nothing shows it.
//
// The rule applies where the input has workloads in the policy's namespace, so that policies kept in
// another place than their pods are not reported. podSelector: {} selects whatever comes. Kinds whose
// operator labels the pods count as selected. The rule reports nothing where a Role lets someone create
// pods, where something could not be read or rendered, or where values disable a workload beside the
// policy. In a chart the severity is low: values that disable a component may leave its policy behind.
// Policies of Cilium, Calico and administrators are not checked.
var NoDanglingNetworkPolicy = &lint.Rule{
	ID:        "no-dangling-network-policy",
	Title:     "Network policy selects no pods",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"network-policies-all-workloads"},
	Fix:       "make podSelector match the labels of the pods",
	Check:     lint.UnitCheck(checkDangling),
}

func checkDangling(p *lint.Pass) {
	workloads := cluster.Of(p).Workloads
	for _, o := range p.Unit.Objects {
		if !isNativePolicy(o) {
			continue
		}
		at := o.Root.Get("spec.podSelector")
		selects, all := selector(at)
		neighbours := workloads.In(o.Namespace)
		selected := all || slices.ContainsFunc(workloads.With(o.Namespace, at.Get("matchLabels").StringMap()), func(w *lint.Workload) bool {
			return selects(labels.Set(w.Labels()))
		}) || slices.ContainsFunc(neighbours, func(w *lint.Workload) bool { return w.OpenLabels })
		if len(neighbours) > 0 && !selected && !cluster.PodsMayExistElsewhere(p, o) {
			p.Report(lint.Diagnostic{
				Object: o, At: at, Severity: lint.Low.If(p.Unit.Kind == lint.UnitChart),
				Message: "NetworkPolicy " + o.Name + " selects no pods of the input; want spec.podSelector to match some",
			})
		}
	}
}

// isNativePolicy reports whether the object is a NetworkPolicy of Kubernetes' own.
func isNativePolicy(o *lint.Object) bool {
	return o.Is("networking.k8s.io", "NetworkPolicy") || o.Is("extensions", "NetworkPolicy")
}
