package controlplane

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
)

// AuditPolicy reports audit policies that record the bodies of Secrets, ConfigMaps or tokens, and
// those that do not record access to them, sessions in pods, proxied requests or changes of RBAC.
//
// A log with the bodies of Secrets gives every password of the cluster to anyone who reads logs. A log
// without these requests cannot say what an attacker took, or which rights were added.
//
// The first rule that matches a request counts, as for the API server; a rule for some verbs, users,
// namespaces or names does not cover the rest. Reads of Secrets and ConfigMaps count, since they are what an attacker takes. Level Metadata for everything is enough. Bodies are
// recorded by level Request for writes, and by RequestResponse for all; a token of a service account is
// in the response only. Recorded bodies of Secrets and tokens have high severity.
var AuditPolicy = &lint.Rule{
	ID:        "audit-policy",
	Title:     "Audit policy leaves out what matters, or records secrets",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"logs-audit", "logs-authorizations", "infra-logging"},
	Refs:      controls("3.2.1", "3.2.2"),
	Fix:       "record Secrets, ConfigMaps and tokens at level Metadata, and end the policy with a rule for everything at that level",
	Check:     lint.ObjectCheck(checkAuditPolicy),
}

// auditTarget is what an audit policy should record.
type auditTarget struct {
	group, resource string
	// verbs are those of the requests that matter.
	verbs []string
	what  string
	// secret is set if the body is confidential.
	secret bool
	// response is set if only the response has it: nobody sends what the API server makes.
	response bool
}

var (
	auditReads  = []string{"get", "list", "watch"}
	auditWrites = []string{"create", "update", "patch", "delete", "deletecollection"}
	auditAll    = slices.Concat(auditReads, auditWrites)
	auditCreate = []string{"create"}
)

var auditTargets = []auditTarget{
	{"", "secrets", auditAll, "secrets", true, false},
	{"", "configmaps", auditAll, "configmaps", true, false},
	{"authentication.k8s.io", "tokenreviews", auditCreate, "tokenreviews", true, false},
	{"", "serviceaccounts/token", auditCreate, "serviceaccounts/token", true, true},
	{"", "pods/exec", auditCreate, "pods/exec", false, false},
	{"", "pods/attach", auditCreate, "pods/attach", false, false},
	{"", "pods/portforward", auditCreate, "pods/portforward", false, false},
	{"", "pods/proxy", auditCreate, "pods/proxy", false, false},
	{"", "services/proxy", auditCreate, "services/proxy", false, false},
	{"rbac.authorization.k8s.io", "clusterrolebindings", auditCreate, "changes of RBAC", false, false},
}

// unrecorded is what a policy does not record: some of the targets, and some requests for others.
type unrecorded struct {
	whole []string
	// parts are what is left out of other targets, such as "reads of ", and of is of which ones.
	parts []string
	of    map[string][]string
}

func (u *unrecorded) add(t auditTarget, verbs []string) {
	if len(verbs) == len(t.verbs) {
		u.whole = append(u.whole, t.what)
		return
	}
	part := lint.And(verbs) + " of "
	switch {
	case slices.Equal(verbs, auditReads):
		part = "reads of "
	case slices.Equal(verbs, auditWrites):
		part = "changes of "
	}
	if u.of == nil {
		u.of = map[string][]string{}
	}
	if u.of[part] == nil {
		u.parts = append(u.parts, part)
	}
	u.of[part] = append(u.of[part], t.what)
}

// text is empty if all is recorded.
func (u *unrecorded) text() string {
	var l []string
	if len(u.whole) > 0 {
		l = append(l, lint.And(u.whole))
	}
	for _, part := range u.parts {
		l = append(l, part+lint.And(u.of[part]))
	}
	return strings.Join(l, ", and ")
}

func checkAuditPolicy(p *lint.Pass, o *lint.Object) {
	if !o.Is("audit.k8s.io", "Policy") {
		return
	}
	rules := o.Root.Get("rules")
	if !rules.IsKnown() {
		return
	}
	var missing unrecorded
	leaks := map[*yaml.Node]bool{}
	for _, target := range auditTargets {
		if at, leaked := target.leak(rules); leaked && !leaks[at.Node] {
			leaks[at.Node] = true
			severity := lint.High
			if target.resource == "configmaps" {
				severity = lint.Medium
			}
			p.Report(lint.Diagnostic{
				Object: o, At: at, Severity: severity,
				Message: o.Kind + " records the bodies of " + target.what + " by level " + at.Text() + "; want Metadata",
			})
		}
		if verbs := target.unrecorded(rules); len(verbs) > 0 {
			missing.add(target, verbs)
		}
	}
	text := missing.text()
	if text == "" {
		return
	}
	d := lint.Diagnostic{Object: o, At: rules, Message: o.Kind + " does not record " + text + "; want level Metadata for each"}
	if len(missing.parts) > 0 {
		d.Fix.Title = "before the rules of level None for all users, record Secrets, ConfigMaps and tokens at level Metadata, and end the policy with a rule for everything at that level"
	}
	p.Report(d)
}

// unrecorded are the verbs of which the target's requests are not recorded for every user in every namespace: the first rule
// that covers one is of level None, or there is none.
func (t auditTarget) unrecorded(rules lint.Value) (l []string) {
	left := t.verbs
	none := map[string]bool{}
	for rule := range rules.Items() {
		if len(left) == 0 {
			break
		}
		if !t.matches(rule) || !coversAll(rule) {
			continue
		}
		covered := verbsOf(rule, left)
		left = slices.DeleteFunc(slices.Clone(left), func(verb string) bool { return slices.Contains(covered, verb) })
		if rule.Get("level").Text() == "None" {
			for _, verb := range covered {
				none[verb] = true
			}
		}
	}
	for _, verb := range t.verbs {
		if none[verb] || slices.Contains(left, verb) {
			l = append(l, verb)
		}
	}
	return l
}

// leak finds a rule that records the target's body, for some users at least.
func (t auditTarget) leak(rules lint.Value) (at lint.Value, ok bool) {
	if !t.secret {
		return at, false
	}
	left := t.verbs
	for rule := range rules.Items() {
		if len(left) == 0 {
			break
		}
		level, covered := rule.Get("level"), verbsOf(rule, left)
		if !t.matches(rule) || len(covered) == 0 {
			continue
		}
		switch level.Text() {
		case "RequestResponse":
			return level, true
		case "Request":
			if !t.response && slices.ContainsFunc(covered, isWrite) {
				return level, true
			}
		}
		if coversAll(rule) {
			left = slices.DeleteFunc(slices.Clone(left), func(verb string) bool { return slices.Contains(covered, verb) })
		}
	}
	return at, false
}

func isWrite(verb string) bool {
	return slices.Contains([]string{"create", "update", "patch"}, verb)
}

// verbsOf are those of some verbs that a rule of a policy is about.
func verbsOf(rule lint.Value, of []string) []string {
	verbs := rule.Get("verbs").Strings()
	if rule.Get("verbs").Len() == 0 || slices.Contains(verbs, "*") {
		return of
	}
	return slices.DeleteFunc(slices.Clone(of), func(verb string) bool { return !slices.Contains(verbs, verb) })
}

// matches reports whether a rule of a policy is about the target, by its verbs or some of them.
func (t auditTarget) matches(rule lint.Value) bool {
	if rule.Get("nonResourceURLs").Len() > 0 {
		return false
	}
	groups := rule.Get("resources")
	if groups.Len() == 0 {
		return true
	}
	for g := range groups.Items() {
		if group := g.Get("group").Text(); group != t.group && group != "*" {
			continue
		}
		resources := g.Get("resources").Strings()
		if len(resources) == 0 || slices.ContainsFunc(resources, t.isResource) {
			return true
		}
	}
	return false
}

// isResource compares a resource as audit policies do: *, pods, pods/exec, pods/*, */exec.
func (t auditTarget) isResource(have string) bool {
	name, sub, _ := strings.Cut(t.resource, "/")
	return have == "*" || have == t.resource || sub != "" && (have == name+"/*" || have == "*/"+sub)
}

// coversAll reports whether a rule is about all users, namespaces and objects.
func coversAll(rule lint.Value) bool {
	for _, field := range []string{"users", "namespaces"} {
		if rule.Get(field).Len() > 0 {
			return false
		}
	}
	if groups := rule.Get("userGroups").Strings(); len(groups) > 0 && !slices.Contains(groups, "system:authenticated") {
		return false
	}
	for g := range rule.Get("resources").Items() {
		if g.Get("resourceNames").Len() > 0 {
			return false
		}
	}
	return true
}
