package network

import "github.com/kubevet/kubevet/lint"

// NetworkPolicyEgress reports workloads that no network policy selects for egress.
//
// An attacker who takes over such a pod can reach every service of the cluster, the metadata service
// of the cloud, and the Internet: to spread, to download tools, and to carry data out.
//
// A policy selects by the labels of the pod template, within its own namespace; podSelector: {} selects
// all pods. A policy without policyTypes applies to egress only if it has egress rules. If a namespace
// or release has no policy for egress at all, that is one finding, at the pod labels of its
// first workload: there is no line to change but a file to add. It lists the other workloads. Cilium,
// Calico and admin policies count, and so do those that other manifests or overlays of the repository
// have for the namespace, or for any that has pods with these labels, and those that a ClusterPolicy of
// Kyverno generates. If a policy is in a form that kubevet
// does not understand, it counts as selecting the pods. Where a dependency or a base is missing, which may have
// policies, only the pods are named. A policy that selects nothing, though it shares a label with the pods, is
// the place to edit. Pods with hostNetwork: true are exempt, since policies do not apply to them, and so are
// pods of hooks of Helm and Argo CD. Policies take effect only where the network plugin of the cluster enforces them.
// For pods on AWS Fargate, where EKS enforces none, the fix is a security group; those with a SecurityGroupPolicy in their namespace are exempt.
var NetworkPolicyEgress = &lint.Rule{
	ID:        "network-policy-egress",
	Title:     "No network policy restricts egress",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"network-policies-all-workloads", "infra-network-policies"},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.3.2"},
		{Standard: nsa, Control: "Network policies"},
		{Standard: owasp, Control: "K05"},
	},
	Fix:   "add a NetworkPolicy with policyTypes: [Egress] that selects the pods and lists what they may reach",
	Check: lint.UnitCheck(egress.checkSelected),
}
