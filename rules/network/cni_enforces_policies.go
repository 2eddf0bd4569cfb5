package network

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
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

// policyEngines are parts of the images of what enforces network policies.
var policyEngines = []string{"calico/", "canal/", "calico-node", "cilium/cilium", "antrea/", "kube-router", "kube-network-policies", "weaveworks/weave", "weave-npc", "ovn-kubernetes", "kube-ovn", "aws-network-policy-agent", "azure-npm", "romana/"}

func runsPolicyEngine(w *lint.Workload) bool {
	return slices.ContainsFunc(w.Select(lint.Containers), func(c lint.PodOrContainer) bool {
		image := c.Get("image").PartialText()
		return slices.ContainsFunc(policyEngines, func(name string) bool { return strings.Contains(image, name) })
	})
}

func checkPlugin(p *lint.Pass, o *lint.Object) {
	for _, w := range o.Workloads {
		for _, c := range w.Select(lint.LongRunning) {
			image := c.Get("image")
			if text := image.PartialText(); o.Kind == "DaemonSet" && isFlannel(text) {
				p.Report(lint.Diagnostic{
					Subject: c, At: image, KeepFix: true,
					Message: w.Kind + " " + w.Name + " runs Flannel, which does not enforce network policies, and the input has nothing else that does; want a plugin that enforces them",
				})
			}
		}
	}
}

// isFlannel reports whether an image is Flannel's daemon, of any registry.
func isFlannel(image string) bool {
	image, _, _ = strings.Cut(image, "@")
	name, _, _ := strings.Cut(image[strings.LastIndexByte(image, '/')+1:], ":")
	return name == "flannel"
}
