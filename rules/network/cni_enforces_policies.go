package network

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
)

// CNIEnforcesPolicies reports network plugins in the input that do not enforce network policies.
//
// The API server accepts a NetworkPolicy whatever the plugin is. Without something that enforces it, it
// restricts nothing, and nothing shows that.
//
// Reported is a DaemonSet that runs Flannel, unless the input has a policy engine beside it: Calico or Canal,
// Cilium, Antrea, kube-router, kube-network-policies, Weave Net. An engine that is installed in another way is
// not known to kubevet: say so with an ignore comment.
var CNIEnforcesPolicies = &lint.Rule{
	ID:        "cni-enforces-policies",
	Title:     "Network plugin does not enforce policies",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"network-cni-supports-policies"},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.3.1"},
		{Standard: nsa, Control: "Network policies"},
	},
	Fix: "use a plugin that enforces network policies, such as Calico, Cilium or Antrea, or add a policy engine",
	Check: lint.UnitCheck(func(p *lint.Pass) {
		if slices.ContainsFunc(p.Unit.Workloads(), runsPolicyEngine) {
			return
		}
		for _, o := range p.Unit.Objects {
			checkPlugin(p, o)
		}
	}),
}

func runsPolicyEngine(w *lint.Workload) bool {
	return slices.ContainsFunc(w.Select(lint.Containers), cluster.RunsPolicyEngine)
}

func checkPlugin(p *lint.Pass, o *lint.Object) {
	for _, w := range o.Workloads {
		for _, c := range w.Select(lint.LongRunning) {
			if o.Kind == "DaemonSet" && cluster.RunsFlannel(c) {
				p.Report(lint.Diagnostic{
					Subject: c, At: c.Get("image"), Absence: true, Fix: lint.Intent{AdviceOnly: true},
					Message: w.KindName() + " runs Flannel, which does not enforce network policies, and the input has nothing else that does; want a plugin that enforces them",
				})
			}
		}
	}
}
