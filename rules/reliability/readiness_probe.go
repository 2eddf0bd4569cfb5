package reliability

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
	"github.com/kubevet/kubevet/lint/node"
)

// ReadinessProbe reports containers that serve a Service and have no
// readinessProbe.
//
// A pod without one counts as ready as soon as its containers have started. It gets
// requests that it cannot answer yet, and a rollout of a broken version continues
// until the last working pod is replaced.
//
// A container serves a Service in the input if it declares the port that
// the Service targets, and no other container alone probes it. If it declares no ports, it must probe the target or be the only container, and the target a number. Ports with
// metrics in their names do not count: scrapers ask every pod,
// ready or not. Nor do ports of UDP and SCTP, which the kubelet cannot probe. In the strict profile every container of a long-running workload
// needs one.
var ReadinessProbe = &lint.Rule{
	ID:        "readiness-probe",
	Title:     "Container has no readiness probe",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{availability},
	Fix:       "add a readinessProbe that succeeds when the container can serve requests",
	Check: lint.UnitCheck(func(p *lint.Pass) {
		view := viewOf(p)
		for _, w := range view.Pods {
			if !runsOn(w.Workload) {
				continue
			}
			for _, c := range w.Select(lint.KindContainer) {
				checkReadiness(p, view, w, c)
			}
		}
	}),
}

func checkReadiness(p *lint.Pass, view *view, w *cluster.Pods, c lint.PodOrContainer) {
	probe := c.Get("readinessProbe")
	if probe.Len() > 0 || c.Partial {
		return
	}
	if s := view.servedBy(w, c); s != nil {
		reportNoProbe(p, c, probe, "has no readinessProbe and serves "+s.KindName()+"; want one")
	} else if p.Profile == lint.Strict {
		reportNoProbe(p, c, probe, "has no readinessProbe; want one")
	}
}

// reportNoProbe reports that a container has no probe. Keys of a chart are tried with one that has some command: which probe is right depends on
// the application.
func reportNoProbe(p *lint.Pass, c lint.PodOrContainer, probe lint.Value, message string) {
	p.Report(lint.Diagnostic{Subject: c, At: probe, Message: c.Label() + " " + message, Fix: lint.Intent{Sample: "{exec: {command: [example]}}"}})
}

// servedBy is a Service that leads to the container, or nil: one of the same file, if there
// is one, or else of the same directory. One that publishes
// pods before they are ready does not count: it asks for no probe.
func (v *view) servedBy(p *cluster.Pods, c lint.PodOrContainer) *lint.Object {
	var first *lint.Object
	for _, s := range v.ServicesTo(p) {
		switch {
		case first != nil && v.Unit.Kind != lint.UnitManifests:
			return first
		case first != nil && !v.SameFile(s.Object, p.Object) && (v.SameDir(first, p.Object) || !v.SameDir(s.Object, p.Object)):
			continue
		}
		if s.Root.Get("spec.publishNotReadyAddresses").True() {
			continue
		}
		for port := range s.Root.Get("spec.ports").Items() {
			if isMetrics(port) || isUnprobed(port) || !leadsTo(port, c) {
				continue
			}
			if v.SameFile(s.Object, p.Object) {
				return s.Object
			}
			first = s.Object
			break
		}
	}
	return first
}

// isMetrics reports whether a Service's port is there for metrics alone, going by
// its name or that of the container's port.
func isMetrics(port lint.Value) bool {
	return strings.Contains(text(port.Get("name")), "metrics") || strings.Contains(text(port.Get("targetPort")), "metrics")
}

// isUnprobed reports whether a Service's port is of a protocol that the kubelet cannot probe.
func isUnprobed(port lint.Value) bool {
	protocol := text(port.Get("protocol"))
	return protocol == "UDP" || protocol == "SCTP"
}

// leadsTo reports whether a Service's port is that of a container.
func leadsTo(port lint.Value, c lint.PodOrContainer) bool {
	target := port.Get("targetPort")
	if !target.IsSet() {
		target = port.Get("port")
	}
	if isNumber(target) && !probes(c, text(target)) && slices.ContainsFunc(c.Workload.Select(lint.LongRunning), func(o lint.PodOrContainer) bool {
		return probes(o, text(target))
	}) {
		return false // the one that is probed there listens: only one container of a pod can
	}
	declared := c.Get("ports")
	if declared.Len() == 0 {
		if name := text(target); name != "" && !isNumber(target) && !node.IsCapitals(name) {
			return false // no port of the pod has the name: service-port-exists reports that
		}
		return probes(c, text(target)) || len(c.Workload.Select(lint.LongRunning)) == 1
	}
	for own := range declared.Items() {
		if t := text(target); t == text(own.Get("name")) || t == text(own.Get("containerPort")) {
			return true
		}
	}
	return false
}

// probes reports whether a probe of the container asks it at a port that is a number.
func probes(c lint.PodOrContainer, port string) bool {
	for _, probe := range [...]string{"livenessProbe", "startupProbe", "readinessProbe"} {
		for _, handler := range [...]string{"httpGet", "tcpSocket", "grpc"} {
			asked := c.Get(probe + "." + handler)
			if asked.IsSet() && !asked.Get("host").IsSet() && text(asked.Get("port")) == port {
				return true
			}
		}
	}
	return false
}
