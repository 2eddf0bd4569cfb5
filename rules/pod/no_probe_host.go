package pod

import (
	"net/netip"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// NoProbeHost reports probes and lifecycle hooks that name a host of their own.
//
// The kubelet makes these requests, from the node. With a host, the author of the manifest can make
// the kubelet call the node's own ports, the metadata service of the cloud, or any address behind
// the firewall, and learn from the probe's result what is there.
//
// Unset and empty are fine: the kubelet then calls the pod. The baseline standard refuses a host
// from Kubernetes 1.34 on, 127.0.0.1 included. In a pod with hostNetwork: true a loopback address
// is the pod's own, and keeps the port from the network: it has low severity, since such a pod meets
// no baseline anyhow. To name a virtual host, use the Host header in httpHeaders.
var NoProbeHost = &lint.Rule{
	ID:        "no-probe-host",
	Title:     "Probe or hook calls another host",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-host-isolation"},
	Refs: []lint.Ref{
		{Standard: baseline, Control: "Host Probes / Lifecycle Hooks"},
		{Standard: owasp, Control: "K01"},
	},
	Fix:   "remove host from the probe or hook, and name a virtual host in httpHeaders",
	Check: lint.PodOrContainerCheck{Of: lint.Containers, Check: checkProbeHost},
}

func checkProbeHost(p *lint.Pass, h lint.PodOrContainer) {
	for _, handler := range []string{"livenessProbe", "readinessProbe", "startupProbe", "lifecycle.postStart", "lifecycle.preStop"} {
		probe := h.Get(handler)
		for _, kind := range []string{"httpGet", "tcpSocket"} {
			v := probe.Get(kind).Get("host")
			if v.Text() == "" {
				continue
			}
			path := handler + "." + kind + ".host"
			// A switch of a chart that turns the probe off is no fix.
			d := lint.Diagnostic{Subject: h, At: v, Message: h.Label() + " sets " + path + ": " + v.Text() + "; want it unset", Fix: lint.Advice("remove host from the probe or hook, and name a virtual host in httpHeaders")}
			if h.Workload.Pod.Get("hostNetwork").True() && isLoopback(v.Text()) {
				d.Severity = lint.Low
				d.Fix = lint.Advice("remove host if the program can listen on the address of the node, or ignore the finding if it listens on loopback only")
				if argument := loopbackArgument(h, probe.Get(kind).Get("port").Text()); argument != "" {
					d.Fix = lint.Advice("ignore the finding with the reason that the server listens on loopback only, by " + argument + "; without host the probe fails")
				}
			}
			p.Report(d)
		}
	}
}

// loopbackArgument is the argument by which a container of a probe's pod listens on the port of the probe on loopback only:
// --http-endpoint=localhost:29653. It is empty if none does.
func loopbackArgument(h lint.PodOrContainer, port string) string {
	if port == "" {
		return ""
	}
	for named := range h.Get("ports").Items() {
		if named.Get("name").Text() == port {
			port = named.Get("containerPort").Text()
		}
	}
	for _, c := range h.Workload.Containers {
		for _, list := range []string{"command", "args"} {
			for v := range c.Get(list).Items() {
				host, ok := strings.CutSuffix(v.Text(), ":"+port)
				if ok && isLoopback(host[strings.LastIndexAny(host, "=/ ")+1:]) && len(v.Text()) <= maxArgument {
					return v.Text()
				}
			}
		}
	}
	return ""
}

// maxArgument is how long an argument may be that a fix shows.
const maxArgument = 60

// isLoopback reports whether a host is the machine that asks.
func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return host == "localhost" || err == nil && addr.IsLoopback()
}
