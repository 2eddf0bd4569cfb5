package rbac

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/access"
)

// NoAggregatedPrivilege reports ClusterRoles whose rules become part of view, edit or admin and give
// rights that are worth more than they seem.
//
// Everybody who has view, edit or admin gets the rights as soon as the role is there. Nobody sees it at the
// bindings, which were made for less.
//
// Rights that Kubernetes itself gives to the role are not reported. Nor are rights on what belongs to no
// namespace, if the role is edit or admin: these are meant to be bound in a namespace, where such rights have no
// effect. Entries with resourceNames pass.
var NoAggregatedPrivilege = &lint.Rule{
	ID:        "no-aggregated-privilege",
	Title:     "Role adds rights to view, edit or admin",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{leastPrivilege},
	Refs: []lint.Ref{
		{Standard: owasp, Control: "K02"},
	},
	Fix:   "remove the label rbac.authorization.k8s.io/aggregate-to-…, or the right",
	Check: lint.UnitCheck(checkAggregated),
}

func checkAggregated(p *lint.Pass) {
	for _, r := range access.Of(p).Roles {
		target := aggregationTarget(r)
		if target == "" {
			continue
		}
		has, _ := access.BuiltIn(target, p.Version)
		for i := range r.Rules {
			rule := &r.Rules[i]
			worst := (*access.Grant)(nil)
			for _, g := range r.Grants(rule) {
				beyond := !slices.Contains(has, g.Power) && (target == "view" || !g.Power.ClusterOnly) && g.Power.ID != "namespace-write"
				if beyond && !r.IsBuiltIn(g.Power, p.Version) && (worst == nil || severityIn(g.Power) < severityIn(worst.Power)) {
					worst = &g
				}
			}
			if worst == nil {
				continue
			}
			p.Report(lint.Diagnostic{
				Object: r.Object, At: worst.At, Severity: severityIn(worst.Power),
				Related: []lint.Related{{Object: r.Object, At: r.Root.Get("metadata.labels").Child("rbac.authorization.k8s.io/aggregate-to-" + target), Label: "aggregates"}},
				Message: r.KindName() + " lets everyone with " + target + " " + and(worst.Verbs) + " " + and(worst.Resources) + "; want only what " + target + " is for",
			})
		}
	}
}

// severityIn is how bad a power is for those who have a role of Kubernetes' own, mostly in a
// namespace.
func severityIn(p *access.Power) lint.Severity { return p.Namespaced.Or(p.Cluster) }
