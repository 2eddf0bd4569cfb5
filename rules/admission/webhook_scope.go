package admission

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// WebhookScope reports webhooks that are called for every resource of every group, those with
// matchPolicy: Exact, and webhooks of security that an author of objects avoids with a label of their
// own.
//
// A webhook for everything is sent every Secret of the cluster, and stops the cluster when it fails.
// One with matchPolicy: Exact misses requests for another version of the same resource. One with an
// objectSelector that a label switches off is avoided by writing that label.
//
// Selectors of namespaces by a label other than kubernetes.io/metadata.name have low severity: anyone who
// may label a namespace switches the webhook off there. A rule for everything is fine with
// matchConditions or with a selector. matchPolicy is Equivalent by default in v1. Exact is fine
// if the configuration has rules for every version that all its resources have: those of the core
// group have v1, and those of custom ones are known if their definitions are in the input. It is fine, too, where a program
// adds the rules.
var WebhookScope = &lint.Rule{
	ID:        "webhook-scope",
	Title:     "Webhook sees too much, or can be avoided",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"admission-secure-chain"},
	Refs:      controls(),
	Fix:       "name the resources that the webhook needs, use matchPolicy: Equivalent, and select namespaces by kubernetes.io/metadata.name",
	Check:     lint.ObjectCheck(checkScope),
}

func checkScope(p *lint.Pass, o *lint.Object) {
	if !isWebhookConfiguration(o) {
		return
	}
	for webhook := range o.Root.Get("webhooks").Items() {
		report := func(at lint.Value, severity lint.Severity, message string, fix lint.Intent) {
			p.Report(lint.Diagnostic{Object: o, At: at, KnownPart: at.IsList(), Severity: severity, Message: nameOf(o, webhook) + " " + message, Fix: fix})
		}
		// Where the rules are missing, a program adds them, for the versions that it knows.
		if v := webhook.Get("matchPolicy"); v.Text() == "Exact" && webhook.Get("rules").Len() > 0 && !coversVersions(p.Unit, o, webhook) {
			report(v, 0, "sets matchPolicy: Exact, which misses other versions of a resource; want Equivalent", lint.Intent{Title: "set matchPolicy: Equivalent", Value: "Equivalent"})
		}
		if at, ok := callsForEverything(webhook); ok && !isNarrowed(webhook) {
			report(at, 0, "is called for every resource, Secrets included; want the resources that it needs", lint.Advice("name the resources that the webhook needs"))
		}
		if !isSecurity(o, webhook) {
			continue
		}
		if at, label := optOut(webhook.Get("objectSelector")); label != "" {
			report(at, 0, "is not called for objects by their label "+label+", which their author sets; want no objectSelector", lint.Advice("remove the objectSelector, and select namespaces by kubernetes.io/metadata.name where some must be left out"))
		}
		if at, label := optOut(webhook.Get("namespaceSelector")); label != "" && label != "kubernetes.io/metadata.name" {
			report(at, lint.Low, "is not called in namespaces by their label "+label+"; want kubernetes.io/metadata.name", lint.Advice("select namespaces by kubernetes.io/metadata.name, a label that nobody can change"))
		}
	}
}

// callsForEverything finds the first rule of a webhook that is for every resource.
func callsForEverything(webhook lint.Value) (resources lint.Value, ok bool) {
	for rule := range webhook.Get("rules").Items() {
		if isEverything(rule) {
			return rule.Get("resources"), true
		}
	}
	return lint.Value{}, false
}

// coversVersions reports whether the rules of a configuration name every version of the
// resources of a webhook, as far as their CustomResourceDefinitions are in the unit. It is
// false if one of them is not.
func coversVersions(u *lint.Unit, o *lint.Object, webhook lint.Value) bool {
	known := false
	for rule := range webhook.Get("rules").Items() {
		for _, group := range rule.Get("apiGroups").Strings() {
			for _, resource := range rule.Get("resources").Strings() {
				if !hasAllVersions(u, o, group, resource) {
					return false
				}
				known = true
			}
		}
	}
	return known
}

// hasAllVersions reports whether rules of a configuration name every served version of a
// resource of the core group, or of a custom one.
func hasAllVersions(u *lint.Unit, o *lint.Object, group, resource string) bool {
	if group == "" { // all resources of the core group have one version
		return namesVersion(o, group, "v1", resource)
	}
	plural, _, _ := strings.Cut(resource, "/") // agents/status is of the resource agents
	i := slices.IndexFunc(u.Objects, func(d *lint.Object) bool {
		return d.Is("apiextensions.k8s.io", "CustomResourceDefinition") && d.Root.Get("spec.group").Text() == group && d.Root.Get("spec.names.plural").Text() == plural
	})
	if i < 0 { // the versions of a custom resource are not known
		return strings.Contains(group, ".") && !strings.HasSuffix(group, ".k8s.io")
	}
	for version := range u.Objects[i].Root.Get("spec.versions").Items() {
		if version.Get("served").Text() != "false" && !namesVersion(o, group, version.Get("name").Text(), resource) {
			return false
		}
	}
	return true
}

// namesVersion reports whether a webhook of a configuration is called for a version of a
// resource.
func namesVersion(o *lint.Object, group, version, resource string) bool {
	for rule := range o.Root.Each("webhooks[].rules[]") {
		if slices.Contains(rule.Get("apiGroups").Strings(), group) && slices.Contains(rule.Get("resources").Strings(), resource) &&
			(slices.Contains(rule.Get("apiVersions").Strings(), version) || slices.Contains(rule.Get("apiVersions").Strings(), "*")) {
			return true
		}
	}
	return false
}

// isNarrowed reports whether something besides the rules limits the requests.
func isNarrowed(webhook lint.Value) bool {
	for _, field := range []string{"matchConditions", "objectSelector.matchLabels", "objectSelector.matchExpressions", "namespaceSelector.matchLabels", "namespaceSelector.matchExpressions"} {
		if v := webhook.Get(field); v.Len() > 0 || !v.IsKnown() {
			return true
		}
	}
	return false
}

// isEverything reports a rule for every resource of every group.
func isEverything(rule lint.Value) bool {
	resources := rule.Get("resources").Strings()
	return slices.Contains(rule.Get("apiGroups").Strings(), "*") && (slices.Contains(resources, "*") || slices.Contains(resources, "*/*"))
}

// optOut finds the label that switches a webhook off. Empty: none does.
func optOut(selector lint.Value) (at lint.Value, label string) {
	for e := range selector.Get("matchExpressions").Items() {
		switch e.Get("operator").Text() {
		case "NotIn", "DoesNotExist":
			if key := e.Get("key"); key.Text() != "" && key.Text() != "kubernetes.io/metadata.name" {
				return key, key.Text()
			}
		}
	}
	return at, ""
}
