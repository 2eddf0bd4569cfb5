package resources

import "github.com/kubevet/kubevet/lint"

// EphemeralStorageLimit reports containers without a limit on the disk space of the node that they use.
//
// Logs, emptyDir volumes and the files that a container writes to its root filesystem lie on the node's
// disk. When one container fills it, the node evicts pods, its neighbours included.
//
// The rule is part of the strict profile only. The defaults of a LimitRange in the container's namespace
// count. Zero means no limit. A pod as a whole cannot have this limit.
var EphemeralStorageLimit = &lint.Rule{
	ID:        "ephemeral-storage-limit",
	Title:     "Container may fill the node's disk",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"auth-denial-of-service"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Resource policies"},
		{Standard: owasp, Control: "K01"},
	},
	Fix:   "set resources.limits.ephemeral-storage on the container",
	Check: lint.PodCheck(setting{list: "limits", name: "ephemeral-storage", want: "a limit on disk space"}.check),
}
