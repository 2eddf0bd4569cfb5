package pod

import "github.com/kubevet/kubevet/lint"

// NoHostNetwork reports pods with hostNetwork: true.
//
// Such a pod uses the network of its node: it reaches what listens on the node's
// loopback interface, can watch the traffic of other pods, speaks to the cloud's
// metadata service as the node, and no NetworkPolicy applies to it.
//
// Unset means false. Network plugins, kube-proxy and some load balancers need it;
// suppress the finding for those, with the reason. Host processes of Windows are
// exempt: the API server demands it of them, and no-windows-host-process reports them.
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
	Check: lint.Field{
		Of:     lint.SortPod,
		Path:   "hostNetwork",
		Allow:  []string{"false"},
		Unless: isHostProcess,
	},
}
