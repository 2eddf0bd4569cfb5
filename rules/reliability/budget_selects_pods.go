package reliability

import "github.com/kubevet/kubevet/lint"

// BudgetSelectsPods reports PodDisruptionBudgets whose selector matches no workload in the
// input.
//
// Such a budget protects nothing. When nodes are drained, all pods of the workload that was
// meant may be evicted at once.
//
// The rule reports only where the input is complete enough: it has workloads in the namespace, and no
// custom resources that could create pods, nor a Role that lets someone create
// some. In a tree of manifests some workload must be in the same directory, and some
// must have the budget's name, one of the labels or nearly one. In a chart no workload beside the
// budget may be disabled. Everything must have been read and rendered. A workload that lacks
// a label passes, since pods may get labels when they run: some label must have another value.
var BudgetSelectsPods = &lint.Rule{
	ID:        "budget-selects-pods",
	Title:     "Disruption budget selects no pods",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{availability},
	Fix:       "set the budget's selector to labels that the pods have",
	Check: lint.UnitCheck(func(p *lint.Pass) {
		view := viewOf(p)
		for _, o := range view.Budgets {
			v := o.Root.Get("spec.selector")
			if s, ok := readSelector(v); ok && view.selectsNothing(o, v, s) {
				p.Report(lint.Diagnostic{
					Object: o, At: v,
					Message: o.KindName() + " selects " + s.String() + ", which no workload has; want labels of pods",
				})
			}
		}
	}),
}
