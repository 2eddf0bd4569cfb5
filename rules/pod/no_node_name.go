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
	v := w.Pod.Get("nodeName")
	if v.Text() == "" {
		return
	}
	d := lint.Diagnostic{Subject: w.Pod, At: v, Message: w.Pod.Label() + " sets nodeName: " + v.Text() + "; want it unset"}
	if w.Pod.Get("affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution").Len() > 0 {
		// Without the scheduler nothing held the pods apart.
		d.Fix = lint.Advice("remove nodeName, and select by nodeSelector as many nodes as there are pods: podAntiAffinity then keeps them apart")
	}
	p.Report(d)
}
