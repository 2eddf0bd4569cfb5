package reliability

import (
	"path"
	"strconv"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
)

// BudgetAllowsEviction reports PodDisruptionBudgets that never allow a pod to be evicted.
//
// A node with such a pod cannot be drained. Upgrades and security fixes of the nodes
// wait until a person changes the budget.
//
// Reported are maxUnavailable of zero, minAvailable of 100 %, and minAvailable of
// as many pods as the selected workloads in the input have. For those that an autoscaler
// scales, its minimum counts. Kubernetes rounds percentages up.
var BudgetAllowsEviction = &lint.Rule{
	ID:        "budget-allows-eviction",
	Title:     "Disruption budget allows no eviction",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{availability, "infra-upgrades"},
	Fix:       "set maxUnavailable: 1, with two pods or more if the application has to stay up meanwhile",
	Check: lint.UnitCheck(func(p *lint.Pass) {
		view := viewOf(p)
		numbers := map[*cluster.Selection]int64{} // of what budgets select, zero if it is not fixed
		scalers := map[*cluster.Selection]*lint.Object{}
		for _, o := range view.Budgets {
			checkBudget(p, o, func() (int64, *lint.Object) {
				s, ok := readSelector(o.Root.Get("spec.selector"))
				if !ok {
					return 0, nil
				}
				l := view.SelectNear(o, s)
				if l.Spread {
					return 0, nil
				}
				if _, known := numbers[l]; !known {
					numbers[l], scalers[l] = view.number(l), view.scaler(l)
				}
				return numbers[l], scalers[l]
			})
		}
	}),
}

// inPlaceOfMinAvailable is what to do about minAvailable: a budget has one of the two only.
var inPlaceOfMinAvailable = lint.Intent{Title: "set maxUnavailable: 1 in place of minAvailable, with two pods or more if the application has to stay up meanwhile"}

// releasedByLabel says of a budget that it is for the pods whose label says that they are not safe to evict, if it selects by such a label: whatever
// sets it can take it off a pod that is done, which may be evicted then. It is empty for others.
func releasedByLabel(o *lint.Object) string {
	for key, value := range o.Root.Get("spec.selector.matchLabels").Entries() {
		if path.Base(key) == "safe-to-evict" && value.Text() == "false" {
			return "a program takes the label " + key + ` off each pod, or sets it to "true", once the pod may be evicted`
		}
	}
	return ""
}

// checkBudget checks one budget. The function gives how many pods it selects, or zero, and the autoscaler that may add some.
func checkBudget(p *lint.Pass, o *lint.Object, selected func() (int64, *lint.Object)) {
	most, least := o.Root.Get("spec.maxUnavailable"), o.Root.Get("spec.minAvailable")
	if most.IsSet() && least.IsSet() { // the API server refuses both
		return
	}
	if d, ok := newDemand(most); ok && d.n == 0 {
		p.Report(lint.Diagnostic{
			Object: o, At: most,
			Message: o.KindName() + " sets maxUnavailable: " + text(most) + ", so no pod can ever be evicted; want 1 or more",
			Fix:     lint.Intent{Unless: releasedByLabel(o)},
		})
		return
	}
	d, ok := newDemand(least)
	if !ok {
		return
	}
	what := o.KindName() + " sets minAvailable: " + text(least)
	if d.percent && d.n >= 100 {
		fix := inPlaceOfMinAvailable
		fix.Unless = releasedByLabel(o)
		p.Report(lint.Diagnostic{Object: o, At: least, Message: what + ", so no pod can ever be evicted; want less than 100%", Fix: fix})
		return
	}
	pods, scaler := selected()
	switch {
	case pods == 0 || d.of(pods) < pods:
	case scaler != nil:
		number := "a single pod"
		if pods > 1 {
			number = strconv.FormatInt(pods, 10) + " pods"
		}
		fix := inPlaceOfMinAvailable
		fix.Title = "set maxUnavailable: 1 in place of minAvailable, or give the autoscaler a higher minimum"
		p.Report(lint.Diagnostic{
			Object: o, At: least, Fix: fix,
			Message: what + " of " + number + " while the autoscaler keeps its minimum, so none can be evicted then; want less, or more pods",
			Related: []lint.Related{{Object: scaler, At: scaler.Root.Get(minimumPath(scaler)), Label: "the autoscaler's minimum"}},
		})
	default:
		message := what + " of " + strconv.FormatInt(pods, 10) + " pods, so none can ever be evicted; want less"
		if pods == 1 {
			message = what + " of a single pod, so it can never be evicted; want maxUnavailable: 1, or more pods"
		}
		p.Report(lint.Diagnostic{Object: o, At: least, Message: message, Fix: inPlaceOfMinAvailable})
	}
}
