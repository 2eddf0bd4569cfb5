package pod

import "github.com/kubevet/kubevet/lint"

// NoPrivilegedContainer reports containers with privileged: true.
//
// A privileged container has every capability, every device of the node, no
// seccomp, AppArmor or SELinux confinement, and an unmasked /proc and /sys: who
// runs code in it mounts the node's disk and owns the node.
//
// Only containers have the field; Kubernetes ignores it on a pod. Unset means
// false. Init, sidecar and ephemeral containers are as dangerous as the others.
var NoPrivilegedContainer = &lint.Rule{
	ID:        "no-privileged-container",
	Title:     "Container is privileged",
	Severity:  lint.Critical,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-privilege"},
	Refs: []lint.Ref{
		{Standard: baseline, Control: "Privileged Containers"},
		{Standard: cis, Control: "5.2.2"},
		{Standard: nsa, Control: "Pod security enforcement"},
	},
	Fix: "remove privileged: true and add only the capabilities or devices that the container needs",
	Check: lint.Field{
		Of:    lint.Containers,
		Path:  "securityContext.privileged",
		Allow: []string{"false"},
	},
}
