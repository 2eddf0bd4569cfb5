package pod

import "github.com/kubevet/kubevet/lint"

// HighGroupID reports containers that run as a group below 10000, or as whichever the image names.
//
// Groups of low number exist on nodes too, and an image that names none runs as group 0, to which
// much of the node belongs. A process that leaves its container may then read and write what that
// group may.
//
// The rule is part of the checklist profile only. A container's own runAsGroup wins over its pod's;
// what the pod sets is reported once, on the pod. Pods with hostUsers: false are exempt from
// Kubernetes 1.35 on, since their groups are mapped to high numbers anyhow; so are pods with
// spec.os.name: windows.
var HighGroupID = &lint.Rule{
	ID:        "high-group-id",
	Title:     "Container runs as a group of low number",
	Severity:  lint.Low,
	Profile:   lint.ChecklistProfile,
	Checklist: []string{"pod-run-as-user"},
	Fix:       "set securityContext.runAsGroup on the pod or the container to 10000 or above",
	Check:     lint.PodCheck(func(p *lint.Pass, w *lint.Workload) { checkHighID(p, w, "securityContext.runAsGroup", "a group") }),
}
