package reliability

import "github.com/kubevet/kubevet/lint"

// RestartPolicy reports pod templates whose restartPolicy their kind does not allow.
//
// The API server refuses the object. Jobs and CronJobs need Never or OnFailure, and
// absent means Always; what runs on needs Always.
//
// Pods may have any, and are not looked at.
var RestartPolicy = &lint.Rule{
	ID:        "restart-policy",
	Title:     "Restart policy is not allowed here",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{availability},
	Fix:       "set restartPolicy as the kind demands",
	Check: lint.PodCheck(func(p *lint.Pass, w *lint.Workload) {
		v := w.Pod.Get("restartPolicy")
		policy, want := v.Text(), "Always"
		if !isBuiltin(w) {
			return
		}
		switch w.Kind {
		case "Job", "CronJob":
			if policy == "Never" || policy == "OnFailure" {
				return
			}
			want = "Never or OnFailure"
		case "Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController":
			if policy == "" || policy == "Always" {
				return
			}
		default:
			return
		}
		if policy == "" {
			p.Reportf(w.Pod, v, "does not set restartPolicy, and the Always that this means is not for a %s; want %s", w.Kind, want)
			return
		}
		p.Reportf(w.Pod, v, "sets restartPolicy: %s, which is not for a %s; want %s", policy, w.Kind, want)
	}),
}
