package pod

import "github.com/kubevet/kubevet/lint"

// NoPrivilegedContainer reports containers with privileged: true.
//
// A privileged container has every capability, every device of the node, no
// seccomp, AppArmor or SELinux confinement, and an unmasked /proc and /sys. An
// attacker who runs code in it can mount the node's disk and owns the node.
//
// Only containers have the field; Kubernetes ignores it on a pod. Unset means
// false. Init, sidecar and ephemeral containers are as dangerous as the others. Storage and
// network plugins of the nodes need it and have high severity; ignore the finding for those, with the
// reason.
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
		{Standard: owasp, Control: "K01"},
	},
	Fix:    "remove privileged: true and " + addNeeds,
	Unless: "the program must work on devices, mounts, processes or kernel parameters of the node",
	Check: lint.PodOrContainerCheck{Of: lint.Containers, Check: func(p *lint.Pass, h lint.PodOrContainer) {
		v := h.Get("securityContext.privileged")
		if !v.IsSet() || v.IsScalar() && v.Text() == "false" {
			return
		}
		d := lint.Diagnostic{Subject: h, At: v, Fix: lint.Intent{Value: "false", Also: addNeeds}, Message: h.Label() + " sets securityContext.privileged: " + v.Text() + "; want false"}
		if names := kernelParameters(h); len(names) > 0 && v.True() {
			d.Fix = setOnNode(p, names)
		}
		keepOnPlugins(p, &d, lint.Critical)
		p.Report(d)
	}},
}

const addNeeds = "add only the capabilities or devices that the container needs"
