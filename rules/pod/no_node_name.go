package pod

import "github.com/kubevet/kubevet/lint"

// NoNodeName reports pods that name the node on which they run.
//
// Such a pod bypasses the scheduler, and with it taints, free capacity and every rule on where pods
// may run. A pod can so be placed beside the most sensitive one, or on the control plane.
//
// Select nodes by label instead, with nodeSelector or nodeAffinity: the scheduler then still
// decides. Unset and empty are fine.
var NoNodeName = &lint.Rule{
	ID:        "no-node-name",
	Title:     "Pod bypasses the scheduler",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-placement"},
	Fix:       "remove nodeName, and select nodes by label with nodeSelector: one node by kubernetes.io/hostname",
	Check:     lint.PodCheck(checkNodeName),
}

func checkNodeName(p *lint.Pass, w *lint.Workload) {
	if v := w.Pod.Get("nodeName"); v.Text() != "" {
		p.Reportf(w.Pod, v, "sets nodeName: %s; want it unset", v.Text())
	}
}
