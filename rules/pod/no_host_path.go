package pod

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
)

// NoHostPath reports volumes that mount a file or directory of the node.
//
// A directory of the node can lead to the node itself: to credentials of the kubelet, to volumes and
// tokens of other pods, to scripts and units that the node runs as root. Read-only mounts still give
// secrets away.
//
// Every hostPath volume is reported, with any path and whether or not a container mounts it, but
// for those that no-sensitive-host-path and no-container-runtime-socket report. Where these do not
// run, sensitive paths and sockets have the severity that they have there. The directories of the
// kubelet in which storage and device plugins must register have low severity. Agents that collect a
// node's logs or metrics need a hostPath; ignore the finding for those, with the reason.
var NoHostPath = &lint.Rule{
	ID:        "no-host-path",
	Title:     "Volume mounts a path of the node",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-host-isolation"},
	Refs: []lint.Ref{
		{Standard: baseline, Control: "HostPath Volumes"},
		{Standard: cis, Control: "5.2.11"},
		{Standard: nsa, Control: "Pod security enforcement"},
		{Standard: owasp, Control: "K01"},
	},
	Fix:    "use a volume that does not come from the node: persistentVolumeClaim, emptyDir, configMap, secret, projected or csi",
	Unless: "the program must see or change these files of the node",
	Check:  lint.PodCheck(checkHostPath),
}

func checkHostPath(p *lint.Pass, w *lint.Workload) {
	for volume := range w.Pod.Get("volumes").Items() {
		v := volume.Get("hostPath")
		if !v.IsSet() || isReportedElsewhere(p, w, volume) {
			continue
		}
		hostPath := v.Get("path").Text()
		severity, _, _ := hostPathDanger(w, volume) // of the rule that does not run
		isKept := severity == 0 && !isForAll(hostPath) || isPluginNeed(hostPath)
		switch {
		case isRuntimeSocket(hostPath):
			severity = lint.Critical
		case isPluginPath(hostPath):
			severity = lint.Low
		}
		d := lint.Diagnostic{
			Subject: w.Pod, At: v,
			Severity: severity,
			Message:  w.Pod.Label() + ` mounts path "` + v.Get("path").Written() + `" of the node as volume "` + volume.Get("name").Written() + `"; want no hostPath`,
		}
		if followsMounts(w, volume) {
			d.Fix = lint.Advice("ignore the finding with the reason if the container must see what the node mounts there, as mountPropagation says: no other volume can; or else use a volume that does not come from the node")
		} else if isReadByAgent(w, volume) {
			d.Fix = lint.Advice("ignore the finding with the reason if the agent reads what only the node has: its mount is read-only already; for other files use a volume that does not come from the node")
		}
		if isKept {
			keepOnPlugins(p, &d, lint.Medium)
		}
		p.Report(d)
	}
}

// followsMounts reports whether a container gets the mounts that the node makes below a volume.
func followsMounts(w *lint.Workload, volume lint.Value) bool {
	return slices.ContainsFunc(mountsOf(w, volume.Get("name").Text()), func(m mount) bool {
		kind := m.value.Get("mountPropagation").Text()
		return kind == "HostToContainer" || kind == "Bidirectional"
	})
}

// isReadByAgent reports whether a program that each node has one of mounts a volume, and cannot
// write there.
func isReadByAgent(w *lint.Workload, volume lint.Value) bool {
	mounts := mountsOf(w, volume.Get("name").Text())
	return w.Kind == "DaemonSet" && len(mounts) > 0 && !slices.ContainsFunc(mounts, func(m mount) bool { return !m.readOnly() })
}

// isPluginPath reports whether plugins of the nodes must use a path: it is made for them.
func isPluginPath(hostPath string) bool {
	clean := cleanPath(hostPath)
	for _, directory := range []string{"/var/lib/kubelet/plugins", "/var/lib/kubelet/plugins_registry", "/var/lib/kubelet/device-plugins"} {
		if below(clean, directory) {
			return true
		}
	}
	return isCSIProxy(hostPath)
}

// isReportedElsewhere reports whether a rule with more to say about a path reports the volume.
func isReportedElsewhere(p *lint.Pass, w *lint.Workload, volume lint.Value) bool {
	if isRuntimeSocket(volume.Get("hostPath.path").Text()) {
		return p.Runs("no-container-runtime-socket")
	}
	severity, _, _ := hostPathDanger(w, volume)
	return severity != 0 && p.Runs("no-sensitive-host-path")
}
