package network

import "github.com/kubevet/kubevet/lint"

// NoNodePort reports Services of type NodePort.
//
// The port is open on every address of every node. It bypasses load balancers, and often the firewall
// that protects the nodes.
//
// The rule is part of the strict profile only: on premises and behind some load balancers there is
// no other way.
var NoNodePort = &lint.Rule{
	ID:        "no-node-port",
	Title:     "Service opens a port of every node",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"network-load-balancer-external-ips"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Network separation and hardening"},
		{Standard: owasp, Control: "K06"},
	},
	Fix:   "set type: ClusterIP, and expose the Service by an Ingress, a Gateway or a load balancer",
	Check: lint.ObjectCheck(checkNodePort),
}

func checkNodePort(p *lint.Pass, o *lint.Object) {
	if v := o.Root.Get("spec.type"); o.Is("", "Service") && v.Text() == "NodePort" {
		p.Report(lint.Diagnostic{
			Object: o, At: v, Fix: lint.Intent{Value: "ClusterIP"},
			Message: o.KindName() + " sets spec.type: NodePort; want ClusterIP",
		})
	}
}
