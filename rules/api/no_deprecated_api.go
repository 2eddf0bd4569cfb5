package api

import "github.com/kubevet/kubevet/lint"

// NoDeprecatedAPI reports objects whose API the target version of Kubernetes
// still serves, but calls deprecated.
//
// The API server answers with a warning today and with a refusal in a coming
// version; a cluster full of such objects cannot be upgraded, and so runs without
// security fixes.
//
// When an API is deprecated is what Kubernetes' own sources say. Where no version
// is set for its removal, the severity is low. What is removed already is
// no-removed-api's.
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
		if k == nil || !reached(k.deprecated, p.Version, false) || reached(k.removed, p.Version, false) {
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
