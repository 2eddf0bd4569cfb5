package rbac

import "github.com/kubevet/kubevet/lint"

// NoRBACSecretsRead reports roles that let their subjects get, list or watch Secrets.
//
// list and watch show the content of Secrets as get does. Secrets hold passwords, keys and, in many clusters,
// tokens of other service accounts: anyone who reads them has the rights of all these.
//
// The severity is for a person who has the right, and one more for everybody. It is one less in a namespace,
// for a service account that a workload of the input runs as, and for a role that nothing in the input binds;
// where it comes out low for these two, the rule is part of the strict profile only. ClusterRoles of
// Kubernetes' own are exempt in what Kubernetes grants them, and entries on all resources are reported by
// no-rbac-wildcard. Entries with resourceNames pass, since they grant what they name.
var NoRBACSecretsRead = &lint.Rule{
	ID:        "no-rbac-secrets-read",
	Title:     "Role can read Secrets",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{leastPrivilege, infraRBAC},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.1.2"},
		{Standard: nsa, Control: "Role-based access control"},
		{Standard: owasp, Control: "K02"},
	},
	Fix:    "name the Secrets in resourceNames, or mount them",
	Unless: "the names are not known beforehand",
	Check:  grants("only the Secrets that are needed, by resourceNames", "secrets-read"),
}
