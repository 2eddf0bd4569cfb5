package reliability

import (
	"path"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
)

// ReadinessProbe reports containers that serve a Service and have no
// readinessProbe.
//
// A pod without one counts as ready as soon as its containers have started. It gets
// requests that it cannot answer yet, and a rollout of a broken version continues
// until the last working pod is replaced.
//
// A container serves a Service in the input if it declares the port that
// the Service targets. If it declares no ports, it must be the only container. Ports with
// metrics in their names do not count: scrapers ask every pod,
// ready or not. In the strict profile every container of a long-running workload
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
		p.Reportf(c, probe, "has no readinessProbe and serves Service %s; want one", s.Name)
	} else if p.Profile == lint.Strict {
		p.Reportf(c, probe, "has no readinessProbe; want one")
	}
}

// servedBy is a Service that leads to the container, or nil. One that publishes
// pods before they are ready does not count: it asks for no probe. Of several it is one of
// the workload's file, or else of its directory: manifests of other directories may be
// variants that are not applied together.
func (v *view) servedBy(p *cluster.Pods, c lint.PodOrContainer) *lint.Object {
	var l []*lint.Object
	for _, s := range v.ServicesTo(p) {
		if s.Root.Get("spec.publishNotReadyAddresses").True() {
			continue
		}
		for port := range s.Root.Get("spec.ports").Items() {
			if !isMetrics(port) && leadsTo(port, c) {
				l = append(l, s.Object)
				break
			}
		}
	}
	if len(l) == 0 {
		return nil
	}
	return v.nearest(c.Workload.Object, l)
}

// nearest is the first of some objects that is in the file of another, or else the first in
// its directory, or else the first.
func (v *view) nearest(of *lint.Object, l []*lint.Object) *lint.Object {
	if len(l) == 1 {
		return l[0]
	}
	file := func(o *lint.Object) string { return v.pass.Locate(o, o.Root.Get("kind")).File }
	here := file(of)
	beside := l[0]
	for _, o := range slices.Backward(l) {
		switch name := file(o); {
		case name == here:
			return o
		case path.Dir(name) == path.Dir(here):
			beside = o
		}
	}
	return beside
}

// isMetrics reports whether a Service's port is there for metrics alone, going by
// its name or that of the container's port.
func isMetrics(port lint.Value) bool {
	return strings.Contains(text(port.Get("name")), "metrics") || strings.Contains(text(port.Get("targetPort")), "metrics")
}

// leadsTo reports whether a Service's port is that of a container.
func leadsTo(port lint.Value, c lint.PodOrContainer) bool {
	target := port.Get("targetPort")
	if !target.IsSet() {
		target = port.Get("port")
	}
	declared := c.Get("ports")
	if declared.Len() == 0 {
		return len(c.Workload.Select(lint.LongRunning)) == 1
	}
	for own := range declared.Items() {
		if t := text(target); t == text(own.Get("name")) || t == text(own.Get("containerPort")) {
			return true
		}
	}
	return false
}
