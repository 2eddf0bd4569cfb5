package network

import "github.com/kubevet/kubevet/lint"

// DefaultDenyIngress reports namespaces without a NetworkPolicy that selects all pods and
// allows no ingress.
//
// Without one, a pod that no other policy selects, one that is added tomorrow for instance,
// can be reached by every pod of the cluster.
//
// Asked of each namespace that the input declares or that one of its workloads names; reported
// at the Namespace, else at the first workload. A namespace that no file names, such as the
// release namespace of a chart, belongs to who installs it: it is asked about under the
// checklist profile only. The namespaces of the cluster itself (kube-system, kube-public,
// kube-node-lease) are exempt, and so are those with Cilium, Calico or admin policies, whose
// effect on a whole namespace is not judged.
var DefaultDenyIngress = &lint.Rule{
	ID:        "default-deny-ingress",
	Title:     "Namespace does not deny ingress by default",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"network-default-deny", "infra-network-policies"},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.3.2"},
		{Standard: nsa, Control: "Network policies"},
	},
	Fix:   "add a NetworkPolicy with podSelector: {}, policyTypes: [Ingress] and no ingress rules to the namespace",
	Check: lint.UnitCheck(ingress.checkDefaultDeny),
}
