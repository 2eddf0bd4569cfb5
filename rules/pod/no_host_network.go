package pod

import "github.com/kubevet/kubevet/lint"

// NoHostNetwork reports pods with hostNetwork: true.
//
// Such a pod uses the network of its node: it reaches what listens on the node's
// loopback interface, can watch the traffic of other pods, speaks to the cloud's
// metadata service as the node, and no NetworkPolicy applies to it.
//
// Unset means false. Network plugins, kube-proxy and some load balancers need it;
// suppress the finding for those, with the reason. Of host processes of Windows the
// API server demands it: they must stop being such first.
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
	},
	Fix: "remove hostNetwork: true and expose the pod through a Service",
	Check: lint.PodOrContainerCheck{Of: lint.KindPod, Check: func(p *lint.Pass, h lint.PodOrContainer) {
		v := h.Get("hostNetwork")
		if !v.IsSet() || v.IsScalar() && v.Text() == "false" {
			return
		}
		d := lint.Diagnostic{Subject: h, At: v, Want: "false", Message: h.Label() + " sets hostNetwork: " + v.Text() + "; want false"}
		if isHostProcess(h.Workload) {
			d.KeepFix, d.Fix = true, "remove windowsOptions.hostProcess: true and hostNetwork: true: the API server demands the one beside the other"
		}
		p.Report(d)
	}},
}
