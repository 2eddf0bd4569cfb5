package resources

import "github.com/kubevet/kubevet/lint"

// NamespaceLimitRange reports namespaces with workloads and without a LimitRange.
//
// A pod that says nothing of CPU and memory is then unbounded: a LimitRange gives bounds to those that
// name none, and refuses those that ask for too much.
//
// The rule is part of the checklist profile only. Asked of each namespace that a workload of the input
// names, and reported at the Namespace, else at the first such workload; any LimitRange counts. A
// namespace that no file names belongs to who installs it. kube-system, kube-public and
// kube-node-lease are exempt.
var NamespaceLimitRange = &lint.Rule{
	ID:        "namespace-limit-range",
	Title:     "Namespace has no limit range",
	Severity:  lint.Low,
	Profile:   lint.ChecklistProfile,
	Checklist: []string{"auth-denial-of-service"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Resource policies"},
	},
	Fix:   "add a LimitRange with defaults for CPU and memory to the namespace",
	Check: checkNamespaces("LimitRange"),
}
