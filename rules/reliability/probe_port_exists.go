package reliability

import (
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/suggest"
)

// ProbePortExists reports probes that name a port which their container does not
// declare.
//
// The kubelet cannot resolve the name, and the probe always fails. The container is
// restarted again and again, or never gets a request.
//
// Port numbers pass: a container may listen on a port that it does not declare.
var ProbePortExists = &lint.Rule{
	ID:        "probe-port-exists",
	Title:     "Probe names a port that its container does not declare",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{availability},
	Fix:       "name a port of the same container, or give the port's number",
	Check:     lint.PodOrContainerCheck{Of: lint.LongRunning, Check: checkProbePorts},
}

func checkProbePorts(p *lint.Pass, h lint.PodOrContainer) {
	if h.Partial {
		return
	}
	for _, hook := range []string{
		"livenessProbe.httpGet", "livenessProbe.tcpSocket", "readinessProbe.httpGet", "readinessProbe.tcpSocket",
		"startupProbe.httpGet", "startupProbe.tcpSocket", "lifecycle.postStart.httpGet", "lifecycle.preStop.httpGet",
	} {
		port := h.Get(hook).Get("port")
		name := text(port)
		if name == "" || isNumber(port) {
			continue
		}
		var names []string
		declared := false
		for own := range h.Get("ports").Items() {
			n := text(own.Get("name"))
			declared = declared || n == name
			names = append(names, n)
		}
		if declared {
			continue
		}
		want := "a port of the container's own"
		if near := suggest.Closest(name, names); near != "" {
			want = near
		} else if len(names) == 1 && names[0] != "" {
			want = names[0]
		}
		p.Report(lint.Diagnostic{
			Subject: h, At: port,
			Message: h.Label() + " declares no port " + name + ", which " + hook + ".port names; want " + want,
		})
	}
}
