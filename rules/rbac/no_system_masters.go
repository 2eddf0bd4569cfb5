package rbac

import (
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/access"
)

// NoSystemMasters reports bindings to the group system:masters.
//
// Its members are above RBAC: the API server asks no authorizer about them, and no binding that is removed takes
// their rights away. The group is for the time in which a cluster is set up. A binding to it shows
// that somebody uses it afterwards.
//
// The binding cluster-admin that Kubernetes makes is exempt, by name, role and subject.
var NoSystemMasters = &lint.Rule{
	ID:        "no-system-masters",
	Title:     "Group system:masters is used",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"auth-system-masters"},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.1.7"},
		{Standard: owasp, Control: "K02"},
	},
	Fix:   "bind a group of your own, or kubeadm:cluster-admins",
	Check: lint.UnitCheck(checkMasters),
}

func checkMasters(p *lint.Pass) {
	for _, b := range access.Of(p).Bindings {
		for _, s := range b.Subjects {
			if s.Kind == "Group" && s.Name == "system:masters" && !s.IsBootstrap() {
				p.Report(lint.Diagnostic{
					Object: b.Object, At: s.At.Get("name"),
					Message: b.KindName() + " binds the group system:masters; want a group of your own",
				})
			}
		}
	}
}
