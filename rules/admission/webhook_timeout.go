package admission

import "github.com/kubevet/kubevet/lint"

// WebhookTimeout reports webhooks with timeoutSeconds above 10.
//
// The API server waits for the webhook in every request that it is called for. While the webhook
// hangs, requests pile up, and leases of controllers and nodes end.
//
// The default is 10 seconds in v1 and was 30 in v1beta1. The API server refuses more than 30.
var WebhookTimeout = &lint.Rule{
	ID:        "webhook-timeout",
	Title:     "Webhook may delay every request",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"admission-secure-chain", "auth-denial-of-service"},
	Refs:      controls(),
	Fix:       "set timeoutSeconds to 10 or less",
	Check:     lint.ObjectCheck(checkTimeout),
}

func checkTimeout(p *lint.Pass, o *lint.Object) {
	if !isWebhookConfiguration(o) {
		return
	}
	for webhook := range o.Root.Get("webhooks").Items() {
		if v := webhook.Get("timeoutSeconds"); v.IsSet() {
			if n, ok := v.Int(); ok && n > 10 {
				p.Report(lint.Diagnostic{Object: o, At: v, Message: nameOf(o, webhook) + " sets timeoutSeconds: " + v.Text() + "; want 10 or less"})
			}
		}
	}
}
