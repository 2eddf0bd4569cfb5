package pod

import "github.com/kubevet/kubevet/lint"

// MountPropagation reports volume mounts that propagate to the node.
//
// With Bidirectional, what the container mounts appears on the node and in every pod that shares
// the directory, and stays when the container is gone. It lets a container lay its own files over
// those of others; Kubernetes allows it to privileged containers only.
//
// None, which is the default, and HostToContainer are fine. Storage drivers that mount volumes for
// other pods cannot do without it; suppress the finding for those, with the reason.
var MountPropagation = &lint.Rule{
	ID:        "mount-propagation",
	Title:     "Mount propagates to the node",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-host-isolation"},
	Fix:       "remove mountPropagation, or set it to HostToContainer",
	Check: lint.Field{
		Of:    lint.Containers,
		Path:  "volumeMounts[].mountPropagation",
		Allow: []string{"None", "HostToContainer"},
	},
}
