package pod

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
)

// NoRunAsRootUser reports pods and containers that set user 0, group 0 or
// supplemental group 0.
//
// A process with user ID 0 owns every file of the container and, outside a user
// namespace, is root to the node's kernel. Group 0 may read, and often write, files of the
// root group on the node and in the image, mounted directories of the node included.
//
// Each setting is reported at its own line, whether or not a container overrides
// its pod's. Unset is fine: run-as-non-root covers that. Groups (also
// fsGroup, which is a supplemental group of every container) have low severity,
// since images made for random user IDs rely on group 0; where a runAsUser: 0 is reported, groups say no more, and are left out. Pods with hostUsers: false
// are exempt from Kubernetes 1.35 on.
var NoRunAsRootUser = &lint.Rule{
	ID:        "no-run-as-root-user",
	Title:     "User or group is root",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-run-as-user"},
	Refs: []lint.Ref{
		{Standard: restricted, Control: "Running as Non-root user"},
		{Standard: cis, Control: "5.2.7"},
		{Standard: nsa, Control: "Non-root containers"},
		{Standard: owasp, Control: "K01"},
	},
	Fix:    "set a user and groups above 0 that the image can run as",
	Unless: "the program must be root",
	Check:  lint.PodOrContainerCheck{Of: lint.KindPod | lint.Containers, Check: checkRootUser},
}

// setUser is what to do about a container that runs as root and need not.
const setUser = "set a user above 0"

func checkRootUser(p *lint.Pass, h lint.PodOrContainer) {
	if inUserNamespace(p, h.Workload) {
		return
	}
	if v := h.Get("securityContext.runAsUser"); isZero(v) {
		d := lint.Diagnostic{Subject: h, At: v, Message: h.Label() + " sets securityContext.runAsUser: 0; want a user above 0"}
		relateImageUser(p, &d)
		if changesOwners(h) {
			d.Fix = keepOwners(p, h)
		}
		if names := kernelParameters(h); len(names) > 0 {
			d.Fix = setOnNode(p, names, "")
		}
		if advice, ok := imageFirst(h, setUser); ok {
			d.Fix = advice
		}
		adviseOnRoot(p, &d)
		p.Report(d)
	}
	if runsAsRoot(h) {
		return
	}
	group := func(v lint.Value, path, want string, isHarmless bool) {
		if !isZero(v) {
			return
		}
		p.Report(lint.Diagnostic{
			Subject: h, At: v, Severity: lint.Low, Fix: lint.Intent{IsHarmless: isHarmless},
			Message: h.Label() + " sets securityContext." + path + ": 0; want " + want,
		})
	}
	group(h.Get("securityContext.runAsGroup"), "runAsGroup", "a group above 0", false)
	if h.Kind != lint.KindPod {
		return
	}
	group(h.Get("securityContext.fsGroup"), "fsGroup", "a group above 0", true)
	for v := range h.Get("securityContext.supplementalGroups").Items() {
		group(v, "supplementalGroups", "groups above 0", true)
	}
}

// runsAsRoot reports whether a container, or all containers of a pod, run as user 0 because a runAsUser says so.
func runsAsRoot(h lint.PodOrContainer) bool {
	isRoot := func(c lint.PodOrContainer) bool {
		user, _ := c.Effective("securityContext.runAsUser")
		return isZero(user)
	}
	if h.Kind != lint.KindPod {
		return isRoot(h)
	}
	all := h.Workload.Containers
	return len(all) > 0 && !h.Partial && !slices.ContainsFunc(all, func(c lint.PodOrContainer) bool { return !isRoot(c) })
}

// adviseOnRoot makes the fix say what needs root. What is set on a pod is for the containers that set no user themselves.
func adviseOnRoot(p *lint.Pass, d *lint.Diagnostic) {
	h := d.Subject
	if h.Kind != lint.KindPod {
		adviseOnFiles(p, d, false)
		if advice, ok := keepRoot(p, h, setUser+letWrite(h)); ok {
			d.Fix = advice
		}
		return
	}
	adviseOnPod(p, d, "securityContext.runAsUser", setUser)
}

func isZero(v lint.Value) bool {
	n, ok := v.Int()
	return ok && n == 0
}
