package api

import (
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/access"
)

// NoDeprecatedAPI reports objects whose API the target version of Kubernetes
// still serves, but calls deprecated.
//
// The API server answers with a warning today and with a refusal in a coming
// version; a cluster full of such objects cannot be upgraded, and so runs without
// security fixes.
//
// When an API is deprecated is what Kubernetes' own sources say. Where no version
// is set for its removal, the severity is low. What is removed already is
// no-removed-api's. Endpoints without subsets that a role lets a program update by name pass: they are the lock of a leader election, and no
// EndpointSlice takes their place.
var NoDeprecatedAPI = &lint.Rule{
	ID:        "no-deprecated-api",
	Title:     "API is deprecated in the target version",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-upgrades"},
	Fix:       "move the object to an API that is not deprecated",
	Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		t := loadTable()
		k := t.find(o)
		if k == nil || !reached(k.deprecated, p.Version, false) || reached(k.removed, p.Version, false) || isLock(p, o) {
			return
		}
		what := "is deprecated since " + k.deprecated.String()
		planned := k.removed != lint.Version{}
		if planned {
			what += " and removed in " + k.removed.String()
		}
		reportAPI(p, o, what, t.instead(k, p.Version), !planned)
	}),
}

// endpointsName names Endpoints. The namespace is empty for those that a ClusterRole names.
type endpointsName struct{ namespace, name string }

// locks are the Endpoints that roles of the unit let someone update by their names.
var locks = lint.UnitIndex("locks", func(p *lint.Pass) map[endpointsName]bool {
	names := map[endpointsName]bool{}
	for _, r := range access.Of(p).Roles {
		for i := range r.Rules {
			rule := &r.Rules[i]
			if !rule.HasGroup("") || !rule.HasResource("endpoints") || !rule.HasVerb("update") {
				continue
			}
			for _, name := range rule.Names {
				names[endpointsName{r.Namespace, name}] = true
			}
		}
	}
	return names
})

// isLock reports Endpoints that are the lock of a leader election.
func isLock(p *lint.Pass, o *lint.Object) bool {
	return o.Is("", "Endpoints") && !o.Root.Get("subsets").IsSet() && (locks(p)[endpointsName{o.Namespace, o.Name}] || locks(p)[endpointsName{"", o.Name}])
}
