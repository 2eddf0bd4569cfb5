package resources

import "github.com/kubevet/kubevet/lint"

// NamespaceResourceQuota reports namespaces with workloads and without a ResourceQuota.
//
// Anyone who may create or scale pods in such a namespace can fill the whole cluster. Anyone who may
// create Services there can order any number of load balancers.
//
// The rule is part of the strict profile only. It applies to each namespace that a workload of the
// input names, and reports the Namespace, or the first workload if the input has no Namespace. Any
// ResourceQuota counts. A namespace that no file names is up to the person who installs the files.
// kube-system, kube-public and kube-node-lease are exempt.
var NamespaceResourceQuota = &lint.Rule{
	ID:        "namespace-resource-quota",
	Title:     "Namespace has no resource quota",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"auth-denial-of-service"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Resource policies"},
	},
	Fix:   "add a ResourceQuota that limits the CPU, memory and number of objects of the namespace",
	Check: checkNamespaces("ResourceQuota", nil),
}
