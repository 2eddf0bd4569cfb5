package pod

import "github.com/kubevet/kubevet/lint"

// NoHostNetwork reports pods with hostNetwork: true.
//
// Such a pod uses the network of its node: it reaches services on the node's
// loopback interface, can watch the traffic of other pods, has the node's access to the
// cloud's metadata service, and no NetworkPolicy applies to it.
//
// Unset means false. Network plugins, kube-proxy and some load balancers need it;
// ignore the finding for those, with the reason. Network, storage and device plugins have medium severity. The API server demands the field for
// HostProcess pods on Windows: remove hostProcess first.
var NoHostNetwork = &lint.Rule{
	ID:        "no-host-network",
	Title:     "Pod shares the node's network",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-host-isolation"},
	Refs: []lint.Ref{
		{Standard: baseline, Control: "Host Namespaces"},
		{Standard: cis, Control: "5.2.5"},
		{Standard: nsa, Control: "Pod security enforcement"},
		{Standard: owasp, Control: "K01"},
	},
	Fix: "remove hostNetwork: true and expose the pod through a Service",
	Check: lint.PodOrContainerCheck{Of: lint.KindPod, Check: func(p *lint.Pass, h lint.PodOrContainer) {
		v := h.Get("hostNetwork")
		if !v.IsSet() || v.IsScalar() && v.Text() == "false" {
			return
		}
		d := lint.Diagnostic{Subject: h, At: v, Fix: lint.Intent{Value: "false"}, Message: h.Label() + " sets hostNetwork: " + v.Text() + "; want false"}
		keepOnPlugins(p, &d, lint.High)
		if isHostProcess(h.Workload) {
			d.Fix = lint.Advice("remove windowsOptions.hostProcess: true and hostNetwork: true: the API server demands the one beside the other")
		}
		p.Report(d)
	}},
}
