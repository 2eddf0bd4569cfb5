package rbac

import "github.com/kubevet/kubevet/lint"

// NoRBACEventDelete reports roles that let their subjects delete events.
//
// Events show what happened to pods and nodes. An attacker who deletes them leaves fewer traces.
//
// The severity is for a person who has the right, and one more for everybody. It is one less in a namespace,
// for a service account that a workload of the input runs as, and for a role that nothing in the input binds;
// where it comes out low for these two, the rule is part of the strict profile only. ClusterRoles of
// Kubernetes' own are exempt in what Kubernetes grants them, and entries on all resources are reported by
// no-rbac-wildcard. Events expire by themselves, so that no program needs the right.
var NoRBACEventDelete = &lint.Rule{
	ID:        "no-rbac-event-delete",
	Title:     "Role can delete events",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{leastPrivilege},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Role-based access control"},
		{Standard: owasp, Control: "K02"},
	},
	Fix:    "remove delete and deletecollection from events",
	Unless: "the program needs the right",
	Check:  grants("no deletion of events", "event-delete"),
}
