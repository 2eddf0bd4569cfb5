package network

import "github.com/kubevet/kubevet/lint"

// NoExternalIPs reports Services with externalIPs.
//
// Anyone who may create a Service can claim any address there, such as that of a registry or an API
// on the Internet. The traffic of the whole cluster to that address then goes to their pods
// (CVE-2020-8554).
//
// An empty list is fine. Use a load balancer, an Ingress or a Gateway.
var NoExternalIPs = &lint.Rule{
	ID:        "no-external-ips",
	Title:     "Service claims external addresses",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"network-load-balancer-external-ips"},
	Refs: []lint.Ref{
		{Standard: owasp, Control: "K05"},
	},
	Fix:   "remove externalIPs, and use a load balancer or an Ingress",
	Check: lint.ObjectCheck(checkExternalIPs),
}

func checkExternalIPs(p *lint.Pass, o *lint.Object) {
	if !o.Is("", "Service") {
		return
	}
	for v := range o.Root.Get("spec.externalIPs").Items() {
		p.Report(lint.Diagnostic{
			Object: o, At: v,
			Message: "Service " + o.Name + " claims the address " + v.Text() + " in spec.externalIPs; want none",
		})
	}
}
