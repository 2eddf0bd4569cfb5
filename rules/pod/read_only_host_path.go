package pod

import (
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// ReadOnlyHostPath reports containers that mount a path of the node for writing.
//
// What a container writes there, the node and other pods read: logs that were tampered with,
// configuration, programs. A read-only mount still lets an agent collect what it is there for.
//
// The rule is part of the checklist profile only: storage and network drivers must write, and
// no-sensitive-host-path reports the paths where that gives the node away. A mount is for writing
// unless it says readOnly: true. Sockets are exempt, since a read-only mount does not keep anyone from
// talking to them.
var ReadOnlyHostPath = &lint.Rule{
	ID:        "read-only-host-path",
	Title:     "Path of the node is mounted for writing",
	Severity:  lint.Medium,
	Profile:   lint.ChecklistProfile,
	Checklist: []string{"pod-host-isolation"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Pod security enforcement"},
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
				Subject: m.holder, At: m.value.Get("readOnly"), Want: "true",
				Message: m.holder.Label() + " mounts path " + path + " of the node for writing at " + m.value.Get("mountPath").Text() + "; want readOnly: true",
				Related: []lint.Related{{Object: w.Object, At: host, Label: "the volume"}},
			})
		}
	}
}
