package pod

import (
	"path"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
)

// NoPrivilegedContainer reports containers with privileged: true.
//
// A privileged container has every capability, every device of the node, no
// seccomp, AppArmor or SELinux confinement, and an unmasked /proc and /sys. An
// attacker who runs code in it can mount the node's disk and owns the node.
//
// Only containers have the field; Kubernetes ignores it on a pod. Unset means
// false. Init, sidecar and ephemeral containers are as dangerous as the others. Storage and
// network plugins of the nodes need it where they mount something or work on the kernel, and have high
// severity; ignore the finding for those, with the reason. Beside privileged: true, the seccomp profile of a
// container and the capabilities that it drops have no effect, and allowPrivilegeEscalation: false is refused: the rules
// on these fields report such a container only if this rule does not run. Pod Security asks for the fields
// nevertheless.
var NoPrivilegedContainer = &lint.Rule{
	ID:        "no-privileged-container",
	Title:     "Container is privileged",
	Severity:  lint.Critical,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-privilege", "pod-seccomp", "pod-resource-minimums"},
	Refs: []lint.Ref{
		{Standard: baseline, Control: "Privileged Containers"},
		{Standard: restricted, Control: "Privilege Escalation"},
		{Standard: restricted, Control: "Capabilities"},
		{Standard: restricted, Control: "Seccomp"},
		{Standard: cis, Control: "5.2.2"},
		{Standard: cis, Control: "5.2.6"},
		{Standard: cis, Control: "5.2.8"},
		{Standard: cis, Control: "5.2.9"},
		{Standard: cis, Control: "5.6.2"},
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
			d.Fix = setOnNode(p, names, ", with privileged: true")
		}
		if runsDocker(h) && v.True() {
			d.Fix = lint.Advice("build with a program that needs no daemon and no privileges, such as rootless BuildKit or Buildah, or run the pod with a sandboxed runtime: dockerd does not start without privileged: true; ignore the finding until then")
		}
		keepOnPlugins(p, &d, lint.Critical)
		p.Report(d)
	}},
}

// privilegedRule is the ID of NoPrivilegedContainer, for checks that it refers to.
const privilegedRule = "no-privileged-container"

// privilegedDecides reports whether a container is privileged, and that is reported: such a container has every capability and
// runs without seccomp profile whatever its other fields say, and the API server refuses allowPrivilegeEscalation: false beside
// it. Findings about these fields begin when it is no longer privileged.
func privilegedDecides(p *lint.Pass, h lint.PodOrContainer) bool {
	return isPrivileged(h) && p.Runs(privilegedRule)
}

const addNeeds = "add only the capabilities or devices that the container needs"

// runsDocker reports whether a container runs Docker's own daemon, in the image that Docker has for that or by its command.
func runsDocker(c lint.PodOrContainer) bool {
	r := dockerfile.ParseReference(c.Get("image").Text())
	words := append(c.Get("command").Strings(), c.Get("args").Strings()...)
	return path.Base(r.Name) == "docker" && strings.Contains(r.Tag, "dind") || len(words) > 0 && path.Base(words[0]) == "dockerd"
}
