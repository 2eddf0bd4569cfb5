package pod

import (
	"cmp"
	"regexp"
	"slices"

	"github.com/kubevet/kubevet/lint"
)

// NoHostNetwork reports pods with hostNetwork: true.
//
// Such a pod uses the network of its node: it reaches services on the node's
// loopback interface, can watch the traffic of other pods, has the node's access to the
// cloud's metadata service, and no NetworkPolicy applies to it.
//
// Unset means false. Network plugins, kube-proxy and some load balancers need it;
// ignore the finding for those, with the reason. Network, storage and device plugins have medium severity.
// hostname gives the node's name in such a pod alone: a command that uses it as that needs spec.nodeName
// from the downward API. The API server demands the field for HostProcess pods on Windows: remove
// hostProcess first.
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
	Fix:    "remove hostNetwork: true and expose the pod through a Service",
	Unless: "the program must see or change the network of the node, or be reached at its address",
	Check: lint.PodOrContainerCheck{Of: lint.KindPod, Check: func(p *lint.Pass, h lint.PodOrContainer) {
		v := h.Get("hostNetwork")
		if !v.IsSet() || v.IsScalar() && v.Text() == "false" {
			return
		}
		d := lint.Diagnostic{Subject: h, At: v, Fix: lint.Intent{Value: "false"}, Message: h.Label() + " sets hostNetwork: " + v.Text() + "; want false"}
		if !declaresPorts(h.Workload) {
			d.Fix.Title = "remove hostNetwork: true" // a Service has nothing to lead to
			if what := changesNetwork(h.Workload); what != "" {
				d.Fix.Unless = "the program must change the network of the node, as " + what + " suggests"
			}
		}
		if slices.ContainsFunc(h.Workload.Select(lint.Containers), takesHostname) {
			d.Fix.Title = "take the node's name from spec.nodeName by the downward API instead of hostname, which then gives that of the pod, and " + cmp.Or(d.Fix.Title, p.Rule.Fix)
		}
		if toleratesNotReady(h) {
			d.Fix.Unless = "the program must run before the network of pods is ready, as its toleration of node.kubernetes.io/not-ready suggests"
		}
		keepOnPlugins(p, &d, lint.High)
		if isHostProcess(h.Workload) {
			d.Fix = lint.Advice("remove windowsOptions.hostProcess: true and hostNetwork: true: the API server demands the one beside the other")
		}
		p.Report(d)
	}},
}

// toleratesNotReady reports whether a pod says that it runs on nodes which are not ready, as they are as long as they have no network of pods.
func toleratesNotReady(h lint.PodOrContainer) bool {
	for t := range h.Get("tolerations").Items() {
		if key := t.Get("key").Text(); (key == "node.kubernetes.io/not-ready" || key == "node.kubernetes.io/network-unavailable") && t.Get("effect").Text() != "NoExecute" {
			return true
		}
	}
	return false
}

// hostnameAsNode matches a command that takes the name of the host for that of its node: oc debug node/`hostname -f`,
// NODE_NAME=$(hostname), kubectl cordon node/$HOSTNAME.
var hostnameAsNode = regexp.MustCompile("(?i)\\bnode(?:s?[/ ]|[a-z_-]*=)\\s*[\"']?(?:`\\s*hostname\\b|\\$\\(\\s*hostname\\b|\\$\\{?HOSTNAME\\b)")

// takesHostname reports whether a command of a container takes the name of the host for that of its node, which it is
// in the network of the node alone.
func takesHostname(c lint.PodOrContainer) bool {
	return slices.ContainsFunc(slices.Concat(c.Get("command").Strings(), c.Get("args").Strings()), hostnameAsNode.MatchString)
}

// declaresPorts reports whether a container of a pod declares ports.
func declaresPorts(w *lint.Workload) bool {
	return slices.ContainsFunc(w.Select(lint.LongRunning), func(c lint.PodOrContainer) bool { return c.Get("ports").Len() > 0 })
}

// changesNetwork is what a container has with which it can change the network that it is in. It is empty if none has
// that.
func changesNetwork(w *lint.Workload) string {
	for _, c := range w.Select(lint.Containers) {
		switch {
		case isPrivileged(c):
			return "privileged: true"
		case slices.Contains(c.Get("securityContext.capabilities.add").Strings(), "NET_ADMIN"):
			return "NET_ADMIN"
		}
	}
	return ""
}
