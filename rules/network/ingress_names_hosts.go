package network

import (
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// IngressNamesHosts reports Ingresses that serve every host, or all hosts of a domain.
//
// Such an Ingress gets the requests for all names that no other one has: those of other teams that are
// not set up yet, and those that somebody points at the load balancer from a domain of their own.
//
// Rules without host, and hosts that begin with "*.", are reported. A domain that gives each customer a
// name needs it, and so does a cluster with one application, so the rule is part of the strict profile only.
// Ingresses that have only a default backend are not judged.
var IngressNamesHosts = &lint.Rule{
	ID:        "ingress-names-hosts",
	Title:     "Ingress serves hosts that it does not name",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"network-api-exposure"},
	Fix:       "name the hosts that the application serves",
	Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		if !o.Is("networking.k8s.io", "Ingress") && !o.Is("extensions", "Ingress") {
			return
		}
		for rule := range o.Root.Get("spec.rules").Items() {
			host := rule.Get("host")
			switch {
			case host.IsKnown() && (!host.IsSet() || host.IsScalar() && host.Node.Value == ""):
				p.Report(lint.Diagnostic{Object: o, At: host, Message: "Ingress " + o.Name + " has a rule without host, which serves every one; want the names of the hosts"})
			case strings.Contains(host.Text(), "*"):
				p.Report(lint.Diagnostic{Object: o, At: host, Message: "Ingress " + o.Name + " serves host " + host.Text() + ", which is all of a domain; want the names of the hosts"})
			}
		}
	}),
}
