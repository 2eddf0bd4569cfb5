package rbac

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/access"
)

// NoRBACWildcard reports entries of roles that have * among their verbs, resources, API groups or
// nonResourceURLs.
//
// A wildcard grants what exists today and what is added tomorrow: new subresources, new APIs, verbs
// that raise rights such as escalate, bind and impersonate. All of them together are cluster-admin.
//
// An entry on all resources is reported here alone, with the severity of the worst right that it
// gives: critical for every verb on every resource. The severity is one less in a namespace, for a
// service account that a workload of the input runs as, and for a role that nothing in the input
// binds. Wildcards over resources that are harmless, such as an operator's own, have low severity, and
// for such accounts and roles they are part of the strict profile only. ClusterRoles of Kubernetes' own are
// exempt in what Kubernetes grants them. RBAC knows no other pattern: pods/* and */* match nothing,
// see effective-rbac-rule.
var NoRBACWildcard = &lint.Rule{
	ID:        wildcardRule,
	Title:     "Role grants by wildcard",
	Severity:  lint.Critical,
	Profile:   lint.Recommended,
	Checklist: []string{leastPrivilege, infraRBAC},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.1.3"},
		{Standard: nsa, Control: "Role-based access control"},
		{Standard: owasp, Control: "K02"},
	},
	Fix:   "list the verbs, resources and API groups that are needed",
	Check: lint.UnitCheck(checkWildcards),
}

// wildcard is the power of an entry with a wildcard that gives no power to speak of.
var wildcard = &access.Power{ID: "wildcard", Cluster: lint.Low, Namespaced: lint.Low}

func checkWildcards(p *lint.Pass) {
	for _, r := range access.Of(p).Roles {
		full := slices.ContainsFunc(r.Rules, func(rule access.PolicyRule) bool { return rule.IsFull() })
		for i := range r.Rules {
			rule := &r.Rules[i]
			granted := slices.DeleteFunc(slices.Clone(rule.Resources), func(name string) bool { return isBeyondRole(r, rule, name) })
			switch {
			case strings.Join(rule.Verbs, "") == "", len(rule.URLs) > 0 && full: // it grants nothing, or nothing new
			case len(granted) == 0 && len(rule.Resources) > 0: // see effective-rbac-rule
			case slices.Contains(rule.Resources, "*"):
				checkAllResources(p, r, rule)
			case slices.Contains(rule.Verbs, "*"):
				reportWildcard(p, r, rule.Element("verbs", "*"), " use every verb on "+and(append(granted, rule.URLs...)), "the verbs that are needed")
			case slices.Contains(rule.Groups, "*"):
				reportWildcard(p, r, rule.Element("apiGroups", "*"), " "+and(rule.Verbs)+" "+and(rule.Resources)+" of every API group", "the groups that are needed")
			case slices.Contains(rule.URLs, "*"):
				reportWildcard(p, r, rule.Element("nonResourceURLs", "*"), " "+and(rule.Verbs)+" every URL of the API server", "the URLs that are needed")
			}
		}
	}
}

// reportWildcard reports a wildcard. The rule on a power that it gives reports it, too: to name what is needed is a control of
// its own (CIS 5.1.3), and the other rule may be exempt.
func reportWildcard(p *lint.Pass, r *access.Role, at lint.Value, what, want string) {
	if _, builtIn := access.BuiltIn(r.Name, p.Version); builtIn && r.IsCluster() {
		return
	}
	holder, kind, severity := r.Worst(wildcard)
	e := entry{worst: wildcard, holder: holder, kind: kind}
	if isQuiet(p, kind, severity) {
		return
	}
	d := lint.Diagnostic{
		Object: r.Object, At: at, Severity: severity, Related: related(r, holder), Fix: lint.Intent{Title: "list " + want + " in place of *"},
		Message: r.KindName() + " lets " + holderText(p, r, holder) + what + e.scope() + e.token(p, r) + "; want " + want,
	}
	adviseOnGroup(p, holder, &d)
	p.Report(d)
}

func checkAllResources(p *lint.Pass, r *access.Role, rule *access.PolicyRule) {
	powers, builtIn := access.BuiltIn(r.Name, p.Version)
	builtIn = builtIn && r.IsCluster()
	at := rule.Element("resources", "*")
	e := entry{}
	what := "every resource of every group"
	if !slices.Contains(rule.Groups, "*") {
		what = "every resource of " + groupText(rule.Groups)
	}
	verbs := and(rule.Verbs) + " "
	switch {
	case slices.Contains(rule.Verbs, "*"):
		verbs = "use every verb on "
	case rule.IsFull():
		verbs = "use every common verb on "
	}
	switch {
	case rule.IsFull():
		if builtIn && len(powers) == len(access.Powers) {
			return
		}
		e.holder, e.kind, e.severity = r.Worst(access.Everything)
		e.worst = access.Everything
	default:
		for _, g := range r.Grants(rule) {
			if !r.IsBuiltIn(g.Power, p.Version) && !isLesser(p, g) && isAboutSystem(r, g.Power) {
				e.consider(r, g, func(s lint.Severity) lint.Severity { return s })
			}
		}
		switch {
		case e.worst != nil:
			what += ", and so " + e.worst.Does
		case builtIn:
			return
		default:
			e.worst = wildcard
			e.holder, e.kind, e.severity = r.Worst(wildcard)
		}
	}
	if isQuiet(p, e.kind, e.severity) {
		return
	}
	d := lint.Diagnostic{
		Object: r.Object, At: at, Severity: e.severity, Related: related(r, e.holder),
		Message: r.KindName() + " lets " + holderText(p, r, e.holder) + " " + verbs + what + e.scope() + e.token(p, r) + "; want the verbs and resources that are needed",
	}
	adviseOnGroup(p, e.holder, &d)
	p.Report(d)
}

// groupText names API groups.
func groupText(groups []string) string {
	var l []string
	for _, g := range groups {
		if g == "" {
			g = "the core group"
		}
		l = append(l, g)
	}
	if len(l) == 0 {
		return "no group"
	}
	return and(l)
}
