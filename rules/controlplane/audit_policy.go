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
// The first rule that matches a request counts, as for the API server; a rule for some users,
// namespaces or names does not cover the rest. Level Metadata for everything is enough. Bodies are
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

// auditTarget is a request that an audit policy should record.
type auditTarget struct {
	group, resource, verb string
	what                  string
	// secret is set if the body is confidential.
	secret bool
	// response is set if only the response has it: nobody sends what the API server makes.
	response bool
}

var auditTargets = []auditTarget{
	{"", "secrets", "get", "secrets", true, false},
	{"", "configmaps", "get", "configmaps", true, false},
	{"authentication.k8s.io", "tokenreviews", "create", "tokenreviews", true, false},
	{"", "serviceaccounts/token", "create", "serviceaccounts/token", true, true},
	{"", "pods/exec", "create", "pods/exec", false, false},
	{"", "pods/attach", "create", "pods/attach", false, false},
	{"", "pods/portforward", "create", "pods/portforward", false, false},
	{"", "pods/proxy", "create", "pods/proxy", false, false},
	{"", "services/proxy", "create", "services/proxy", false, false},
	{"rbac.authorization.k8s.io", "clusterrolebindings", "create", "changes of RBAC", false, false},
}

func checkAuditPolicy(p *lint.Pass, o *lint.Object) {
	if !o.Is("audit.k8s.io", "Policy") {
		return
	}
	rules := o.Root.Get("rules")
	if !rules.IsKnown() {
		return
	}
	var missing []string
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
		if level := target.level(rules); level == "" || level == "None" {
			missing = append(missing, target.what)
		}
	}
	if len(missing) > 0 {
		p.Report(lint.Diagnostic{Object: o, At: rules, Message: o.Kind + " does not record " + and(missing) + "; want level Metadata for each"})
	}
}

// level is the level at which the target is recorded for every user in every namespace.
// Empty: no rule matches it.
func (t auditTarget) level(rules lint.Value) string {
	for rule := range rules.Items() {
		if t.matches(rule) && coversAll(rule) {
			return rule.Get("level").Text()
		}
	}
	return ""
}

// leak finds a rule that records the target's body, for some users at least.
func (t auditTarget) leak(rules lint.Value) (at lint.Value, ok bool) {
	if !t.secret {
		return at, false
	}
	for rule := range rules.Items() {
		level := rule.Get("level")
		if !t.matches(rule) {
			continue
		}
		switch verbs := rule.Get("verbs").Strings(); level.Text() {
		case "RequestResponse":
			return level, true
		case "Request":
			if !t.response && (len(verbs) == 0 || slices.ContainsFunc(verbs, isWrite)) {
				return level, true
			}
		}
		if coversAll(rule) && rule.Get("verbs").Len() == 0 {
			return at, false
		}
	}
	return at, false
}

func isWrite(verb string) bool {
	return slices.Contains([]string{"create", "update", "patch", "*"}, verb)
}

// matches reports whether a rule of a policy is about the target, for every user.
func (t auditTarget) matches(rule lint.Value) bool {
	if verbs := rule.Get("verbs").Strings(); len(verbs) > 0 && !slices.Contains(verbs, t.verb) && !slices.Contains(verbs, "*") && !t.secret {
		return false
	}
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

// coversAll reports whether a rule is about all users, namespaces and objects. A rule for
// some verbs covers the others not.
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
