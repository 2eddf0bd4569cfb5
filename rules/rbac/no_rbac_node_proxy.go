package rbac

import "github.com/kubevet/kubevet/lint"

// NoRBACNodeProxy reports roles that let their subjects use nodes/proxy.
//
// It is the whole API of the kubelet: commands in every container of the node, and its logs. No admission
// plugin sees these requests, and the API server's audit log shows only part of them. get is enough to run
// commands.
//
// The severity is for a person who has the right, and one more for everybody. It is one less in a namespace,
// for a service account that a workload of the input runs as, and for a role that nothing in the input binds;
// where it comes out low for these two, the rule is part of the strict profile only. ClusterRoles of
// Kubernetes' own are exempt in what Kubernetes grants them, and entries on all resources are reported by
// no-rbac-wildcard. Entries with resourceNames pass. A Role cannot grant it, since nodes belong to no namespace:
// see effective-rbac-rule.
var NoRBACNodeProxy = &lint.Rule{
	ID:        "no-rbac-node-proxy",
	Title:     "Role can use the API of kubelets",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{leastPrivilege, infraRBAC},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.1.10"},
		{Standard: owasp, Control: "K02"},
	},
	Fix:   "grant what the program reads in place of nodes/proxy: nodes/metrics, nodes/stats, nodes/log, and from v1.33 on nodes/pods, nodes/healthz or nodes/configz",
	Check: grants("nodes/metrics, nodes/stats or nodes/log", "node-proxy"),
}
