package network

import "github.com/kubevet/kubevet/lint"

// NetworkPolicyIngress reports workloads that no network policy selects for ingress.
//
// Every pod of the cluster can then reach every port of these pods. An attacker who takes over one pod
// anywhere can try the databases, caches and admin ports of all others.
//
// A policy selects by the labels of the pod template, within its own namespace; podSelector: {} selects
// all pods. A policy without policyTypes applies to ingress, and one without rules denies. If a
// namespace or release has no policy for ingress at all, that is one finding, at the pod labels of its
// first workload: there is no line to change but a file to add. It lists the other workloads. Cilium,
// Calico and admin policies count, and so do those that other manifests or overlays of the repository
// have for the namespace, or for any that has pods with these labels, and those that a ClusterPolicy of
// Kyverno generates. If a policy is in a form that kubevet
// does not understand, it counts as selecting the pods. Where a dependency or a base is missing, which may have
// policies, only the pods are named. What another chart of the repository has policies for, by a label with a domain of its
// own on the pods or on others of the release, such as net.example.com/db: allow, may be in the namespace of that
// chart, and is not reported. A policy that selects nothing, though it shares a label with the pods, is
// the place to edit. Pods with hostNetwork: true are exempt, since policies do not apply to them, and so are
// pods of hooks of Helm and Argo CD. Jobs that declare no port, and to which no Service leads, have low severity:
// a port need not be declared to be listened on, but most of them wait for nobody, and not for long. Policies take
// effect only where the network plugin of the cluster enforces them.
// For pods on AWS Fargate, where EKS enforces none, the fix is a security group; those with a SecurityGroupPolicy in their namespace are exempt.
var NetworkPolicyIngress = &lint.Rule{
	ID:        "network-policy-ingress",
	Title:     "No network policy restricts ingress",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"network-policies-all-workloads", "infra-network-policies"},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.3.2"},
		{Standard: nsa, Control: "Network policies"},
		{Standard: owasp, Control: "K05"},
	},
	Fix:   "add a NetworkPolicy that selects the pods and lists who may reach them",
	Check: lint.UnitCheck(ingress.checkSelected),
}
