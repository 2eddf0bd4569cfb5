package reliability

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
	"github.com/kubevet/kubevet/lint/cluster/selector"
)

// DisruptionBudget reports replicated workloads that no PodDisruptionBudget in
// the input selects.
//
// When several nodes are drained together, all replicas may be evicted at once.
//
// Deployments and StatefulSets with two replicas or more are checked, and those that
// an autoscaler scales. Budgets are often kept in another place: the rule is part of the strict profile
// only.
var DisruptionBudget = &lint.Rule{
	ID:        "disruption-budget",
	Title:     "Replicated workload has no disruption budget",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{availability},
	Fix:       "add a PodDisruptionBudget with maxUnavailable: 1 that selects the pods",
	Check: lint.UnitCheck(func(p *lint.Pass) {
		view := viewOf(p)
		for _, w := range view.Pods {
			n, ok := replicas(w.Workload)
			if !ok || !isReplicated(w.Workload) || n < 2 && view.Autoscaler(w) == nil || view.hasBudget(w) {
				continue
			}
			p.Report(lint.Diagnostic{
				Object: w.Object, At: w.Root.Get("metadata.name"), Absence: true, KnownPart: true, // it is about the object, with any name
				Message: w.KindName() + " has several replicas and no PodDisruptionBudget; want one that selects its pods",
			})
		}
	}),
}

// hasBudget reports whether a budget selects the workload. A selector that is
// empty selects every pod of the namespace. One of the two may name no namespace.
func (v *view) hasBudget(p *cluster.Pods) bool {
	selects := func(namespace string) bool {
		return slices.ContainsFunc(v.budgets[namespace], func(s selector.Selector) bool { return s.Matches(p.AllLabels()) })
	}
	return v.budgetsOfAll[p.Namespace] || selects(p.Namespace) || slices.ContainsFunc(v.MayBeIn(p.Namespace), selects)
}
