package rbac

import "github.com/kubevet/kubevet/lint"

// NoRBACSecretsWrite reports roles that let their subjects create, change or delete Secrets.
//
// Anyone who changes a Secret replaces a password or a certificate that others trust. Anyone who creates one
// of type kubernetes.io/service-account-token and reads it gets a token of any service account of the
// namespace.
//
// The severity is for a person who has the right, and one more for everybody. It is one less in a namespace,
// for a service account that a workload of the input runs as, and for a role that nothing in the input binds;
// where it comes out low for these two, the rule is part of the strict profile only. ClusterRoles of
// Kubernetes' own are exempt in what Kubernetes grants them, and entries on all resources are reported by
// no-rbac-wildcard. Entries with resourceNames pass, since they grant what they name. A role that only deletes
// has low severity.
var NoRBACSecretsWrite = &lint.Rule{
	ID:        "no-rbac-secrets-write",
	Title:     "Role can write Secrets",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{leastPrivilege, infraRBAC},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.1.2"},
		{Standard: nsa, Control: "Role-based access control"},
		{Standard: owasp, Control: "K02"},
	},
	Fix:    "name the Secrets in resourceNames, or leave the right out",
	Unless: "the names are not known beforehand",
	Check:  grants("only the Secrets that are needed, by resourceNames", "secrets-write"),
}
