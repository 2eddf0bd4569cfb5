package resources

import "github.com/kubevet/kubevet/lint"

// MemoryRequest reports containers without a memory request.
//
// The scheduler packs pods by their requests: where containers ask for nothing the node
// runs out of memory, and those that use more than they asked for are the first that the
// kernel kills.
//
// A limit without a request is a request: the API server copies it. Resources of the
// pod as a whole count from Kubernetes 1.34 on. Zero is none. Init containers are held
// to the same; ephemeral containers may not have resources. What a LimitRange of the
// namespace would fill in does not count.
var MemoryRequest = &lint.Rule{
	ID:        "memory-request",
	Title:     "Container requests no memory",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-resource-minimums"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Resource policies"},
	},
	Fix: "set resources.requests.memory on the container to what it uses in normal work",
	Check: lint.PodOrContainerCheck{
		Of:    lint.Resourced,
		Check: bound{list: "requests", name: "memory", want: "the memory that the container needs"}.check,
	},
}
