package pod

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
)

// NoControlPlaneToleration reports pods that may run on the nodes of the control plane.
//
// The API server and etcd run on these nodes. A process that escapes from its container there has the
// cluster.
//
// The rule is part of the strict profile only. Tolerations of the taints
// node-role.kubernetes.io/control-plane and node-role.kubernetes.io/master count, and one of every taint
// (operator: Exists without a key), unless they are for the effect PreferNoSchedule only.
// DaemonSets, whose agents belong on every node, are exempt.
var NoControlPlaneToleration = &lint.Rule{
	ID:        "no-control-plane-toleration",
	Title:     "Pod tolerates the control plane's taint",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"pod-placement"},
	Fix:       "remove the toleration, or tolerate the taints of the nodes that are meant",
	Check:     lint.PodCheck(checkControlPlaneToleration),
}

var controlPlaneTaints = []string{"node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"}

func checkControlPlaneToleration(p *lint.Pass, w *lint.Workload) {
	if w.Kind == "DaemonSet" {
		return
	}
	for t := range w.Pod.Get("tolerations").Items() {
		effect := t.Get("effect").Text()
		if effect != "" && effect != "NoSchedule" && effect != "NoExecute" {
			continue
		}
		switch key := t.Get("key"); {
		case slices.Contains(controlPlaneTaints, key.Text()):
			p.Reportf(w.Pod, key, "tolerates the taint %s; want no pods on the control plane", key.Text())
		case key.Text() == "" && t.Get("operator").Text() == "Exists":
			p.Reportf(w.Pod, t.Get("operator"), "tolerates every taint, the control plane's included; want a key")
		}
	}
}
