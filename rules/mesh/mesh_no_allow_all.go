package mesh

import (
	"github.com/kubevet/kubevet/lint"
)

// NoAllowAll reports AuthorizationPolicies of Istio that allow every request.
//
// Such a policy looks like a restriction and is none. Policies add up, so one rule that is empty undoes
// what the others restrict.
//
// A rule without from, to and when matches every request. Policies that deny, audit or ask another
// service to decide are not meant. A policy for a gateway, which selects pods by the label istio, is not
// reported: it lets the public in by design.
var NoAllowAll = &lint.Rule{
	ID:        "mesh-no-allow-all",
	Title:     "Mesh policy allows every request",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-service-mesh"},
	Refs: []lint.Ref{
		{Standard: owasp, Control: "K05"},
	},
	Fix: "name in from who may call, or remove the policy",
	Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		spec := o.Root.Get("spec")
		action := spec.Get("action")
		gateway := spec.Get("selector.matchLabels").Child("istio").IsSet() || spec.Get("targetRef.kind").Text() == "Gateway"
		if !o.Is(istioSecurity, "AuthorizationPolicy") || gateway || !action.IsKnown() || action.Text() != "" && action.Text() != "ALLOW" {
			return
		}
		for rule := range spec.Get("rules").Elements() {
			if rule.IsKnown() && !rule.Get("from").IsSet() && !rule.Get("to").IsSet() && !rule.Get("when").IsSet() {
				p.Report(lint.Diagnostic{
					Object: o, At: rule,
					Message: "AuthorizationPolicy " + o.Name + " allows every request by an empty rule; want from, to or when",
				})
			}
		}
	}),
}
