package network

import (
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/connect"
)

// LoadBalancerSourceRanges reports Services of type LoadBalancer that the whole Internet may reach.
//
// A cloud's load balancer has a public address by default. A dashboard or a database that was meant
// for colleagues is found there within hours.
//
// The rule is part of the strict profile only, since what serves the public must be public. If the
// Service has no other ports than 80 and 443, as gateways have, the severity is low. The ranges in
// spec.loadBalancerSourceRanges or in the annotation
// service.beta.kubernetes.io/load-balancer-source-ranges count, but not 0.0.0.0/0 and ::/0. So do the
// annotations by which the known clouds make a load balancer internal, private addresses in
// spec.loadBalancerIP and in annotations of MetalLB, Cilium and kube-vip, and a load balancer with a
// loadBalancerClass, whose reach is not known.
var LoadBalancerSourceRanges = &lint.Rule{
	ID:        "load-balancer-source-ranges",
	Title:     "Load balancer is open to the Internet",
	Severity:  lint.Medium,
	Profile:   lint.Strict,
	Checklist: []string{"network-load-balancer-external-ips"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Network separation and hardening"},
		{Standard: owasp, Control: "K06"},
	},
	Fix:   "list the allowed addresses in spec.loadBalancerSourceRanges, or make the load balancer internal",
	Check: lint.ObjectCheck(checkSourceRanges),
}

const sourceRangesAnnotation = "service.beta.kubernetes.io/load-balancer-source-ranges"

func checkSourceRanges(p *lint.Pass, o *lint.Object) {
	if !o.Is("", "Service") || o.Root.Get("spec.type").Text() != "LoadBalancer" || o.Root.Get("spec.loadBalancerClass").IsSet() || connect.IsInternalLoadBalancer(o) {
		return
	}
	ranges := o.Root.Get("spec.loadBalancerSourceRanges")
	for v := range ranges.Items() {
		if isEverywhere(v.Text()) {
			p.Report(lint.Diagnostic{
				Object: o, At: v, Severity: lint.Low.If(isWeb(o)),
				Message: o.KindName() + " lets " + v.Text() + " in by spec.loadBalancerSourceRanges, which is everyone; want narrower ranges",
			})
			return
		}
	}
	annotation := o.Root.Get("metadata.annotations").Child(sourceRangesAnnotation)
	if ranges.Len() > 0 || annotation.Text() != "" && !isEverywhere(annotation.Text()) {
		return
	}
	p.Report(lint.Diagnostic{
		Object: o, At: ranges, Severity: lint.Low.If(isWeb(o)),
		Message: o.KindName() + " is a load balancer without spec.loadBalancerSourceRanges; want ranges or an internal load balancer",
	})
}

// isWeb reports whether a Service has no ports but those of the web.
func isWeb(o *lint.Object) bool {
	ports := o.Root.Get("spec.ports")
	for port := range ports.Items() {
		if n, _ := port.Get("port").Int(); n != 80 && n != 443 {
			return false
		}
	}
	return ports.Len() > 0
}
