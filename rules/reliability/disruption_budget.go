package reliability

import (
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubevet/kubevet/lint"
)

// DisruptionBudget reports replicated workloads that no PodDisruptionBudget of
// their unit selects.
//
// When several nodes are drained together, nothing keeps all replicas from going at
// once.
//
// Looked at are Deployments and StatefulSets with two replicas or more, and those that
// a HorizontalPodAutoscaler scales. Budgets often come from elsewhere: the rule is of the
// checklist profile.
var DisruptionBudget = &lint.Rule{
	ID:        "disruption-budget",
	Title:     "Replicated workload has no disruption budget",
	Severity:  lint.Low,
	Profile:   lint.ChecklistProfile,
	Checklist: []string{availability},
	Fix:       "Add a PodDisruptionBudget with maxUnavailable: 1 that selects the pods.",
	Check: lint.UnitCheck(func(p *lint.Pass) {
		for _, w := range p.Unit.Workloads() {
			n, ok := replicas(w)
			if !ok || !isReplicated(w) || n < 2 && autoscaler(p.Unit, w) == nil || hasBudget(p.Unit, w) {
				continue
			}
			p.Report(lint.Diagnostic{
				Object: w.Object, At: w.Root.Get("metadata.name"),
				Message: w.Kind + " " + w.Name + " has several replicas and no PodDisruptionBudget; want one that selects its pods",
			})
		}
	}),
}

// hasBudget reports whether a budget selects the workload. A selector that is
// empty selects every pod of the namespace.
func hasBudget(u *lint.Unit, w *lint.Workload) bool {
	for _, o := range u.Objects {
		if !isBudget(o) || o.Namespace != w.Namespace {
			continue
		}
		s, ok := selector(o.Root.Get("spec.selector"))
		if !ok || s.Matches(labels.Set(w.Labels())) {
			return true
		}
	}
	return false
}
