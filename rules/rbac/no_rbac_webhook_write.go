package rbac

import "github.com/kubevet/kubevet/lint"

// NoRBACWebhookWrite reports roles that let their subjects write webhook configurations, admission policies or
// their bindings.
//
// A webhook sees every object that is written, Secrets included, and can change it or let it pass. Anyone who
// can delete the configuration of another switches off what it enforces.
//
// The severity is for a person who has the right, and one more for everybody. It is one less in a namespace,
// for a service account that a workload of the input runs as, and for a role that nothing in the input binds;
// where it comes out low for these two, the rule is part of the strict profile only. ClusterRoles of
// Kubernetes' own are exempt in what Kubernetes grants them, and entries on all resources are reported by
// no-rbac-wildcard. Entries with resourceNames pass, since they grant what they name; only create cannot be
// limited so, and a chart can bring the configuration instead.
var NoRBACWebhookWrite = &lint.Rule{
	ID:        "no-rbac-webhook-write",
	Title:     "Role can change admission",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{leastPrivilege, "admission-secure-chain"},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.1.12"},
		{Standard: owasp, Control: "K02"},
	},
	Fix:    "name the configurations in resourceNames",
	Unless: "the names are not known beforehand",
	Check:  grants("only its own configurations, by resourceNames", "webhook-write"),
}
