package resources

import "github.com/kubevet/kubevet/lint"

// CPURequest reports containers without a CPU request.
//
// The scheduler places pods by their requests. A container that requests nothing can be placed on a
// full node, and gets next to no CPU time there when a neighbour uses all of it.
//
// A limit without a request is enough: the API server copies it to the request. The defaults of a
// LimitRange in the container's namespace count, and so do resources of the pod as a whole from
// Kubernetes 1.34 on. Zero means no request. Init containers are checked too; ephemeral containers
// cannot have resources.
// A container for which a pod_nanny of addon-resizer beside it has an amount passes: that program sets both.
var CPURequest = &lint.Rule{
	ID:        "cpu-request",
	Title:     "Container requests no CPU",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-resource-minimums"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Resource policies"},
		{Standard: owasp, Control: "K01"},
	},
	Fix:   "set resources.requests.cpu on the container to what it uses in normal work",
	Check: lint.PodCheck(setting{list: "requests", name: "cpu", want: "the CPU that the container needs"}.check),
}
