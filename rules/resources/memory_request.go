package resources

import "github.com/kubevet/kubevet/lint"

// MemoryRequest reports containers without a memory request.
//
// The scheduler places pods by their requests. If containers request nothing, the node runs out of
// memory, and the kernel first kills those that use more than they requested.
//
// A limit without a request is enough: the API server copies it to the request. The defaults of a
// LimitRange in the container's namespace count, and so do resources of the pod as a whole from
// Kubernetes 1.34 on. Zero means no request. Init containers are checked too; ephemeral containers
// cannot have resources.
// A container for which a pod_nanny of addon-resizer beside it has an amount passes: that program sets both.
var MemoryRequest = &lint.Rule{
	ID:        "memory-request",
	Title:     "Container requests no memory",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-resource-minimums"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Resource policies"},
		{Standard: owasp, Control: "K01"},
	},
	Fix:   "set resources.requests.memory on the container to what it uses in normal work",
	Check: lint.PodCheck(setting{list: "requests", name: "memory", want: "the memory that the container needs"}.check),
}
