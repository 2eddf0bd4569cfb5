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
// its pod's. Only a user of the pod that no container uses is shown with the container that is root, if there is one. Unset is fine: run-as-non-root covers that. Groups (also
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
	if v := h.Get("securityContext.runAsUser"); isZero(v) && !isReportedBelow(h) {
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
		if isReportedBelow(h.Workload.Pod) && h.Kind != lint.KindPod {
			pod := h.Workload.Pod.Get("securityContext.runAsUser")
			d.Related = append(d.Related, lint.Related{Object: h.Workload.Object, At: pod, Label: "the pod's value, which no container uses: remove it, too", IsEdited: true})
		}
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
			Subject: h, At: v, Severity: lint.Low, Fix: setGroup(p, h, isHarmless),
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

// isReportedBelow reports whether a pod's runAsUser: 0 is for no container, since each sets its own, and one of these is root and reported: its
// finding shows the pod's value.
func isReportedBelow(h lint.PodOrContainer) bool {
	all := h.Workload.Containers
	if h.Kind != lint.KindPod || h.Partial || !isZero(h.Get("securityContext.runAsUser")) {
		return false
	}
	own := func(c lint.PodOrContainer) lint.Value { return c.Get("securityContext.runAsUser") }
	return slices.ContainsFunc(all, func(c lint.PodOrContainer) bool { return isZero(own(c)) }) &&
		!slices.ContainsFunc(all, func(c lint.PodOrContainer) bool { return !own(c).IsSet() })
}

// setGroup is what to do about a group 0. The user is no part of it where all containers have one above 0.
func setGroup(p *lint.Pass, h lint.PodOrContainer, isHarmless bool) lint.Intent {
	of := []lint.PodOrContainer{h}
	if h.Kind == lint.KindPod {
		of = h.Workload.Containers
	}
	fix := lint.Intent{IsHarmless: isHarmless}
	if len(of) == 0 || h.Partial || slices.ContainsFunc(of, func(c lint.PodOrContainer) bool { user, _ := nonRootUser(c); return !user }) {
		return fix
	}
	fix.Title = "set a group above 0"
	if !isHarmless {
		fix.Unless = "the image's files belong to group 0, as in images for OpenShift, and the program writes some of them"
	}
	if slices.ContainsFunc(of, func(c lint.PodOrContainer) bool { return usesNodeFiles(p, c) != "" }) {
		fix.IsHarmless, fix.Unless = false, "the program reads files of the node that belong to root's group, such as logs"
	}
	return fix
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
