package resources

import "github.com/kubevet/kubevet/lint"

// MemoryLimit reports containers without a memory limit.
//
// One request that makes the application allocate without end then takes the memory of the
// whole node, and other pods are evicted or killed. With a limit only the container itself is killed.
//
// The defaults of a LimitRange in the container's namespace count, and so do resources of the pod as
// a whole from Kubernetes 1.34 on. Zero means no limit. Init containers are checked too; ephemeral
// containers cannot have resources.
// A container for which a pod_nanny of addon-resizer beside it has an amount passes: that program sets both.
var MemoryLimit = &lint.Rule{
	ID:        "memory-limit",
	Title:     "Container has no memory limit",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-memory-limit", "pod-resource-minimums", "auth-denial-of-service"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Resource policies"},
		{Standard: owasp, Control: "K01"},
	},
	Fix:   "set resources.limits.memory on the container",
	Check: lint.PodCheck(setting{list: "limits", name: "memory", want: "a limit on memory"}.check),
}
