package rbac

import "github.com/kubevet/kubevet/lint"

// NoRBACImpersonation reports roles whose subjects may impersonate users, groups or service accounts.
//
// Anyone who can act as the group system:masters is above RBAC. Anyone who can act as a service account has
// its rights, and the audit log shows the account.
//
// The severity is for a person who has the right, and one more for everybody. It is one less in a namespace,
// for a service account that a workload of the input runs as, and for a role that nothing in the input binds;
// where it comes out low for these two, the rule is part of the strict profile only. ClusterRoles of
// Kubernetes' own are exempt in what Kubernetes grants them, and entries on all resources are reported by
// no-rbac-wildcard. Entries with resourceNames pass, unless they name system:masters.
var NoRBACImpersonation = &lint.Rule{
	ID:        "no-rbac-impersonation",
	Title:     "Role can act as others",
	Severity:  lint.Critical,
	Profile:   lint.Recommended,
	Checklist: []string{leastPrivilege, "auth-no-impersonation-anonymous"},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.1.8"},
		{Standard: nsa, Control: "Role-based access control"},
		{Standard: owasp, Control: "K02"},
	},
	Fix:    "remove the verb impersonate, or name the users in resourceNames",
	Unless: "the program needs the right",
	Check:  grants("no impersonation", "impersonate", "impersonate-accounts"),
}
