package pod

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// NoSensitiveHostPath reports volumes that mount a path of the node on which the node's own
// security rests, such as /, /etc, /proc, /root, /var/lib/kubelet or /etc/kubernetes.
//
// An attacker who can write there becomes root on the node: a cron job, a systemd unit, a static pod or
// an SSH key is enough. One who can only read finds the kubelet's credentials, the tokens of all pods
// of the node, and the keys of its users.
//
// The severity depends on what the path gives, and is mostly critical for writing and high for reading.
// The node's main directories count by themselves, not with everything below them. Directories of
// credentials, scheduled jobs, kernel settings and sockets of privileged services count at any depth.
// Directories of programs, /sys, /boot and logs count only if a container can write there. The
// kubelet's directories for plugins do not count, since storage and device drivers must use them.
// Network, storage and device plugins of the nodes, which are known by such a directory or by
// mounts that propagate to the node, have one severity less for devices, /proc, /sys, kernel modules,
// sockets and the kubelet's directories.
// Paths of Windows nodes count too. Sockets of a container runtime are reported by
// no-container-runtime-socket, and all other paths of the node by no-host-path.
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
		{Standard: owasp, Control: "K01"},
	},
	Fix:    "remove the volume, or mount only the one file or directory that is needed, read-only",
	Unless: "the program must see or change these files of the node",
	Check:  lint.PodCheck(checkSensitiveHostPath),
}

func checkSensitiveHostPath(p *lint.Pass, w *lint.Workload) {
	for volume := range w.Pod.Get("volumes").Items() {
		v, name := volume.Get("hostPath.path"), volume.Get("name").Text()
		severity, gives, writers := hostPathDanger(w, volume)
		if severity == 0 || isRuntimeSocket(v.Text()) {
			continue
		}
		d := lint.Diagnostic{Subject: w.Pod, At: v, Severity: severity}
		d.Message = w.Pod.Label() + " mounts the sensitive path " + v.Text() + " of the node as volume \"" + name + "\""
		if len(writers) > 0 {
			d.Message += ", and " + namesOf(writers) + " can write there"
		}
		for _, m := range writers[:min(len(writers), maxWriters)] {
			d.Related = append(d.Related, lint.Related{Object: w.Object, At: m.value, Label: "mounted for writing"})
		}
		d.Message += ": it holds " + gives + "; want no such volume"
		d.Fix = fixSensitivePath(w, volume.Get("hostPath"), len(writers) > 0)
		if isPluginNeed(v.Text()) {
			keepOnPlugins(p, &d, lint.Critical)
		}
		p.Report(d)
	}
}

// maxWriters is how many mounts for writing a finding shows.
const maxWriters = 3

// namesOf names the containers of mounts, each once.
func namesOf(mounts []mount) string {
	var labels []string
	for _, m := range mounts {
		if label := m.container.Label(); !slices.Contains(labels, label) && len(labels) <= maxWriters {
			labels = append(labels, label)
		}
	}
	if len(labels) > maxWriters {
		return strings.Join(labels[:maxWriters], ", ") + " and others"
	}
	return lint.And(labels)
}

// writtenSeverity is how severe it is if containers can write to a path of the node.
func writtenSeverity(hostPath lint.Value) lint.Severity {
	s, _ := dangerOf(hostPath.Get("path").Text(), true)
	return s
}

// fixSensitivePath is what is possible about a volume that some container can write to, or none. Where
// reading gives nothing away, a read-only mount is enough.
func fixSensitivePath(w *lint.Workload, hostPath lint.Value, writable bool) lint.Intent {
	severity, _ := dangerOf(hostPath.Get("path").Text(), false)
	isFile := strings.HasPrefix(hostPath.Get("type").Text(), "File") // or FileOrCreate
	var title string
	switch {
	case !writable && isFile:
		title = "give the container what it needs by a Secret or a ConfigMap; if it must be the node's own file, ignore the finding with that reason"
	case writable && severity == 0:
		title = "set readOnly: true on the volume mounts if the containers only read there, or else remove the volume or mount only the directory that is needed"
	case !writable && w.Kind == "DaemonSet":
		title = "mount only the one file or directory that is needed; if the agent reads all that is there, or waits for files that others make there, ignore the finding with that reason"
	case !writable:
		title = "remove the volume, or mount only the one file or directory that is needed"
	case severity > writtenSeverity(hostPath):
		title = "set readOnly: true on the volume mounts if the containers only read there, which is less dangerous; better remove the volume, or mount only the one file or directory that is needed"
	default:
		return lint.Intent{}
	}
	advice := lint.Advice(title)
	advice.OrSwitch = true // a chart may have a key for what needs the volume
	return advice
}
