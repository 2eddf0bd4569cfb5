package network

import "github.com/kubevet/kubevet/lint"

// NoExternalIPs reports Services with externalIPs.
//
// Anyone who may create a Service can claim any address there, such as that of a registry or an API
// on the Internet. The traffic of the whole cluster to that address then goes to their pods
// (CVE-2020-8554).
//
// An empty list is fine. Use a load balancer, an Ingress or a Gateway. The field is deprecated since
// Kubernetes 1.36. From 1.43 on nothing implements it, and it is reported with low severity.
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
	status := ""
	switch {
	case p.Version.AtLeast(43):
		status = ", which has no effect from Kubernetes 1.43 on"
	case p.Version.AtLeast(36):
		status = ", which is deprecated since Kubernetes 1.36"
	}
	for v := range o.Root.Get("spec.externalIPs").Items() {
		p.Report(lint.Diagnostic{
			Object: o, At: v, Severity: lint.Low.If(p.Version.AtLeast(43)),
			Message: o.KindName() + " claims the address " + v.Text() + " in spec.externalIPs" + status + "; want none",
		})
	}
}
