package network

import "github.com/kubevet/kubevet/lint"

// DefaultDenyIngress reports namespaces without a network policy that selects all pods and
// allows no ingress.
//
// Without one, every pod of the cluster can reach a pod that no other policy selects, such as one that
// is added tomorrow.
//
// The rule applies to each namespace that the input declares or that one of its workloads names. It
// reports the Namespace, or the first workload if the repository has no Namespace, or several with that
// name and none in the overlay's directory or above. A namespace that no file names, such as the release
// namespace of a chart, is up to the person who installs it: it is reported in the strict profile only, and so is one that a chart names and does not make.
// kube-system, kube-public and kube-node-lease are exempt. A policy that selects all pods and allows
// them something, such as traffic within the namespace, makes the severity low. Policies add up: one
// that allows everything to all pods is reported, whatever the others deny. Cilium, Calico and admin
// policies that select all pods of the namespace count; of admin policies the actions and their order
// decide. So do several that select all pods together by one label, such as In [x] and NotIn [x].
// Policies that a ClusterPolicy of Kyverno generates for the namespace count, too. Manifests
// below a directory that has such a policy without a namespace are not reported, since Config Sync gives
// it to their namespaces. Namespaces whose workloads have no policy for ingress at all are reported by
// network-policy-ingress.
// Policies of other overlays count in the namespace in which these, Flux or Argo CD put them.
// Policies take effect only where the network plugin of the cluster enforces them.
var DefaultDenyIngress = &lint.Rule{
	ID:        "default-deny-ingress",
	Title:     "Namespace does not deny ingress by default",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"network-default-deny", "infra-network-policies"},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.3.2"},
		{Standard: nsa, Control: "Network policies"},
		{Standard: owasp, Control: "K05"},
	},
	ImpliedBy: "network-policy-ingress",
	Fix:       "add a NetworkPolicy with podSelector: {}, policyTypes: [Ingress] and no ingress rules to the namespace, after policies for what the pods need, since it cuts them off from all else",
	Check:     lint.UnitCheck(ingress.checkDefaultDeny),
}
