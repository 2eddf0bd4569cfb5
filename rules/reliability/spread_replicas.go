package reliability

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
)

// SpreadReplicas reports replicated workloads whose
// pods may all run on one node.
//
// When that node fails or is drained, all replicas are lost at once, and the replicas
// gave no protection.
//
// Deployments and StatefulSets with two replicas or more are checked, and those
// that an autoscaler scales. Any podAntiAffinity or
// topologySpreadConstraints that selects the pod's own labels passes, preferred ones
// too. Without a constraint the scheduler spreads pods where it can: so the rule is part of the strict profile only.
var SpreadReplicas = &lint.Rule{
	ID:        "spread-replicas",
	Title:     "All replicas may run on one node",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{availability},
	Fix:       "add topologySpreadConstraints over kubernetes.io/hostname, or a podAntiAffinity",
	Check: lint.UnitCheck(func(p *lint.Pass) {
		view := viewOf(p)
		for _, w := range view.Pods {
			n, ok := replicas(w.Workload)
			if !ok || !isReplicated(w.Workload) || n < 2 && view.Autoscaler(w) == nil {
				continue
			}
			terms := spreadTerms(w.Workload)
			if len(terms) == 0 {
				p.Reportf(w.Pod, w.Pod.Get("topologySpreadConstraints"), "has several replicas and neither topologySpreadConstraints nor podAntiAffinity; want one of them")
			} else if !slices.ContainsFunc(terms, func(at lint.Value) bool { return isIn(w, at) }) {
				p.Reportf(w.Pod, terms[0], "has several replicas, and %s selects other pods; want the pod's own labels", trimmed(terms[0], w.Pod))
			}
		}
	}),
}

// spreadTerms are the label selectors of a pod's constraints on spread and of its
// anti-affinity.
func spreadTerms(w *lint.Workload) []lint.Value {
	var l []lint.Value
	for c := range w.Pod.Get("topologySpreadConstraints").Items() {
		l = append(l, c.Get("labelSelector"))
	}
	anti := w.Pod.Get("affinity.podAntiAffinity")
	for t := range anti.Get("requiredDuringSchedulingIgnoredDuringExecution").Items() {
		l = append(l, t.Get("labelSelector"))
	}
	for t := range anti.Get("preferredDuringSchedulingIgnoredDuringExecution").Items() {
		l = append(l, t.Get("podAffinityTerm.labelSelector"))
	}
	return l
}

// isIn reports whether a selector selects the pods. One that cannot be read does.
func isIn(p *cluster.Pods, at lint.Value) bool {
	s, ok := readSelector(at)
	return at.IsSet() && (!ok || s.Matches(p.AllLabels()))
}

// trimmed is a path below a pod or container.
func trimmed(v lint.Value, h lint.PodOrContainer) string {
	return strings.TrimPrefix(strings.TrimPrefix(v.Path(), h.Path()), ".")
}
