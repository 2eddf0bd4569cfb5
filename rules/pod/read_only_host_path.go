package pod

import (
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// ReadOnlyHostPath reports containers that mount a path of the node for writing.
//
// The node and other pods read what a container writes there: logs, configuration, programs. A
// read-only mount is enough for an agent that collects data.
//
// The rule is part of the strict profile only: storage and network drivers must write, and
// no-sensitive-host-path reports the paths where that gives the node away. A mount is for writing
// unless it sets readOnly: true. Sockets are exempt, since a read-only mount does not prevent their
// use.
var ReadOnlyHostPath = &lint.Rule{
	ID:        "read-only-host-path",
	Title:     "Path of the node is mounted for writing",
	Severity:  lint.Medium,
	Profile:   lint.Strict,
	Checklist: []string{"pod-host-isolation"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Pod security enforcement"},
		{Standard: owasp, Control: "K01"},
	},
	Fix:   "set readOnly: true on the volume mount",
	Check: lint.PodCheck(checkWritableHostPath),
}

func checkWritableHostPath(p *lint.Pass, w *lint.Workload) {
	for volume := range w.Pod.Get("volumes").Items() {
		host := volume.Get("hostPath")
		path := host.Get("path").Text()
		if !host.IsSet() || host.Get("type").Text() == "Socket" || strings.HasSuffix(path, ".sock") {
			continue
		}
		for _, m := range mountsOf(w, volume.Get("name").Text()) {
			if m.readOnly() {
				continue
			}
			p.Report(lint.Diagnostic{
				Subject: m.container, At: m.value.Get("readOnly"), Fix: lint.Intent{Value: "true"},
				Message: m.container.Label() + " mounts path " + host.Get("path").Written() + " of the node for writing at " + m.value.Get("mountPath").Written() + "; want readOnly: true",
				Related: []lint.Related{{Object: w.Object, At: host, Label: "the volume"}},
			})
		}
	}
}
