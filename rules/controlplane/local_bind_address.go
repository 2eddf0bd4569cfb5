package controlplane

import (
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/controlplane"
)

// LocalBindAddress reports controller managers and schedulers whose --bind-address is not a loopback
// address, and kube-proxies whose metricsBindAddress is not.
//
// Health, metrics and profiles of the control plane are then open to everything that reaches the node.
// kube-proxy asks for no authentication at all.
//
// The controller manager and the scheduler listen on all addresses by default; kubeadm sets 127.0.0.1.
// kube-proxy is local by default. A Prometheus outside the node needs an address of the node: ignore
// the finding with that reason, and limit access by firewall.
var LocalBindAddress = &lint.Rule{
	ID:        "local-bind-address",
	Title:     "Program serves its metrics to the network",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"network-api-exposure"},
	Refs:      controls("1.3.7", "1.4.2", "4.3.1"),
	Fix:       "set the address to 127.0.0.1",
	Check:     settings("local-bind-address"),
}

// keepProbes completes the fix for a pod with probes: the kubelet asks for its health at its IP, unless the probe names
// another host, and such a probe would then fail.
func keepProbes(c *controlplane.Component, fix string) string {
	switch {
	case !isProbedByIP(c.Container):
		return fix
	case c.Container.Workload.Pod.Get("hostNetwork").True():
		return fix + ", and host: 127.0.0.1 in its probes, which come by the pod's IP otherwise"
	}
	return "limit by a network policy who reaches the port, and ignore the finding with that reason: the kubelet's probes come by the pod's IP, and " +
		"would fail with 127.0.0.1"
}

// isProbedByIP reports whether a probe of a container needs the pod's IP.
func isProbedByIP(container lint.PodOrContainer) bool {
	for _, probe := range [...]string{"livenessProbe", "readinessProbe", "startupProbe"} {
		for _, handler := range [...]string{"httpGet", "tcpSocket"} {
			if v := container.Get(probe).Get(handler); v.IsMap() && !v.Get("host").IsSet() {
				return true
			}
		}
	}
	return false
}
