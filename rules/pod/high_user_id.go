package pod

import (
	"strconv"

	"github.com/kubevet/kubevet/lint"
)

// HighUserID reports containers that run with a user ID below 10000, or with the one that the image sets.
//
// Users with low IDs exist on nodes too. A process that escapes from its container as user 33 or 1000
// owns what that user owns on the node. A user ID above 10000 owns nothing there.
//
// The rule is part of the strict profile only. A container's own runAsUser overrides its pod's. A value
// on the pod is reported once, on the pod. Pods with hostUsers: false are exempt from
// Kubernetes 1.35 on, since their users are mapped to high IDs on the node. Pods with
// spec.os.name: windows are exempt too, and those that select Windows nodes by kubernetes.io/os.
var HighUserID = &lint.Rule{
	ID:        "high-user-id",
	Title:     "Container runs with a low user ID",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"pod-run-as-user"},
	Fix:       "set securityContext.runAsUser on the pod or the container to 10000 or above",
	Check:     lint.PodCheck(func(p *lint.Pass, w *lint.Workload) { checkHighID(p, w, "securityContext.runAsUser", "a user") }),
}

// lowestHighID is the least number that no node gives to users of its own.
const lowestHighID = 10000

// checkHighID reports low users or groups where they are set, and containers for which
// neither they nor their pod set one.
func checkHighID(p *lint.Pass, w *lint.Workload, path, what string) {
	if inUserNamespace(p, w) || neverOnLinux(p, w) {
		return
	}
	want := what + " of " + strconv.Itoa(lowestHighID) + " or above"
	isPodReported := false
	for _, h := range w.Select(lint.Containers) {
		v, from := h.Effective(path)
		switch n, ok := v.Int(); {
		case !v.IsSet():
			d := lint.Diagnostic{Subject: h, At: v, Message: h.Label() + " does not set " + path + "; want " + want}
			if outer, ok := w.OuterValue(path); ok {
				d.At = outer
			}
			nameField(p, &d, path)
			p.Report(d)
		case !ok || n >= lowestHighID:
		case from.Kind != lint.KindPod:
			p.Reportf(h, v, "sets %s: %s; want %s", path, v.Text(), want)
		case !isPodReported:
			isPodReported = true
			p.Reportf(from, v, "sets %s: %s; want %s", path, v.Text(), want)
		}
	}
}
