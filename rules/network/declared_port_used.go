package network

import (
	"fmt"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
	"github.com/kubevet/kubevet/lint/cluster/connect"
)

// DeclaredPortUsed reports ports that containers declare, and that no Service, policy, probe or
// annotation refers to.
//
// Such a port is open to every pod that may reach the workload, and nobody is known to use it: often a
// port for debugging or management that was forgotten. It is a class of the study "Inside Job" (arXiv
// 2506.21134).
//
// The rule applies to workloads of which a Service of the input serves some other port. Ports that a
// NetworkPolicy names, that a probe or a lifecycle hook uses, that are open on the node by hostPort, and that
// annotations, PodMonitors or ServiceMonitors name for metrics are in use. It is part of the strict profile
// only, with low severity. In a chart no Service or monitor beside the workload may be disabled.
var DeclaredPortUsed = &lint.Rule{
	ID:        "declared-port-used",
	Title:     "Nothing refers to a declared port",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"network-policies-all-workloads"},
	Fix:       "remove the port if nobody needs it, or expose it by a Service and name it in the policy",
	Check: lint.UnitCheck(func(p *lint.Pass) {
		n := connect.Of(p)
		monitored := monitoredPorts(p.Unit)
		targets := map[**cluster.Service]connect.PortSet{} // by the list of Services, which pods of equal labels share
		for _, w := range n.Workloads {
			services := n.Cluster.ServicesTo(w.Pods)
			if len(services) == 0 {
				continue
			}
			target, known := targets[&services[0]]
			if !known {
				target = connect.Targets(services)
				targets[&services[0]] = target
			}
			served := target.PortsOn(w)
			if served.IsEmpty() || w.HostNetwork || w.Hook != "" || p.MayExistElsewhere(w.Object, "Service") || p.MayExistElsewhere(w.Object, "ServiceMonitor") {
				continue
			}
			used := served.Union(usedPorts(w))
			for _, c := range w.Select(lint.LongRunning) {
				for port := range c.Get("ports").Items() {
					number, ok := port.Get("containerPort").Int()
					name := port.Get("name").Text()
					protocol := connect.TCP
					if port.Get("protocol").Text() == "UDP" {
						protocol = connect.UDP
					}
					if !ok || port.Get("hostPort").IsSet() || used.Has(protocol, int(number)) || name != "" && monitored[name] {
						continue
					}
					p.Report(lint.Diagnostic{
						Subject: c, At: port.Get("containerPort"),
						Message: fmt.Sprintf("%s declares port %d, and no Service, policy or probe refers to it; want it in use or not declared", w.KindName(), number),
					})
				}
			}
		}
	}),
}

// usedPorts is the ports that policies, probes, hooks and annotations of a workload name.
func usedPorts(w *connect.Workload) connect.Ports {
	var ports connect.Ports
	add := func(v lint.Value) {
		if n, ok := v.Int(); ok {
			ports = ports.Union(connect.PortRange(connect.TCP, int(n), int(n)))
		} else if v.Text() != "" {
			ports = ports.Union(w.NamedPort(v.Text()))
		}
	}
	for _, c := range w.Select(lint.LongRunning) {
		for _, field := range []string{"livenessProbe", "readinessProbe", "startupProbe", "lifecycle.preStop", "lifecycle.postStart"} {
			for _, handler := range []string{"httpGet", "tcpSocket", "grpc"} {
				add(c.Get(field + "." + handler + ".port"))
			}
		}
	}
	add(w.Annotation("prometheus.io/port"))
	for _, policy := range w.Policies(connect.Ingress) {
		for i := range policy.Rules[connect.Ingress] {
			if rule := &policy.Rules[connect.Ingress][i]; rule.PortsAt.Len() > 0 {
				ports = ports.Union(rule.PortsOf(w))
			}
		}
	}
	return ports
}

// monitoredPorts is the names of ports that PodMonitors and ServiceMonitors of a unit read.
func monitoredPorts(u *lint.Unit) map[string]bool {
	names := map[string]bool{}
	for _, o := range u.Objects {
		for _, path := range []string{"spec.podMetricsEndpoints[].port", "spec.endpoints[].port", "spec.endpoints[].targetPort"} {
			if o.Kind != "PodMonitor" && o.Kind != "ServiceMonitor" {
				continue
			}
			for v := range o.Root.Each(path) {
				names[v.Text()] = true
			}
		}
	}
	delete(names, "")
	return names
}
