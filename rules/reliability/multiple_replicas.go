package reliability

import "github.com/kubevet/kubevet/lint"

// MultipleReplicas reports Deployments and StatefulSets that run a single pod.
//
// Whatever takes that one pod away, be it a node that is drained or a request
// that makes it crash, takes the service away.
//
// Absent means one. What a HorizontalPodAutoscaler of the same unit scales passes,
// and so do Deployments with the strategy Recreate: they say that they cannot run twice.
// Many things need no second pod: the rule is of the checklist profile.
var MultipleReplicas = &lint.Rule{
	ID:        "multiple-replicas",
	Title:     "Workload runs a single pod",
	Severity:  lint.Low,
	Profile:   lint.ChecklistProfile,
	Checklist: []string{availability},
	Fix:       "set spec.replicas to 2 or more",
	Check: lint.UnitCheck(func(p *lint.Pass) {
		view := viewOf(p)
		for _, w := range view.Pods {
			n, ok := replicas(w.Workload)
			if !ok || n != 1 || !isReplicated(w.Workload) || w.Root.Get("spec.strategy.type").Text() == "Recreate" || view.Autoscaler(w) != nil {
				continue
			}
			v := w.Root.Get("spec.replicas")
			message := w.Kind + " " + w.Name + " sets spec.replicas: 1; want 2 or more"
			if !v.IsSet() {
				message = w.Kind + " " + w.Name + " does not set spec.replicas, which makes it 1; want 2 or more"
			}
			p.Report(lint.Diagnostic{Object: w.Object, At: v, Message: message})
		}
	}),
}
