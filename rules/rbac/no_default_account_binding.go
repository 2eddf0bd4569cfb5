package rbac

import (
	"cmp"

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
				d := lint.Diagnostic{
					Object: b.Object, At: s.At.Get("name"), Related: roleOf(a, b),
					Message: b.KindName() + " gives the rights of " + b.RoleKind + " " + b.RoleName + " to every pod of " + namespaceOf(s, p.Unit) + " without an account of its own; want an account for the workload",
				}
				if own := ownAccount(p, s); own != "" {
					d.Fix = lint.Advice("in subjects, replace default by " + own + ", as which the pods run, if they need the rights; otherwise remove the subject")
				}
				p.Report(d)
			}
		}
	}
}

// namespaceOf names the namespace of an account where it is another one than the binding's.
func namespaceOf(s *access.Subject, u *lint.Unit) string {
	if s.Namespace == "" || s.Namespace == s.Binding.Namespace || u.Kind == lint.UnitChart && s.Namespace == releaseNamespace(u) {
		return "the namespace"
	}
	return "namespace " + s.Namespace
}

// releaseNamespace is the namespace that subjects of a chart have for the one of the release.
func releaseNamespace(u *lint.Unit) string { return cmp.Or(u.ReleaseNamespace, "default") }

// ownAccount is the account as which all workloads run that may be in the namespace of an account default. It is empty if some run as default, as an unknown
// account, or as several.
func ownAccount(p *lint.Pass, s *access.Subject) string {
	namespace := s.Namespace
	if p.Unit.Kind == lint.UnitChart && namespace == releaseNamespace(p.Unit) {
		namespace = ""
	}
	return soleAccounts(p)[namespace]
}

// soleAccounts is the account as which all workloads of a namespace run, empty if it is default, unknown, or one of several. Workloads
// without a namespace are in that of the release, or in an unknown one.
var soleAccounts = lint.UnitIndex("accounts of all workloads of a namespace", func(p *lint.Pass) map[string]string {
	sole := map[string]string{}
	for _, o := range p.Unit.Objects {
		for _, w := range o.Workloads {
			name, ok := access.AccountName(w)
			have, seen := sole[w.Namespace]
			switch {
			case !ok, name == "default", seen && have != name:
				sole[w.Namespace] = ""
			default:
				sole[w.Namespace] = name
			}
		}
	}
	return sole
})
