package network

import "github.com/kubevet/kubevet/lint"

// NetworkPolicyEgress reports workloads that no network policy selects for egress.
//
// Who takes such a pod over can reach every service of the cluster, the metadata service of
// the cloud, and the Internet: to move on, to load tools, to carry data out.
//
// A policy selects by the labels of the pod template, within its own namespace; podSelector:
// {} selects all pods. A policy without policyTypes is one for egress only if it has egress
// rules. Cilium, Calico and admin policies count; where such a policy is in a form that is not
// understood, it is taken to select. Pods with hostNetwork: true are exempt, since policies do
// not apply to them.
var NetworkPolicyEgress = &lint.Rule{
	ID:        "network-policy-egress",
	Title:     "No network policy bounds what the pods reach",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"network-policies-all-workloads", "infra-network-policies"},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.3.2"},
		{Standard: nsa, Control: "Network policies"},
	},
	Fix:   "add a NetworkPolicy with policyTypes: [Egress] that selects the pods and lists what they may reach",
	Check: lint.UnitCheck(egress.checkSelected),
}
