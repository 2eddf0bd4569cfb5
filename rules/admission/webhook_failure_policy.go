package admission

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// WebhookFailurePolicy reports validating webhooks of policy engines and image verifiers with
// failurePolicy: Ignore, ValidatingAdmissionPolicies with it, and ImagePolicyWebhook plugins with
// defaultAllow: true.
//
// An attacker who makes the webhook slow or unreachable, by many requests or by the webhook's own
// deletion, gets everything admitted that it would refuse.
//
// A webhook counts as one of security by the names of its configuration, its service and itself. Fail
// stops changes while the webhook is down: exempt kube-system and the webhook's own namespace by a
// namespaceSelector. In v1beta1 the default was Ignore.
var WebhookFailurePolicy = &lint.Rule{
	ID:        "webhook-failure-policy",
	Title:     "Security webhook lets everything pass when it fails",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"admission-secure-chain"},
	Refs:      controls(),
	Fix:       "set failurePolicy: Fail, and " + moreReplicas,
	Check:     lint.ObjectCheck(checkFailurePolicy),
}

func checkFailurePolicy(p *lint.Pass, o *lint.Object) {
	switch {
	case isWebhookConfiguration(o):
		for webhook := range o.Root.Get("webhooks").Items() {
			if isSecurity(o, webhook) {
				checkIgnore(p, o, webhook)
			}
		}
	case o.Is(webhookGroup, "ValidatingAdmissionPolicy"):
		if v := o.Root.Get("spec.failurePolicy"); v.Text() == "Ignore" {
			p.Report(lint.Diagnostic{Object: o, At: v, Fix: lint.Intent{Value: "Fail"}, Message: o.KindName() + " sets failurePolicy: Ignore; want Fail"})
		}
	case o.Is(configGroup, "AdmissionConfiguration"):
		for plugin := range o.Root.Get("plugins").Items() {
			if v := plugin.Get("configuration.imagePolicy.defaultAllow"); plugin.Get("name").Text() == "ImagePolicyWebhook" && v.True() {
				p.Report(lint.Diagnostic{Object: o, At: v, Fix: lint.Intent{Title: "set defaultAllow: false", Value: "false"}, Message: o.Kind + " sets defaultAllow: true for ImagePolicyWebhook; want false"})
			}
		}
	}
}

// checkIgnore reports a webhook that lets everything pass when it fails.
func checkIgnore(p *lint.Pass, o *lint.Object, webhook lint.Value) {
	v := webhook.Get("failurePolicy")
	var message string
	switch {
	case v.Text() == "Ignore":
		message = " sets failurePolicy: Ignore; want Fail"
	case !v.IsSet() && strings.HasSuffix(o.APIVersion, "/v1beta1"):
		message = " does not set failurePolicy, which is Ignore in v1beta1; want Fail"
	default:
		return
	}
	fix := lint.Intent{Value: "Fail", Also: moreReplicas}
	if stopsPods(webhook) {
		fix.Also = "exempt kube-system and the webhook's own namespace by a namespaceSelector, without which a stopped webhook keeps its own pods from starting, and " + moreReplicas
		fix.Title = "set failurePolicy: Fail, and " + fix.Also
	}
	p.Report(lint.Diagnostic{Object: o, At: v, Fix: fix, Message: nameOf(o, webhook) + message})
}

const moreReplicas = "run more than one replica of the webhook"

// stopsPods reports whether the API server asks a webhook about the pods of all namespaces.
func stopsPods(webhook lint.Value) bool {
	for _, field := range []string{"namespaceSelector", "objectSelector", "matchConditions"} {
		if v := webhook.Get(field); !v.IsKnown() || v.Len() > 0 {
			return false
		}
	}
	for rule := range webhook.Get("rules").Items() {
		has := func(list string, some ...string) bool {
			return slices.ContainsFunc(rule.Get(list).Strings(), func(s string) bool { return slices.Contains(some, s) })
		}
		if has("apiGroups", "", "*") && has("resources", "*", "*/*", "pods") && has("operations", "CREATE", "*") && rule.Get("scope").Text() != "Cluster" {
			return true
		}
	}
	return false
}
