package network

import "github.com/kubevet/kubevet/lint"

// NetworkPolicyIngress reports workloads that no network policy selects for ingress.
//
// Every pod of the cluster can then reach every port of these pods. One taken-over pod
// anywhere is enough to try the databases, caches and admin ports of all others.
//
// A policy selects by the labels of the pod template, within its own namespace; podSelector:
// {} selects all pods. A policy without policyTypes is one for ingress, and one without rules
// denies. Cilium, Calico and admin policies count; where such a policy is in a form that is not
// understood, it is taken to select. Pods with hostNetwork: true are exempt, since policies do
// not apply to them.
var NetworkPolicyIngress = &lint.Rule{
	ID:        "network-policy-ingress",
	Title:     "No network policy bounds what reaches the pods",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"network-policies-all-workloads", "infra-network-policies"},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.3.2"},
		{Standard: nsa, Control: "Network policies"},
	},
	Fix:   "add a NetworkPolicy that selects the pods and lists who may reach them",
	Check: lint.UnitCheck(ingress.checkSelected),
}
