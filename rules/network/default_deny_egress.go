package network

import "github.com/kubevet/kubevet/lint"

// DefaultDenyEgress reports namespaces without a network policy that selects all pods and
// allows no egress.
//
// Without one, a pod that no other policy selects, such as one that is added tomorrow, can reach
// every service of the cluster, the metadata service of the cloud, and the Internet.
//
// A policy that only allows name resolution (port 53) counts as denying. The rule applies to each
// namespace that the input declares or that one of its workloads names. It reports the Namespace, or the
// first workload if the repository has no Namespace, or several with that name and none in the overlay's
// directory or above. A namespace that no file names, such as the release namespace of a chart, is up to
// the person who installs it: it is reported in the strict profile only, and so is one that a chart names and does not make. kube-system, kube-public and
// kube-node-lease are exempt. A policy that selects all pods and allows them something, such as traffic
// within the namespace, makes the severity low. Policies add up: one that allows everything to all pods
// is reported, whatever the others deny. Cilium, Calico and admin policies that select all pods of the
// namespace count; of admin policies the actions and their order decide. So do several that select all pods together
// by one label, such as In [x] and NotIn [x]. Policies that a ClusterPolicy
// of Kyverno generates for the namespace count, too. Manifests below a directory that has such a policy
// without a namespace are not reported, since Config Sync gives it to their namespaces. Namespaces whose
// workloads have no policy for egress at all are reported by network-policy-egress.
// Policies of other overlays count in the namespace in which these, Flux or Argo CD put them.
// Policies take effect only where the network plugin of the cluster enforces them.
var DefaultDenyEgress = &lint.Rule{
	ID:        "default-deny-egress",
	Title:     "Namespace does not deny egress by default",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"network-default-deny", "infra-network-policies"},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.3.2"},
		{Standard: nsa, Control: "Network policies"},
		{Standard: owasp, Control: "K05"},
	},
	ImpliedBy: "network-policy-egress",
	Fix:       "add a NetworkPolicy with podSelector: {}, policyTypes: [Egress] and no egress rules to the namespace, after policies for what the pods need, since it cuts them off from all else",
	Check:     lint.UnitCheck(egress.checkDefaultDeny),
}
