package reliability

import "github.com/kubevet/kubevet/lint"

// BudgetLimitsEviction reports PodDisruptionBudgets that set neither
// minAvailable nor maxUnavailable.
//
// Such a budget limits nothing. A drain of nodes or an upgrade of the cluster may evict all pods at once,
// which its author meant to prevent.
//
// minAvailable: 0 and maxUnavailable: 100% are explicit and pass.
var BudgetLimitsEviction = &lint.Rule{
	ID:        "budget-limits-eviction",
	Aliases:   []string{"budget-bounds-eviction"},
	Title:     "Disruption budget sets no limit",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{availability},
	Fix:       "set maxUnavailable: 1",
	Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		most := o.Root.Get("spec.maxUnavailable")
		if o.Is("policy", "PodDisruptionBudget") && !most.IsSet() && !o.Root.Get("spec.minAvailable").IsSet() {
			p.Report(lint.Diagnostic{
				Object: o, At: most,
				Message: o.KindName() + " sets neither maxUnavailable nor minAvailable, so all pods may be evicted at once; want maxUnavailable: 1",
			})
		}
	}),
}
