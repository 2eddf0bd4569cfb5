package reliability

import "github.com/kubevet/kubevet/lint"

// SpreadReplicas reports replicated workloads that nothing keeps from running all
// their pods on one node.
//
// When that node fails or is drained, all replicas go at once, and having
// several of them was for nothing.
//
// Looked at are Deployments and StatefulSets with two replicas or more, and those
// that a HorizontalPodAutoscaler scales. Any podAntiAffinity or
// topologySpreadConstraints will do, the preferred ones too. The scheduler spreads pods
// by itself where it can: the rule is of the checklist profile.
var SpreadReplicas = &lint.Rule{
	ID:        "spread-replicas",
	Title:     "Replicas may all run on one node",
	Severity:  lint.Low,
	Profile:   lint.ChecklistProfile,
	Checklist: []string{availability},
	Fix:       "add topologySpreadConstraints over kubernetes.io/hostname, or a podAntiAffinity",
	Check: lint.UnitCheck(func(p *lint.Pass) {
		world := newWorld(p.Unit)
		for _, w := range world.pods {
			n, ok := replicas(w.Workload)
			if !ok || !isReplicated(w.Workload) || n < 2 && world.autoscaler(w) == nil {
				continue
			}
			if w.Pod.Get("topologySpreadConstraints").Len() == 0 && w.Pod.Get("affinity.podAntiAffinity").Len() == 0 {
				p.Reportf(w.Pod, w.Pod.Get("topologySpreadConstraints"), "has several replicas and neither topologySpreadConstraints nor podAntiAffinity; want one of them")
			}
		}
	}),
}
