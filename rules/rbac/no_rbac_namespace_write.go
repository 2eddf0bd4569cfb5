package rbac

import "github.com/kubevet/kubevet/lint"

// NoRBACNamespaceWrite reports roles that let their subjects create, change or delete namespaces.
//
// The labels of a namespace say which Pod Security Standard it enforces, and which network policies and
// webhooks apply to it. Anyone who can set them is exempt. Anyone who deletes a namespace deletes all that is
// in it.
//
// The severity is for a person who has the right, and one more for everybody. It is one less for a service
// account that a workload of the input runs as, and for a role that nothing in the input binds; where it comes
// out low for these two, the rule is part of the strict profile only. ClusterRoles of Kubernetes' own are
// exempt in what Kubernetes grants them, and entries on all resources are reported by no-rbac-wildcard. A Role
// can grant update, patch and delete of its own namespace. Entries with resourceNames pass.
var NoRBACNamespaceWrite = &lint.Rule{
	ID:        "no-rbac-namespace-write",
	Title:     "Role can change namespaces",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{leastPrivilege, infraRBAC},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Role-based access control"},
		{Standard: owasp, Control: "K02"},
	},
	Fix:    "leave namespaces and their labels to cluster administrators",
	Unless: "the program needs the right",
	Check:  grants("Pod Security labels left to cluster administrators", "namespace-write"),
}
