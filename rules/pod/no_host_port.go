package pod

import "github.com/kubevet/kubevet/lint"

// NoHostPort reports container ports that are opened on the node.
//
// A host port is reached at the address of the node. It bypasses Services, Ingresses and often
// the network policies and firewalls that protect them. It also limits the pod to nodes
// on which the port is free.
//
// A hostPort of 0 means none. With hostNetwork: true Kubernetes opens every containerPort on
// the node; no-host-network reports that.
var NoHostPort = &lint.Rule{
	ID:        "no-host-port",
	Title:     "Container opens a port of the node",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-host-isolation"},
	Refs: []lint.Ref{
		{Standard: baseline, Control: "Host Ports"},
		{Standard: cis, Control: "5.2.12"},
		{Standard: owasp, Control: "K01"},
	},
	Fix:    "remove hostPort and expose the pod through a Service",
	Unless: "clients must reach the pod of their own node",
	Check:  lint.PodOrContainerCheck{Of: lint.Containers, Check: checkHostPort},
}

func checkHostPort(p *lint.Pass, h lint.PodOrContainer) {
	for port := range h.Get("ports").Items() {
		if v := port.Get("hostPort"); v.IsSet() && !isZero(v) {
			d := lint.Diagnostic{
				Subject: h, At: v, Fix: lint.Intent{AtSwitch: true},
				Message: h.Label() + " opens port " + v.Text() + " of the node by ports[].hostPort; want it unset",
			}
			if h.Workload.PodValue("hostNetwork").True() {
				d.Fix = lint.Advice("remove hostNetwork: true first, with which Kubernetes opens every containerPort on the node, and then hostPort, and expose the pod through a Service")
			}
			p.Report(d)
		}
	}
}
