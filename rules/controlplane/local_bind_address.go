package controlplane

import "github.com/kubevet/kubevet/lint"

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
