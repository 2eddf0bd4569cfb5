package rbac

import "github.com/kubevet/kubevet/lint"

// NoRBACEscalation reports roles whose subjects can give themselves more rights: by the verbs escalate and
// bind on roles, by tokens of service accounts, or by client certificates that they approve or sign.
//
// The API server lets nobody write a role or binding with rights that they lack. escalate and bind are the
// exceptions, and make their holder an administrator. A token of a service account has all its rights. A
// client certificate for the group system:masters is above RBAC.
//
// The severity is for a person who has the right, and one more for everybody. It is one less in a namespace,
// for a service account that a workload of the input runs as, and for a role that nothing in the input binds;
// where it comes out low for these two, the rule is part of the strict profile only. ClusterRoles of
// Kubernetes' own are exempt in what Kubernetes grants them, and entries on all resources are reported by
// no-rbac-wildcard. Tokens are one severity less than roles. Entries with resourceNames pass, unless they name
// the roles admin or cluster-admin, or with the verb escalate a role that its holder has, which it can then rewrite. The right to bind admin
// alone is one severity less. Certificates count if the role may also approve or sign for signers whose
// certificates the API server accepts: kubernetes.io/kube-apiserver-client and its like, or all. The verb bind
// on bindings means nothing: see effective-rbac-rule.
var NoRBACEscalation = &lint.Rule{
	ID:        "no-rbac-escalation",
	Title:     "Role can raise its holder's own rights",
	Severity:  lint.Critical,
	Profile:   lint.Recommended,
	Checklist: []string{leastPrivilege, infraRBAC},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.1.8"},
		{Standard: cis, Control: "5.1.11"},
		{Standard: cis, Control: "5.1.13"},
		{Standard: nsa, Control: "Role-based access control"},
		{Standard: owasp, Control: "K02"},
	},
	Fix:    "remove the verbs escalate, bind, approve and sign, and serviceaccounts/token, or limit them by resourceNames",
	Unless: "the program needs the right",
	Check:  grants("no right that leads to more rights", "escalate", "token-create", "csr-approve", "csr-sign"),
}
