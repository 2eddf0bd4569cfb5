package pod

import "github.com/kubevet/kubevet/lint"

// NoProbeHost reports probes and lifecycle hooks that name a host of their own.
//
// The kubelet makes these requests, from the node. With a host, the author of the manifest can make
// the kubelet call the node's own ports, the metadata service of the cloud, or any address behind
// the firewall, and learn from the probe's result what is there.
//
// Unset and empty are fine: the kubelet then calls the pod. The baseline standard refuses a host
// from Kubernetes 1.34 on, 127.0.0.1 included, which pods with hostNetwork often set. Leave it out
// there and let the application listen on the pod's address. To name a virtual host, use the Host
// header in httpHeaders.
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
		for _, kind := range []string{"httpGet", "tcpSocket"} {
			path := handler + "." + kind + ".host"
			if v := h.Get(path); v.Text() != "" {
				p.Reportf(h, v, "sets %s: %s; want it unset", path, v.Text())
			}
		}
	}
}
