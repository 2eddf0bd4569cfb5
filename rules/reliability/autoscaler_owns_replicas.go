package reliability

import "github.com/kubevet/kubevet/lint"

// AutoscalerOwnsReplicas reports workloads that set spec.replicas although a
// HorizontalPodAutoscaler of the same unit scales them.
//
// Each time the manifest is applied the workload is set back to that number: under
// load most of its pods are stopped, and the autoscaler has to start anew.
//
// Zero passes: it switches the autoscaler off.
var AutoscalerOwnsReplicas = &lint.Rule{
	ID:        "autoscaler-owns-replicas",
	Title:     "Replicas are set beside an autoscaler",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{availability},
	Fix:       "remove spec.replicas from the workload",
	Check: lint.UnitCheck(func(p *lint.Pass) {
		view := viewOf(p)
		for _, w := range view.Pods {
			v := w.Root.Get("spec.replicas")
			if n, ok := v.Int(); !ok || n == 0 {
				continue
			}
			if o := view.Autoscaler(w); o != nil {
				p.Report(lint.Diagnostic{
					Object: w.Object, At: v,
					Message: w.Kind + " " + w.Name + " sets spec.replicas: " + v.Text() + ", and " + o.Kind + " " + o.Name + " scales it; want it unset",
					Related: []lint.Related{{Object: o, At: o.Root.Get("metadata.name"), Label: "the autoscaler"}},
				})
			}
		}
	}),
}
