package rbac

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/access"
)

// NamedIdentities reports bindings to users and service accounts whose names say nothing of the person or the
// purpose: admin, root, test and the like.
//
// The audit log shows that admin did it, and not who. An account that everybody shares cannot be taken from
// one person, and nobody knows whether it is still needed.
//
// The rule is part of the strict profile only. Groups are not reported, nor are users and accounts of
// Kubernetes itself.
var NamedIdentities = &lint.Rule{
	ID:        "named-identities",
	Title:     "Binding names a user or account whose purpose is unclear",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{namedItem},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Role-based access control"},
	},
	Fix:   "bind persons by their own names, and service accounts that are named for what they run",
	Check: lint.UnitCheck(checkIdentities),
}

// impersonal is names that many persons or programs may share.
var impersonal = []string{
	"admin", "administrator", "cluster-admin", "kubernetes-admin", "root", "superuser", "user", "test", "tester", "guest", "dev", "developer", "ops", "operator",
	"sa", "serviceaccount", "service-account", "account", "app", "demo", "example", "foo", "bar", "temp", "tmp",
}

func checkIdentities(p *lint.Pass) {
	for _, b := range access.Of(p).Bindings {
		for _, s := range b.Subjects {
			name, _, _ := strings.Cut(strings.ToLower(s.Name), "@")
			if s.Kind == "Group" || !slices.Contains(impersonal, name) {
				continue
			}
			want := "a person by name"
			if s.Kind == "ServiceAccount" {
				want = "an account that is named for what it runs"
			}
			p.Report(lint.Diagnostic{
				Object: b.Object, At: s.At.Get("name"),
				Message: b.KindName() + " binds " + s.String() + ", whose name does not say its purpose; want " + want,
			})
		}
	}
}
