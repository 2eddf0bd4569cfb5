package pod

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

const (
	seccompPath                = "securityContext.seccompProfile.type"
	seccompPodAnnotation       = "seccomp.security.alpha.kubernetes.io/pod"
	seccompContainerAnnotation = "container.seccomp.security.alpha.kubernetes.io/"
)

// SeccompProfile reports containers that run without a seccomp profile.
//
// Seccomp limits the system calls that a process may make. Without a profile the
// whole kernel interface is open, and with it the calls that most known
// container escapes used. The runtime's default profile closes those and breaks
// almost nothing.
//
// A container's profile overrides its pod's. RuntimeDefault and Localhost are fine.
// Unconfined is not, and on a pod it is reported even if all containers override it, since Pod
// Security refuses it: at a container if one of them sets it itself. Unset means unconfined unless each node's kubelet is configured
// otherwise. Up to Kubernetes 1.26 the alpha annotations count if the field is
// unset; later versions ignore them. Pods with spec.os.name: windows are exempt from
// 1.25 on. Those that only select Windows nodes, by kubernetes.io/os, have one finding of low severity: that spec.os.name is not set.
// Privileged containers run without a profile whatever they set: no-privileged-container reports them.
var SeccompProfile = &lint.Rule{
	ID:        "seccomp-profile",
	Title:     "Container runs without a seccomp profile",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-seccomp"},
	Refs: []lint.Ref{
		{Standard: baseline, Control: "Seccomp"},
		{Standard: restricted, Control: "Seccomp"},
		{Standard: cis, Control: "5.6.2"},
		{Standard: nsa, Control: "Hardening container environments"},
		{Standard: owasp, Control: "K01"},
	},
	Fix:   "set securityContext.seccompProfile.type: RuntimeDefault on the pod or on the container",
	Check: lint.PodCheck(checkSeccomp),
}

func checkSeccomp(p *lint.Pass, w *lint.Workload) {
	if onWindows(p, w) || reportOS(p, w.Pod) {
		return
	}
	podSets := seccompOf(p, w.Pod).IsSet() || w.PodValue(seccompPath).IsSet()
	overridden := isUnconfinedEach(p, w)
	for _, h := range w.Select(lint.KindPod | lint.Containers) {
		v := seccompOf(p, h)
		// A profile without a type is as bad as none, and is not inherited over.
		untyped := h.Get("securityContext.seccompProfile").IsSet()
		switch {
		case privilegedDecides(p, h), h.Kind == lint.KindPod && overridden:
		case v.IsSet():
			judgeSeccomp(p, h, v)
		case untyped || h.Kind != lint.KindPod && !podSets:
			d := lint.Diagnostic{
				Subject: h, At: v, Fix: setSeccomp(h, untyped),
				Message: h.Label() + " does not set " + seccompPath + "; want RuntimeDefault or Localhost",
			}
			if isPrivileged(h) {
				d.Fix = fixPrivileged(p, h, "set "+seccompPath+": RuntimeDefault: a privileged container has no profile", "RuntimeDefault")
			}
			if !untyped && !d.Fix.AdviceOnly {
				d.At, d.Or = whereSet(p, h, v, seccompPath), orPod(p, h, seccompPath)
			}
			nameField(p, &d, seccompPath)
			p.Report(d)
		}
	}
}

// isUnconfinedEach reports whether each container has a profile of its own, and one of them a bad one: that of the pod has no effect then, and
// these are reported in its place.
func isUnconfinedEach(p *lint.Pass, w *lint.Workload) bool {
	isBad := func(c lint.PodOrContainer) bool {
		return c.Get(seccompPath).Text() == "Unconfined" && !privilegedDecides(p, c)
	}
	return !w.Pod.Partial && slices.ContainsFunc(w.Containers, isBad) &&
		!slices.ContainsFunc(w.Containers, func(c lint.PodOrContainer) bool { return !seccompOf(p, c).IsSet() })
}

// seccompOf is the field or, in versions that still read it, the annotation that
// means it.
func seccompOf(p *lint.Pass, h lint.PodOrContainer) lint.Value {
	field := h.Get(seccompPath)
	if field.IsSet() || p.Version.AtLeast(27) {
		return field
	}
	name := seccompPodAnnotation
	if h.Kind != lint.KindPod {
		name = seccompContainerAnnotation + h.Name
	}
	if a := h.Workload.Annotation(name); a.IsSet() {
		return a
	}
	return field
}

// setSeccomp is the fix. A profile that a container has of its own, even without a type, is not its
// pod's to change. The rule's own fix says both places.
func setSeccomp(h lint.PodOrContainer, own bool) lint.Intent {
	fix := lint.Intent{Value: "RuntimeDefault", Left: leftForUser(h)}
	switch {
	case h.Kind == lint.KindPod:
		fix.Title = "set " + seccompPath + ": RuntimeDefault on the pod"
	case own:
		fix.Title = "set " + seccompPath + ": RuntimeDefault on the container"
	}
	return fix
}

func judgeSeccomp(p *lint.Pass, h lint.PodOrContainer, v lint.Value) {
	switch text := v.Text(); {
	case text == "RuntimeDefault", text == "Localhost":
	case !strings.HasPrefix(v.Path(), h.Path()): // the annotation
		if text == "runtime/default" || text == "docker/default" || strings.HasPrefix(text, "localhost/") {
			return
		}
		p.Report(lint.Diagnostic{Subject: h, At: v, Fix: lint.Intent{Value: "runtime/default"}, Message: h.Label() + " has the seccomp annotation " + text + "; want runtime/default or localhost/…"})
	default:
		fix := setSeccomp(h, true)
		fix.Unless = "the program makes system calls that the profile refuses"
		also := ""
		if h.Kind != lint.KindPod && h.Workload.Pod.Get(seccompPath).Text() == text && isUnconfinedEach(p, h.Workload) {
			also = ", as its pod does"
		}
		p.Report(lint.Diagnostic{Subject: h, At: v, Fix: fix, Message: h.Label() + " sets " + seccompPath + ": " + text + also + "; want RuntimeDefault or Localhost"})
	}
}
