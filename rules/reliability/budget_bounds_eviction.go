package reliability

import "github.com/kubevet/kubevet/lint"

// BudgetBoundsEviction reports PodDisruptionBudgets that bound nothing: they set neither
// minAvailable nor maxUnavailable.
//
// A drain of nodes or an upgrade of the cluster evicts all pods at once, and whoever wrote the budget
// counts on the opposite.
//
// minAvailable: 0 and maxUnavailable: 100% were written on purpose and pass.
var BudgetBoundsEviction = &lint.Rule{
	ID:        "budget-bounds-eviction",
	Title:     "Disruption budget bounds nothing",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{availability},
	Fix:       "set maxUnavailable: 1",
	Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		most := o.Root.Get("spec.maxUnavailable")
		if o.Is("policy", "PodDisruptionBudget") && !most.IsSet() && !o.Root.Get("spec.minAvailable").IsSet() {
			p.Report(lint.Diagnostic{
				Object: o, At: most,
				Message: "PodDisruptionBudget " + o.Name + " sets neither maxUnavailable nor minAvailable, so that all pods may be evicted at once; want maxUnavailable: 1",
			})
		}
	}),
}
