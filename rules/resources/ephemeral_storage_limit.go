package resources

import "github.com/kubevet/kubevet/lint"

// EphemeralStorageLimit reports containers without a limit on the node's disk that they may fill.
//
// Logs, emptyDir volumes and what a container writes into its root filesystem lie on the node's disk.
// When one container fills it, the node evicts pods, of its neighbours too.
//
// The rule is part of the checklist profile only. Resources of the pod as a whole count from
// Kubernetes 1.34 on. Zero is no limit. What a LimitRange of the namespace would fill in does not
// count.
var EphemeralStorageLimit = &lint.Rule{
	ID:        "ephemeral-storage-limit",
	Title:     "Container may fill the node's disk",
	Severity:  lint.Low,
	Profile:   lint.ChecklistProfile,
	Checklist: []string{"auth-denial-of-service"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Resource policies"},
	},
	Fix: "set resources.limits.ephemeral-storage on the container",
	Check: lint.PodOrContainerCheck{
		Of:    lint.Resourced,
		Check: bound{list: "limits", name: "ephemeral-storage", want: "a bound on disk space"}.check,
	},
}
