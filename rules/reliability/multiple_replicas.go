package reliability

import "github.com/kubevet/kubevet/lint"

// MultipleReplicas reports Deployments and StatefulSets that run a single pod.
//
// When that pod is lost, because its node is drained or a request
// makes it crash, the service is down.
//
// Unset means one. If an autoscaler scales the workload, its minimum counts: it is reported at the
// autoscaler. A ScaledObject of KEDA that scales to zero passes, and so do Deployments with the strategy
// Recreate: they cannot run twice. Many workloads need no second pod: the rule is part of the strict
// profile only.
var MultipleReplicas = &lint.Rule{
	ID:        "multiple-replicas",
	Title:     "Workload runs a single pod",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{availability},
	Fix:       "set spec.replicas to 2 or more",
	Check: lint.UnitCheck(func(p *lint.Pass) {
		view := viewOf(p)
		for _, w := range view.Pods {
			n, ok := replicas(w.Workload)
			if !ok || !isReplicated(w.Workload) || w.Root.Get("spec.strategy.type").Text() == "Recreate" {
				continue
			}
			if scaler := view.Autoscaler(w); scaler != nil {
				checkMinimum(p, scaler, w.Workload)
				continue
			}
			if n != 1 {
				continue
			}
			v := w.Root.Get("spec.replicas")
			message := w.KindName() + " sets spec.replicas: 1; want 2 or more"
			if !v.IsSet() {
				message = w.KindName() + " does not set spec.replicas, which means 1; want 2 or more"
			}
			p.Report(lint.Diagnostic{Object: w.Object, At: v, Message: message})
		}
	}),
}

// checkMinimum reports an autoscaler that keeps a single pod.
func checkMinimum(p *lint.Pass, o *lint.Object, w *lint.Workload) {
	n, ok := minimum(o)
	if !ok || n != 1 {
		return
	}
	path := minimumPath(o)
	v := o.Root.Get(path)
	message := o.KindName() + " sets " + path + ": 1, so " + w.KindName() + " may run a single pod; want 2 or more"
	if !v.IsSet() {
		message = o.KindName() + " does not set " + path + ", so " + w.KindName() + " may run a single pod; want 2 or more"
	}
	p.Report(lint.Diagnostic{Object: o, At: v, Message: message, Fix: lint.Intent{Title: "set " + path + " to 2 or more", AdviceOnly: true}})
}
