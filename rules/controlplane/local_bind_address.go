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
// the finding with that reason, and limit access by firewall. The fix names a ServiceMonitor of the input that scrapes the program.
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
func keepProbes(p *lint.Pass, c *controlplane.Component, fix string) string {
	monitor := monitorsOf(p)[string(c.Program)]
	switch {
	case !isProbedByIP(c.Container) && monitor != nil:
		return fix + ", which ends the scraping by " + monitor.KindName() + ", or limit by a firewall who reaches the port, and ignore the finding with that reason"
	case !isProbedByIP(c.Container):
		return fix
	case c.Container.Workload.Pod.Get("hostNetwork").True():
		return fix + ", and host: 127.0.0.1 in its probes, which come by the pod's IP otherwise"
	}
	return "limit by a network policy who reaches the port, and ignore the finding with that reason: the kubelet's probes come by the pod's IP, and " +
		"would fail with 127.0.0.1"
}

// scrapedBy are the labels and names by which objects of the Prometheus operator select a program of the control plane.
var scrapedBy = []string{"app.kubernetes.io/name", "k8s-app", "component", "app"}

// monitorsOf are the ServiceMonitors and PodMonitors of the unit that scrape programs of the control plane, by the programs.
var monitorsOf = lint.UnitIndex("monitors of the control plane", func(p *lint.Pass) map[string]*lint.Object {
	by := map[string]*lint.Object{}
	for _, o := range p.Unit.Objects {
		if !o.Is("monitoring.coreos.com", "ServiceMonitor") && !o.Is("monitoring.coreos.com", "PodMonitor") {
			continue
		}
		labels := o.Root.Get("spec.selector.matchLabels")
		for _, key := range scrapedBy {
			if program := labels.Child(key).Text(); program != "" && by[program] == nil {
				by[program] = o
			}
		}
	}
	return by
})

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
