package pod

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
)

// NoSensitiveHostPath reports volumes that mount a directory of the node on which the node's own
// security rests, such as /, /etc, /proc, /root, /var/lib/kubelet or /etc/kubernetes.
//
// Who can write there is root on the node: a cron job, a unit, a static pod or a key is enough.
// Who can only read finds the kubelet's credentials, the tokens of all pods of the node, and the
// keys of its users.
//
// The node's main directories count as such and not with all that is below them; directories that
// hold credentials or the state of services count at any depth. Directories of programs, /sys, /boot
// and logs count only where a container can write there. The kubelet's directories for plugins,
// which storage and device drivers are made to use, do not count. Where no container mounts the volume
// for writing, the severity is high instead of critical. no-host-path reports every path of the node.
var NoSensitiveHostPath = &lint.Rule{
	ID:        "no-sensitive-host-path",
	Title:     "Volume mounts a sensitive path of the node",
	Severity:  lint.Critical,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-host-isolation"},
	Refs: []lint.Ref{
		{Standard: baseline, Control: "HostPath Volumes"},
		{Standard: cis, Control: "5.2.11"},
		{Standard: nsa, Control: "Pod security enforcement"},
	},
	Fix:   "remove the volume, or mount only the one file or directory that is needed, read-only",
	Check: lint.PodCheck(checkSensitiveHostPath),
}

func checkSensitiveHostPath(p *lint.Pass, w *lint.Workload) {
	for volume := range w.Pod.Get("volumes").Items() {
		v, name := volume.Get("hostPath.path"), volume.Get("name").Text()
		mounts := mountsOf(w, name)
		writer := slices.IndexFunc(mounts, func(m mount) bool { return !m.readOnly() })
		if !isSensitive(v.Text(), writer >= 0) {
			continue
		}
		d := lint.Diagnostic{Subject: w.Pod, At: v, Severity: lint.High.If(writer < 0)}
		d.Message = w.Pod.Label() + " mounts the sensitive path " + v.Text() + " of the node as volume \"" + name + "\""
		if writer >= 0 {
			m := mounts[writer]
			d.Message += ", and " + m.holder.Label() + " can write there"
			d.Related = []lint.Related{{Object: w.Object, At: m.value, Label: "mounted for writing"}}
		}
		d.Message += "; want no such volume"
		p.Report(d)
	}
}
