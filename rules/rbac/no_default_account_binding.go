package rbac

import (
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/access"
)

// NoDefaultAccountBinding reports bindings that give rights to the service account default of a
// namespace.
//
// Every pod that names no account runs as it, so that all of them have the rights, today's and
// tomorrow's, and the audit log cannot distinguish them.
//
// It is the same for every role.
var NoDefaultAccountBinding = &lint.Rule{
	ID:        "no-default-account-binding",
	Title:     "Binding gives rights to the default service account",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"auth-service-account-per-service", leastPrivilege},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.1.5"},
		{Standard: nsa, Control: "Protecting Pod service account tokens"},
		{Standard: owasp, Control: "K02"},
	},
	Fix:   "give the workload a service account of its own, and bind that",
	Check: lint.UnitCheck(checkDefaultAccounts),
}

func checkDefaultAccounts(p *lint.Pass) {
	a := access.Of(p)
	for _, b := range a.Bindings {
		for _, s := range b.Subjects {
			if s.Kind == "ServiceAccount" && s.Name == "default" {
				p.Report(lint.Diagnostic{
					Object: b.Object, At: s.At.Get("name"), Related: roleOf(a, b),
					Message: b.KindName() + " gives the rights of " + b.RoleKind + " " + b.RoleName + " to every pod of the namespace without an account of its own; want an account for the workload",
				})
			}
		}
	}
}
