package rbac

import (
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/access"
)

// NoClusterAdminBinding reports bindings that make their subjects cluster-admin.
//
// cluster-admin may do everything: read all Secrets, run anything on any node, and give the same rights
// to others. Anyone who takes over one of the subjects has the cluster.
//
// In the hands of everybody, or of every service account, it is critical. A RoleBinding makes
// administrators of one namespace, with medium severity. A binding without subjects has low severity. The
// bindings that Kubernetes and kubeadm make, to the groups system:masters and kubeadm:cluster-admins, are
// exempt by name, role and subject. Other roles with all rights are reported by no-rbac-wildcard.
var NoClusterAdminBinding = &lint.Rule{
	ID:        "no-cluster-admin-binding",
	Title:     "Binding makes a cluster administrator",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{leastPrivilege, infraRBAC, "ops-cluster-admin"},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.1.1"},
		{Standard: nsa, Control: "Role-based access control"},
		{Standard: owasp, Control: "K02"},
	},
	Fix:   "bind a role with the rights that are needed, and delete the old binding first: the API server refuses to change roleRef",
	Check: lint.UnitCheck(checkClusterAdmins),
}

func checkClusterAdmins(p *lint.Pass) {
	for _, b := range access.Of(p).Bindings {
		if b.RoleKind != "ClusterRole" || b.RoleName != "cluster-admin" {
			continue
		}
		worst, severity := worstAdmin(b)
		if worst == nil && len(b.Subjects) > 0 {
			continue // the bindings of Kubernetes and kubeadm
		}
		who, token := "its subjects", ""
		d := lint.Diagnostic{Object: b.Object, At: b.RoleRef.Get("name"), Severity: severity}
		if worst != nil {
			who, d.Related = worst.String(), subjectPlaces(worst)
			if len(b.Subjects) > 1 {
				who += " and others"
			}
			if worst.Workload != nil {
				token = "; " + worst.Workload.Ref().String() + " has its token"
			}
		}
		d.Message = b.KindName() + " gives " + who + " cluster-admin"
		if b.Kind == "RoleBinding" {
			d.Message += " in the namespace"
		}
		d.Message += token + "; want a role with the rights that are needed"
		p.Report(d)
	}
}

// worstAdmin is the first of the subjects of a binding to cluster-admin that are worst. It is nil if it has none,
// but for those of Kubernetes and kubeadm.
func worstAdmin(b *access.Binding) (*access.Subject, lint.Severity) {
	var worst *access.Subject
	least := lint.Low
	for _, s := range b.Subjects {
		severity := lint.High
		switch {
		case s.IsBootstrap():
			continue
		case s.IsEveryone():
			severity = lint.Critical
		case !b.IsCluster():
			severity = lint.Medium
		}
		if worst == nil || severity < least {
			worst, least = s, severity
		}
	}
	return worst, least
}

// subjectPlaces are a subject, and the workload that runs as it.
func subjectPlaces(s *access.Subject) []lint.Related {
	l := []lint.Related{{Object: s.Binding.Object, At: s.At.Get("name").AtKey(), Label: "becomes cluster-admin"}}
	if s.Workload != nil {
		l = append(l, lint.Related{Object: s.Workload.Object, At: access.AccountField(s.Workload).AtKey(), Label: "has its token"})
	}
	return l
}
