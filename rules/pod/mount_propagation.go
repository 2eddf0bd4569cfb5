package pod

import (
	"strconv"

	"github.com/kubevet/kubevet/lint"
)

// MountPropagation reports volume mounts that propagate to the node.
//
// With Bidirectional, the mounts of the container appear on the node and in every pod that shares
// the directory, and stay after the container ends. A container can lay its own files over
// those of others. Kubernetes allows it to privileged containers only.
//
// None, which is the default, and HostToContainer are fine. Storage plugins that mount volumes for
// other pods need it and have medium severity; ignore the finding for those, with the reason. A folder for files,
// such as /opt/cni/bin, needs none: what a container writes there is on the node anyway.
var MountPropagation = &lint.Rule{
	ID:        "mount-propagation",
	Title:     "Mount propagates to the node",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-host-isolation"},
	Fix:       "remove mountPropagation, or set it to HostToContainer",
	Unless:    "what the program mounts must appear on the node",
	Check: lint.PodOrContainerCheck{Of: lint.Containers, Check: func(p *lint.Pass, h lint.PodOrContainer) {
		i := 0
		for m := range h.Get("volumeMounts").Elements() {
			v := m.Get("mountPropagation")
			if t := v.Text(); v.IsSet() && t != "None" && t != "HostToContainer" {
				d := lint.Diagnostic{Subject: h, At: v, Message: h.Label() + " sets volumeMounts[" + strconv.Itoa(i) + "].mountPropagation: " + t + "; want None or HostToContainer"}
				explainPropagation(p, &d, m)
				p.Report(d)
			}
			i++
		}
	}},
}

// explainPropagation is the fix for a mount that propagates: a plugin of the nodes needs it where it mounts
// something, and not where it only writes files.
func explainPropagation(p *lint.Pass, d *lint.Diagnostic, m lint.Value) {
	c := d.Subject
	hostPath := hostPathsOf(p, c.Workload.Object)[c.Workload][m.Get("name").Text()]
	kind, _ := plugin(p, c.Workload)
	switch {
	case hostPath == "":
	case holdsFiles(mount{c, m}, cleanPath(hostPath)):
		d.Fix = lint.Advice("remove mountPropagation: files that the container writes to " + hostPath + " are on the node without it")
	case kind != "":
		d.Message += ", unless its mounts must appear on the node"
		d.Fix = keepPlugin(kind, "propagates mounts in", hostPath, "this")
		lowerOnPlugins(d, lint.High)
	}
}
