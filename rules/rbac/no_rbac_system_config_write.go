package rbac

import "github.com/kubevet/kubevet/lint"

// NoRBACSystemConfigWrite reports ClusterRoles, and Roles in kube-system, that let their subjects write
// ConfigMaps.
//
// In kube-system ConfigMaps configure the cluster: that of CoreDNS says where the names of Services lead,
// aws-auth who is administrator, kube-proxy how packets go.
//
// The severity is for a person who has the right, and one more for everybody. It is one less in a namespace,
// for a service account that a workload of the input runs as, and for a role that nothing in the input binds;
// where it comes out low for these two, the rule is part of the strict profile only. ClusterRoles of
// Kubernetes' own are exempt in what Kubernetes grants them, and entries on all resources are reported by
// no-rbac-wildcard. Entries with resourceNames pass, since they grant what they name.
var NoRBACSystemConfigWrite = &lint.Rule{
	ID:        "no-rbac-system-config-write",
	Title:     "Role can change the configuration of the cluster's components",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{leastPrivilege, infraRBAC},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Role-based access control"},
		{Standard: owasp, Control: "K02"},
	},
	Fix:    "grant configmaps in the namespaces that need it, or name them in resourceNames",
	Unless: "the names are not known beforehand",
	Check:  grants("only the ConfigMaps that are needed", "config-write"),
}
