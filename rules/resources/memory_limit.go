package resources

import "github.com/kubevet/kubevet/lint"

// MemoryLimit reports containers without a memory limit.
//
// One request that makes the application allocate without end then takes the memory of the
// whole node: other pods are evicted or killed. With a limit only the container itself is.
//
// Resources of the pod as a whole count from Kubernetes 1.34 on. Zero is no limit. Init
// containers are held to the same; ephemeral containers may not have resources. What a
// LimitRange of the namespace would fill in does not count.
var MemoryLimit = &lint.Rule{
	ID:        "memory-limit",
	Title:     "Container has no memory limit",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-memory-limit", "pod-resource-minimums", "auth-denial-of-service"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Resource policies"},
	},
	Fix: "set resources.limits.memory on the container",
	Check: lint.PodOrContainerCheck{
		Of:    lint.Resourced,
		Check: bound{list: "limits", name: "memory", want: "a bound on memory"}.check,
	},
}
