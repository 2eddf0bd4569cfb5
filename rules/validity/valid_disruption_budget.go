package validity

import "github.com/kubevet/kubevet/lint"

// ValidDisruptionBudget reports PodDisruptionBudgets with both minAvailable and maxUnavailable, or
// with a number or percentage that is none.
//
// The API server refuses the budget, and a drained node takes all pods down at a time.
//
// Whether the budget lets pods be evicted is checked by budget-allows-eviction.
var ValidDisruptionBudget = &lint.Rule{
	ID:        "valid-disruption-budget",
	Title:     "PodDisruptionBudget is not valid",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{infraUpgrades},
	Fix:       "set one of minAvailable and maxUnavailable",
	Check: objects(
		kind{"policy", "PodDisruptionBudget", []row{
			{"spec", atMostOneField("one of minAvailable and maxUnavailable", "minAvailable", "maxUnavailable")},
			{"spec.minAvailable", all(countOrPercent, upTo100)},
			{"spec.maxUnavailable", all(countOrPercent, upTo100)},
			{"spec.selector", labelSelector},
		}},
	),
}
