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
// other pods need it and have medium severity; ignore the finding for those, with the reason.
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
				keepOnPlugins(p, &d, lint.High)
				p.Report(d)
			}
			i++
		}
	}},
}
