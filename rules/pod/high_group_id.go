package pod

import "github.com/kubevet/kubevet/lint"

// HighGroupID reports containers that run with a group ID below 10000, or with the one that the image sets.
//
// Groups with low IDs exist on nodes too, and an image that sets none runs as group 0, which owns much of
// the node. A process that escapes from its container may then read and write what that group may.
//
// The rule is part of the strict profile only. A container's own runAsGroup overrides its pod's. A value
// on the pod is reported once, on the pod. Pods with hostUsers: false are exempt from
// Kubernetes 1.35 on, since their groups are mapped to high IDs on the node. Pods with
// spec.os.name: windows are exempt too.
var HighGroupID = &lint.Rule{
	ID:        "high-group-id",
	Title:     "Container runs with a low group ID",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"pod-run-as-user"},
	Fix:       "set securityContext.runAsGroup on the pod or the container to 10000 or above",
	Check:     lint.PodCheck(func(p *lint.Pass, w *lint.Workload) { checkHighID(p, w, "securityContext.runAsGroup", "a group") }),
}
