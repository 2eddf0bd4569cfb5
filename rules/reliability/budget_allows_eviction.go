package reliability

import (
	"strconv"

	"github.com/kubevet/kubevet/lint"
)

// BudgetAllowsEviction reports PodDisruptionBudgets that never let a pod go.
//
// A node with such a pod cannot be drained: upgrades and security fixes of the nodes
// wait until somebody breaks the budget by hand.
//
// Reported are maxUnavailable of nothing, minAvailable of 100 % and minAvailable of
// as many pods as the selected workloads of the unit have; of those that an autoscaler
// scales its minimum counts. Kubernetes rounds percentages up.
var BudgetAllowsEviction = &lint.Rule{
	ID:        "budget-allows-eviction",
	Title:     "Disruption budget never lets a pod go",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{availability, "infra-upgrades"},
	Fix:       "set maxUnavailable: 1, and run two pods or more",
	Check: lint.UnitCheck(func(p *lint.Pass) {
		world := worldOf(p)
		for _, o := range world.budgets {
			checkBudget(p, world, o)
		}
	}),
}

func checkBudget(p *lint.Pass, w *world, o *lint.Object) {
	most, least := o.Root.Get("spec.maxUnavailable"), o.Root.Get("spec.minAvailable")
	if d, ok := newDemand(most); ok && d.n == 0 {
		p.Report(lint.Diagnostic{
			Object: o, At: most,
			Message: "PodDisruptionBudget " + o.Name + " sets maxUnavailable: " + text(most) + ", so that no pod may ever be evicted; want 1 or more",
		})
		return
	}
	d, ok := newDemand(least)
	if !ok {
		return
	}
	what := "PodDisruptionBudget " + o.Name + " sets minAvailable: " + text(least)
	if d.percent && d.n >= 100 {
		p.Report(lint.Diagnostic{Object: o, At: least, Message: what + ", so that no pod may ever be evicted; want less than 100%"})
		return
	}
	if pods, ok := w.guarded(o); ok && d.of(pods) >= pods {
		message := what + " of " + strconv.FormatInt(pods, 10) + " pods, so that none may ever be evicted; want less"
		if pods == 1 {
			message = what + " of a single pod, so that it may never be evicted; want maxUnavailable: 1, or more pods"
		}
		p.Report(lint.Diagnostic{Object: o, At: least, Message: message})
	}
}
