package network

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
	"github.com/kubevet/kubevet/lint/cluster/connect"
)

// NoDanglingNetworkPolicy reports network policies that select no pod of the input.
//
// Such a policy restricts nothing, mostly because a label was renamed on one side only. The pods that
// it was meant for are open, and nothing shows it.
//
// The rule applies where the input has workloads in the policy's namespace, so that policies kept in
// another place than their pods are not reported. Where manifests name no namespace, the workloads must be
// in the policy's folder, or in one above or below it, or another policy of the folder must select some.
// podSelector: {} selects every pod. Kinds whose operator labels the pods count as selected. The rule
// reports nothing where a label has the name of a custom resource, of which an operator may make the pods,
// where a Role lets someone create pods, where something could not be read or rendered, or where values
// disable a workload beside the policy. In a chart the severity is low: values that disable a component
// may leave its policy behind. Policies for the whole cluster are not checked.
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
	n, folders := connect.Of(p), foldersOf(p)
	for _, policy := range n.Policies {
		o, workloads := policy.Object, cluster.Of(p).Workloads.In(policy.Namespace)
		if !policy.Subject.OwnNamespace() || policy.Subject.AllPods() || policy.Subject.Unclear() || len(n.Subjects(policy)) > 0 {
			continue
		}
		if mayBeSelected(p, n, policy.Subject, policy.Namespace) || n.QuotesOperand(policy.Subject) {
			continue
		}
		open := slices.ContainsFunc(workloads, func(w *lint.Workload) bool { return w.OpenLabels })
		if len(workloads) == 0 || open || !folders.hasPodsOf(o) || cluster.PodsMayExistElsewhere(p, o) {
			continue
		}
		d := lint.Diagnostic{Object: o, At: policy.SelectorAt, Severity: lint.Low.If(p.Unit.Kind == lint.UnitChart)}
		d.Message = o.Kind + " " + o.Name + " selects no pods of the input; want " + policy.SelectorAt.Path() + " to match some"
		if w := n.HostNetworkSubject(policy); w != nil {
			d.Message = o.Kind + " " + o.Name + " selects only pods with hostNetwork: true, such as " + w.Kind + " " + w.Name + ", to which no policy applies; want pods in a network of their own"
			d.Related = []lint.Related{{Object: w.Object, At: w.Pod.Get("hostNetwork"), Label: "hostNetwork"}}
			d.Fix = lint.Advice("remove hostNetwork: true from the pods, or remove the policy")
		}
		p.Report(d)
	}
}

// mayBeSelected reports whether pods have the labels of a selector of which it is not known that they are in
// another namespace than its own: one of the two names none.
func mayBeSelected(p *lint.Pass, n *connect.Network, s connect.PodSelector, own string) bool {
	return slices.ContainsFunc(cluster.Of(p).MayBeIn(own), func(namespace string) bool { return len(n.Selected(s, namespace)) > 0 })
}
