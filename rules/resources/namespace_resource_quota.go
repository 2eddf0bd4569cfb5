package resources

import "github.com/kubevet/kubevet/lint"

// NamespaceResourceQuota reports namespaces with workloads and without a ResourceQuota.
//
// Whoever may create pods in such a namespace, or scale what is there, can fill the whole cluster; and
// whoever may create Services can order load balancers without end.
//
// The rule is part of the checklist profile only. Asked of each namespace that a workload of the input
// names, and reported at the Namespace, else at the first such workload; any ResourceQuota counts. A
// namespace that no file names belongs to who installs it. kube-system, kube-public and
// kube-node-lease are exempt.
var NamespaceResourceQuota = &lint.Rule{
	ID:        "namespace-resource-quota",
	Title:     "Namespace has no resource quota",
	Severity:  lint.Low,
	Profile:   lint.ChecklistProfile,
	Checklist: []string{"auth-denial-of-service"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Resource policies"},
	},
	Fix:   "add a ResourceQuota that bounds the CPU, memory and number of objects of the namespace",
	Check: checkNamespaces("ResourceQuota"),
}
