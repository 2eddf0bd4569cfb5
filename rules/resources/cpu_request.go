package resources

import "github.com/kubevet/kubevet/lint"

// CPURequest reports containers without a CPU request.
//
// The scheduler packs pods by their requests: a container that asks for nothing can
// land on a full node, and gets next to no time there as soon as a neighbour, by
// attack or by accident, wants all of it.
//
// A limit without a request is a request: the API server copies it. Resources of the
// pod as a whole count from Kubernetes 1.34 on. Zero is none. Init containers are held
// to the same; ephemeral containers may not have resources. What a LimitRange of the
// namespace would fill in does not count.
var CPURequest = &lint.Rule{
	ID:        "cpu-request",
	Title:     "Container requests no CPU",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-resource-minimums"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Resource policies"},
	},
	Fix: "set resources.requests.cpu on the container to what it uses in normal work",
	Check: lint.PodOrContainerCheck{
		Of:    lint.Resourced,
		Check: bound{list: "requests", name: "cpu", want: "the CPU that the container needs"}.check,
	},
}
