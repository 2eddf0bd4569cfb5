package rbac

import "github.com/kubevet/kubevet/lint"

// NoRBACAPIWrite reports roles that let their subjects write CustomResourceDefinitions or APIServices.
//
// Anyone who deletes a CustomResourceDefinition deletes all resources of its kind in the cluster. A conversion
// webhook or an APIService leads the API server's requests, with the users' names and objects, to a server of
// the attacker's.
//
// The severity is for a person who has the right, and one more for everybody. It is one less in a namespace,
// for a service account that a workload of the input runs as, and for a role that nothing in the input binds;
// where it comes out low for these two, the rule is part of the strict profile only. ClusterRoles of
// Kubernetes' own are exempt in what Kubernetes grants them, and entries on all resources are reported by
// no-rbac-wildcard. Entries with resourceNames pass, since they grant what they name.
var NoRBACAPIWrite = &lint.Rule{
	ID:        "no-rbac-api-write",
	Title:     "Role can change which APIs are served",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{leastPrivilege, infraRBAC},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Role-based access control"},
		{Standard: owasp, Control: "K02"},
	},
	Fix:    "name the definitions in resourceNames, or let a chart bring them",
	Unless: "the names are not known beforehand",
	Check:  grants("only its own definitions, by resourceNames", "api-write"),
}
