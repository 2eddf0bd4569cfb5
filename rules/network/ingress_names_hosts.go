package network

import (
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// IngressNamesHosts reports Ingresses and Gateways that serve every host, or all hosts of a domain.
//
// Such an Ingress gets the requests for all names that no other one has: those of other teams that are
// not set up yet, and those that somebody points at the load balancer from a domain of their own.
//
// Rules without host, and hosts that begin with "*.", are reported, and so are servers of Istio's Gateways and
// listeners of the Gateway API for every host. A domain that gives each customer a
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
		switch {
		case o.Is("networking.istio.io", "Gateway"), o.Is("gateway.networking.k8s.io", "Gateway"):
			checkGatewayHosts(p, o)
			return
		case !o.Is("networking.k8s.io", "Ingress") && !o.Is("extensions", "Ingress"):
			return
		}
		for rule := range o.Root.Get("spec.rules").Items() {
			host := rule.Get("host")
			switch {
			case host.IsKnown() && (!host.IsSet() || host.IsScalar() && host.Node.Value == ""):
				p.Report(lint.Diagnostic{Object: o, At: host, Message: o.KindName() + " has a rule without host, which serves every host; want the names of the hosts"})
			case strings.Contains(host.Text(), "*"):
				p.Report(lint.Diagnostic{Object: o, At: host, Message: o.KindName() + " serves host " + host.Text() + ", which is every name of the domain; want the names of the hosts"})
			}
		}
	}),
}

// checkGatewayHosts reports a Gateway that serves every host. For Istio a host may have the
// namespace before it from which routes may come: shop/*.
func checkGatewayHosts(p *lint.Pass, o *lint.Object) {
	report := func(at lint.Value, what string) {
		p.Report(lint.Diagnostic{Object: o, At: at, Message: o.KindName() + " " + what + "; want the names of the hosts"})
	}
	if o.Root.Get("spec.selector").Child("istio").Text() == "egressgateway" {
		return
	}
	for host := range o.Root.Each("spec.servers[].hosts[]") {
		if _, name, ok := strings.Cut(host.Text(), "/"); host.Text() == "*" || ok && name == "*" {
			report(host, "serves host "+host.Text()+", which is every host")
		}
	}
	for listener := range o.Root.Get("spec.listeners").Items() {
		host := listener.Get("hostname")
		if protocol := listener.Get("protocol").Text(); !host.IsSet() && host.IsKnown() && (protocol == "HTTP" || protocol == "HTTPS" || protocol == "TLS") {
			report(host, "has a listener without hostname, which serves every host")
		}
	}
}
