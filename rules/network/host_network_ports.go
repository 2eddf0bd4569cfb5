package network

import (
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// HostNetworkPorts reports the ports of pods in the network of their node.
//
// No network policy applies to such pods. Each of their ports is open on every address of the node: to
// all pods of the cluster, to the other nodes, and to anyone who reaches the node. It is a class of the study
// "Inside Job" (arXiv 2506.21134).
//
// One finding names all ports of a pod. Ports that a container listens on without declaring them are not
// known. The rule is part of the strict profile only; no-host-network reports the setting itself. Restrict
// the ports with a firewall on the nodes, or with policies for hosts of Cilium or Calico.
var HostNetworkPorts = &lint.Rule{
	ID:        "host-network-ports",
	Title:     "Pod opens ports of its node that no policy restricts",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"network-policies-all-workloads"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Network separation and hardening"},
	},
	Fix: "remove hostNetwork: true, or have the container listen on 127.0.0.1",
	Check: lint.PodCheck(func(p *lint.Pass, w *lint.Workload) {
		host := w.Pod.Get("hostNetwork")
		var ports []string
		for _, c := range w.Select(lint.LongRunning) {
			for port := range c.Get("ports").Items() {
				if n, ok := port.Get("containerPort").Int(); ok {
					ports = append(ports, strconv.FormatInt(n, 10))
				}
			}
		}
		if host.True() && len(ports) > 0 {
			p.Reportf(w.Pod, host, "opens port %s of its node by hostNetwork: true, to which no network policy applies; want a network of its own", strings.Join(ports, ", "))
		}
	}),
}
