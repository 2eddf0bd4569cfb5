package mesh

import (
	"github.com/kubevet/kubevet/lint"
)

// NoAllowAll reports policies of Istio and Linkerd that allow every request.
//
// Such a policy looks like a restriction and is none. Policies add up, so one rule that is empty undoes
// what the others restrict.
//
// In an AuthorizationPolicy of Istio, a rule without from, to and when matches every request. Policies that deny, audit or ask another
// service to decide are not meant. A policy for a gateway, which selects pods by the label istio, is not
// reported: it lets the public in by design. Of Linkerd, a ServerAuthorization with client.unauthenticated: true
// lets in clients without identity, an AuthorizationPolicy with no requiredAuthenticationRefs lets in all, and so
// does a Server with accessPolicy: all-unauthenticated. Those that list networks other than 0.0.0.0/0 pass.
var NoAllowAll = &lint.Rule{
	ID:        "mesh-no-allow-all",
	Title:     "Mesh policy allows every request",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-service-mesh"},
	Refs: []lint.Ref{
		{Standard: owasp, Control: "K05"},
	},
	Fix: "list in from who may call, or remove the policy",
	Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		if o.Group() == linkerdPolicy {
			checkLinkerdPolicy(p, o)
			return
		}
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
					Message: o.KindName() + " allows every request by an empty rule; want from, to or when",
				})
			}
		}
	}),
}

// checkLinkerdPolicy reports a policy of Linkerd that lets in clients without identity, from
// everywhere.
func checkLinkerdPolicy(p *lint.Pass, o *lint.Object) {
	spec := o.Root.Get("spec")
	report := func(at lint.Value, what string) {
		p.Report(lint.Diagnostic{Object: o, At: at, Message: o.KindName() + " " + what + "; want named clients"})
	}
	switch o.Kind {
	case "ServerAuthorization":
		limited := spec.Get("client.networks").Len() > 0
		for n := range spec.Get("client.networks").Items() {
			if cidr := n.Get("cidr"); cidr.Text() == "0.0.0.0/0" || cidr.Text() == "::/0" {
				limited = false
			}
		}
		if v := spec.Get("client.unauthenticated"); v.True() && !limited {
			report(v, "sets client.unauthenticated: true, which lets in clients without identity")
		}
	case "AuthorizationPolicy":
		if v := spec.Get("requiredAuthenticationRefs"); v.IsKnown() && v.Len() == 0 {
			report(v, "requires no authentication by requiredAuthenticationRefs")
		}
	case "Server":
		if v := spec.Get("accessPolicy"); v.Text() == "all-unauthenticated" {
			report(v, "sets accessPolicy: all-unauthenticated, which lets in clients without identity")
		}
	}
}
