package reliability

import (
	"fmt"

	"github.com/kubevet/kubevet/lint"
)

// RestartPolicy reports pods and containers whose restartPolicy is not allowed there.
//
// The API server refuses the object, or ignores the field.
//
// Jobs and CronJobs need Never or OnFailure, and unset means Always. Other workloads
// need Always. Pods may have any. Containers may set a policy of their own from Kubernetes 1.35 on. Init
// containers may set Always from 1.29 on, which makes them sidecars: an earlier version waits for their
// end forever.
var RestartPolicy = &lint.Rule{
	ID:        "restart-policy",
	Title:     "Restart policy is not allowed here",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{availability},
	Fix:       "set restartPolicy to a value that is allowed there, or remove it",
	Check: lint.PodCheck(func(p *lint.Pass, w *lint.Workload) {
		checkPodRestart(p, w)
		for _, h := range w.Containers {
			checkContainerRestart(p, h)
		}
	}),
}

func checkPodRestart(p *lint.Pass, w *lint.Workload) {
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
		p.Report(lint.Diagnostic{
			Subject: w.Pod, At: v, Fix: moveUp(w),
			Message: fmt.Sprintf("%s does not set restartPolicy, and the default Always is not allowed in a %s; want %s", w.Pod.Label(), w.Kind, want),
		})
		return
	}
	p.Reportf(w.Pod, v, "sets restartPolicy: %s, which is not allowed in a %s; want %s", policy, w.Kind, want)
}

// moveUp is the fix for a pod of a Job that sets no policy, although one of its containers has a policy that the pod could have. It is empty
// for other pods.
func moveUp(w *lint.Workload) lint.Intent {
	if w.Kind != "Job" && w.Kind != "CronJob" || w.Pod.Get("restartPolicy").IsSet() {
		return lint.Intent{}
	}
	for _, c := range w.Containers {
		if policy := c.Get("restartPolicy").Text(); c.Kind == lint.KindContainer && (policy == "Never" || policy == "OnFailure") {
			return lint.Advice("move restartPolicy: " + policy + " from " + c.Label() + " up to the pod")
		}
	}
	return lint.Intent{}
}

// The Kubernetes versions from which containers have a policy of their own.
const (
	sidecarsSince = 29 // init containers may set Always
	anySince      = 35 // every container may set any
)

func checkContainerRestart(p *lint.Pass, h lint.PodOrContainer) {
	v := h.Get("restartPolicy")
	init := h.Kind == lint.KindInit || h.Kind == lint.KindSidecar
	switch policy := v.Text(); {
	case !v.IsSet() || h.Partial:
	case h.Kind == lint.KindEphemeral:
		p.Reportf(h, v, "sets restartPolicy: %s, which ephemeral containers cannot have; want it unset", policy)
	case policy != "Always" && policy != "OnFailure" && policy != "Never":
		p.Reportf(h, v, "sets restartPolicy: %s, which is not a restart policy; want Always, OnFailure or Never", policy)
	case p.Version.AtLeast(anySince):
	case !init:
		p.Report(lint.Diagnostic{
			Subject: h, At: v, Fix: moveUp(h.Workload),
			Message: fmt.Sprintf("%s sets restartPolicy: %s, which containers may set from Kubernetes 1.%d on only; want it unset", h.Label(), policy, anySince),
		})
	case policy != "Always":
		p.Reportf(h, v, "sets restartPolicy: %s, which init containers may set from Kubernetes 1.%d on only; want Always or unset", policy, anySince)
	case !p.Version.AtLeast(sidecarsSince):
		p.Reportf(h, v, "sets restartPolicy: Always, which Kubernetes before 1.%d ignores, so the pod waits for its end; want a container", sidecarsSince)
	}
}
