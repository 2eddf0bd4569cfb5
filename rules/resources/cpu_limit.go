package resources

import "github.com/kubevet/kubevet/lint"

// CPULimit reports containers without a CPU limit.
//
// Without one, a container that was taken over, to mine coins for one, uses every idle
// core of its node; and what its neighbours do shows in its timing, which sensitive
// workloads should not allow.
//
// The rule is part of the checklist profile only: a CPU limit also slows a container down
// while the node is idle, so many teams set requests alone. Resources of the pod as a whole
// count from Kubernetes 1.34 on. Zero is no limit.
var CPULimit = &lint.Rule{
	ID:        "cpu-limit",
	Title:     "Container has no CPU limit",
	Severity:  lint.Low,
	Profile:   lint.ChecklistProfile,
	Checklist: []string{"pod-cpu-limit-sensitive"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Resource policies"},
	},
	Fix: "set resources.limits.cpu on the container",
	Check: lint.PodOrContainerCheck{
		Of:    lint.Resourced,
		Check: bound{list: "limits", name: "cpu", want: "a bound on CPU time"}.check,
	},
}
