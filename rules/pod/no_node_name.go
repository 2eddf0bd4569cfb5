package pod

import "github.com/kubevet/kubevet/lint"

// NoNodeName reports pods that name the node on which they run.
//
// Such a pod passes the scheduler by, and with it taints, room and every rule on what may run
// where: a pod meant for any node lands beside the most sensitive one, on the control plane if its
// author likes.
//
// Select nodes by label instead, with nodeSelector or nodeAffinity: the scheduler then still has a
// say. Unset and empty are fine.
var NoNodeName = &lint.Rule{
	ID:        "no-node-name",
	Title:     "Pod passes the scheduler by",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-placement"},
	Fix:       "remove nodeName and select nodes by label with nodeSelector",
	Check:     lint.PodCheck(checkNodeName),
}

func checkNodeName(p *lint.Pass, w *lint.Workload) {
	if v := w.Pod.Get("nodeName"); v.Text() != "" {
		p.Reportf(w.Pod, v, "sets nodeName: %s; want it unset", v.Text())
	}
}
