package resources

import "github.com/kubevet/kubevet/lint"

// CPULimit reports containers without a CPU limit.
//
// A container that was taken over, for example to mine coins, then uses every idle core of its
// node. Its neighbours also show in its timing, which matters for sensitive workloads.
//
// The rule is part of the strict profile only: a CPU limit slows a container down even while the node
// is idle, so many teams set requests alone. The defaults of a LimitRange in the container's namespace
// count, and so do resources of the pod as a whole from Kubernetes 1.34 on. Zero means no limit.
// A container for which a pod_nanny of addon-resizer beside it has an amount passes: that program sets both.
var CPULimit = &lint.Rule{
	ID:        "cpu-limit",
	Title:     "Container has no CPU limit",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"pod-cpu-limit-sensitive"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Resource policies"},
		{Standard: owasp, Control: "K01"},
	},
	Fix:   "set resources.limits.cpu on the container",
	Check: lint.PodCheck(setting{list: "limits", name: "cpu", want: "a limit on CPU time"}.check),
}
