package reliability

import "github.com/kubevet/kubevet/lint"

// ServiceSelectsPods reports Services whose selector matches no workload of their unit.
//
// Such a Service has no endpoints: whoever calls it is refused. Most often a label was
// changed in one of two places.
//
// Services without a selector and those of type ExternalName pass. The unit (a chart, an
// overlay, a tree of manifests) must be whole enough to say so: it has workloads in the
// namespace, another Service selects some of them, and it holds no custom resources from
// which an operator could make pods, nor a Role that lets someone create some; in a tree
// of manifests some workload stands in the same directory, and some has the Service's name,
// one of the labels or nearly one; in a chart no workload beside the Service is switched
// off; and everything could be read and rendered. A workload that lacks a label passes,
// since pods may get labels when they run, as leaders of clusters do: some label must have
// another value.
var ServiceSelectsPods = &lint.Rule{
	ID:        "service-selects-pods",
	Title:     "Service selects no pods",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{availability},
	Fix:       "give the Service's selector labels that the pods have",
	Check: lint.UnitCheck(func(p *lint.Pass) {
		view := viewOf(p)
		for _, s := range view.Services {
			v := s.Root.Get("spec.selector")
			if s.HasSelector() && view.selecting[s.Namespace] > 0 && view.selectsNothing(s.Object, v, s.Selector) {
				p.Report(lint.Diagnostic{
					Object: s.Object, At: v,
					Message: "Service " + s.Name + " selects " + s.Selector.String() + ", which no workload has; want labels of pods",
				})
			}
		}
	}),
}
