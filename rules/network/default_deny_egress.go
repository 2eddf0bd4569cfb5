package network

import "github.com/kubevet/kubevet/lint"

// DefaultDenyEgress reports namespaces without a NetworkPolicy that selects all pods and
// allows no egress.
//
// Without one, a pod that no other policy selects, one that is added tomorrow for instance,
// can reach everything: all services of the cluster, the metadata service of the cloud, the
// Internet.
//
// A policy that allows name resolution alone (port 53) counts as denying. Asked of each namespace
// that the input declares or that one of its workloads names; reported at the Namespace, else at
// the first workload. A namespace that no file names, such as the release namespace of a chart,
// belongs to who installs it: it is asked about under the checklist profile only. The namespaces
// of the cluster itself (kube-system, kube-public, kube-node-lease) are exempt, and so are those
// with Cilium, Calico or admin policies, whose effect on a whole namespace is not judged.
var DefaultDenyEgress = &lint.Rule{
	ID:        "default-deny-egress",
	Title:     "Namespace does not deny egress by default",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"network-default-deny", "infra-network-policies"},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.3.2"},
		{Standard: nsa, Control: "Network policies"},
	},
	Fix:   "add a NetworkPolicy with podSelector: {}, policyTypes: [Egress] and no egress rules to the namespace",
	Check: lint.UnitCheck(egress.checkDefaultDeny),
}
