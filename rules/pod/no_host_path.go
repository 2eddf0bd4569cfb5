package pod

import "github.com/kubevet/kubevet/lint"

// NoHostPath reports volumes that mount a file or directory of the node.
//
// A directory of the node is a way to the node: credentials of the kubelet, other
// pods' volumes and tokens, scripts and units that the node runs as root. Read-only
// mounts still give secrets away.
//
// Every hostPath volume is reported, whatever its path and whether or not a container
// mounts it. Agents that collect a node's logs or metrics need one; suppress the finding
// for those, with the reason. Sockets of a container runtime are reported by
// no-container-runtime-socket as well.
var NoHostPath = &lint.Rule{
	ID:        "no-host-path",
	Title:     "Volume mounts a path of the node",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-host-isolation"},
	Refs: []lint.Ref{
		{Standard: baseline, Control: "HostPath Volumes"},
		{Standard: cis, Control: "5.2.11"},
		{Standard: nsa, Control: "Pod security enforcement"},
	},
	Fix:   "use a volume that does not come from the node: persistentVolumeClaim, emptyDir, configMap, secret, projected or csi",
	Check: lint.PodCheck(checkHostPath),
}

func checkHostPath(p *lint.Pass, w *lint.Workload) {
	for volume := range w.Pod.Get("volumes").Items() {
		if v := volume.Get("hostPath"); v.IsSet() {
			p.Reportf(w.Pod, v, "mounts path %q of the node as volume %q; want no hostPath", v.Get("path").Text(), volume.Get("name").Text())
		}
	}
}
