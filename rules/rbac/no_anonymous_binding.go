package rbac

import (
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/access"
)

// NoAnonymousBinding reports bindings whose subject is everybody: system:anonymous,
// system:unauthenticated, system:authenticated or system:serviceaccounts.
//
// The first two need no credentials, so that all who reach the API server have the rights. The others
// are all users and all pods. On some clouds system:authenticated includes every account of the cloud, also of
// other customers.
//
// Without credentials the severity is high, and critical if the role gives a right that is worth more than it
// seems. With credentials it is high for such a role, and else medium in the whole cluster and low in a
// namespace. A subject of the wrong kind, such as the group system:anonymous, has low severity, since it is nobody. The
// bindings that Kubernetes and kubeadm make are exempt, by name, role and subject.
var NoAnonymousBinding = &lint.Rule{
	ID:        "no-anonymous-binding",
	Title:     "Binding gives rights to everybody",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"auth-no-impersonation-anonymous", leastPrivilege},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Role-based access control"},
		{Standard: owasp, Control: "K02"},
	},
	Fix:   "bind the users, groups or service accounts that need the role",
	Check: lint.UnitCheck(checkAnonymous),
}

func checkAnonymous(p *lint.Pass) {
	a := access.Of(p)
	for _, b := range a.Bindings {
		for _, s := range b.Subjects {
			if isMisnamed(s) {
				p.Report(lint.Diagnostic{
					Object: b.Object, At: s.At.Get("kind"), Severity: lint.Low,
					Message: b.KindName() + " binds " + s.String() + ", which does not exist: system:anonymous is a User, the others are Groups; want the subjects that need the role",
				})
			}
			if !s.IsEveryone() || s.IsBootstrap() {
				continue
			}
			powers, full := a.Powers(b)
			strong := full || len(powers) > 0
			severity := lint.Low
			switch {
			case s.IsAnonymous() && strong:
				severity = lint.Critical
			case s.IsAnonymous(), strong:
				severity = lint.High
			case b.IsCluster():
				severity = lint.Medium
			}
			message := b.KindName() + " gives " + s.String() + " the rights of " + b.RoleKind + " " + b.RoleName
			switch {
			case full:
				message += ", which are all"
			case strong:
				message += ", and so to " + powers[0].Does
			}
			p.Report(lint.Diagnostic{
				Object: b.Object, At: s.At.Get("name"), Severity: severity, Related: roleOf(a, b),
				Message: message + "; want the subjects that need them",
			})
		}
	}
}

// isMisnamed reports subjects of the wrong kind that have the name of everybody.
func isMisnamed(s *access.Subject) bool {
	switch s.Name {
	case "system:anonymous":
		return s.Kind == "Group"
	case "system:unauthenticated", "system:authenticated", "system:serviceaccounts":
		return s.Kind == "User"
	}
	return false
}

// roleOf is the role that a binding gives, if the unit has it: the nearest of several.
func roleOf(a *access.Access, b *access.Binding) []lint.Related {
	r := a.Nearest(b)
	if r == nil {
		return nil
	}
	return []lint.Related{{Object: r.Object, At: r.Root.Get("metadata.name").AtKey(), Label: "the role"}}
}
