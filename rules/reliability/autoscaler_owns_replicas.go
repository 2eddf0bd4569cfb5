package reliability

import "github.com/kubevet/kubevet/lint"

// AutoscalerOwnsReplicas reports workloads that set spec.replicas although an autoscaler in the
// same input scales them.
//
// Each time the manifest is applied the workload is set back to that number. Under
// load most of its pods are stopped, and the autoscaler has to start again.
//
// HorizontalPodAutoscalers and ScaledObjects of KEDA count. Zero passes: it disables the autoscaler.
var AutoscalerOwnsReplicas = &lint.Rule{
	ID:        "autoscaler-owns-replicas",
	Title:     "Workload sets replicas although an autoscaler scales it",
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
					Message: w.KindName() + " sets spec.replicas: " + v.Text() + ", and " + o.KindName() + " scales it; want it unset",
					Fix: lint.Intent{
						Unprinted:       "print spec.replicas only without the autoscaler",
						UnprintedAlways: "remove spec.replicas, or print it only without the autoscaler if the chart can leave that out",
					},
					Related: []lint.Related{{Object: o, At: o.Root.Get("metadata.name"), Label: "the autoscaler"}},
				})
			}
		}
	}),
}
