package reliability

import "github.com/kubevet/kubevet/lint"

// BudgetSelectsPods reports PodDisruptionBudgets whose selector matches no workload of
// their unit.
//
// Such a budget guards nothing: when nodes are drained, all pods of the workload that was
// meant may go at once.
//
// The unit must be whole enough to say so: it has workloads in the namespace, and no
// custom resources from which an operator could make pods, nor a Role that lets someone
// create some; in a tree of manifests some workload stands in the same directory, and some
// has the budget's name, one of the labels or nearly one; in a chart no workload beside the
// budget is switched off; and everything could be read and rendered. A workload that lacks
// a label passes, since pods may get labels when they run: some label must have another value.
var BudgetSelectsPods = &lint.Rule{
	ID:        "budget-selects-pods",
	Title:     "Disruption budget selects no pods",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{availability},
	Fix:       "give the budget's selector labels that the pods have",
	Check: lint.UnitCheck(func(p *lint.Pass) {
		view := viewOf(p)
		for _, o := range view.Budgets {
			v := o.Root.Get("spec.selector")
			if s, ok := selector(v); ok && view.selectsNothing(o, v, s) {
				p.Report(lint.Diagnostic{
					Object: o, At: v,
					Message: "PodDisruptionBudget " + o.Name + " selects " + s.String() + ", which no workload has; want labels of pods",
				})
			}
		}
	}),
}
