package pod

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
)

// NoPrivilegeEscalation reports containers that do not set
// allowPrivilegeEscalation: false.
//
// Unless the field is false, a process may gain more rights than its parent: a
// setuid binary in the image, such as sudo, turns an unprivileged user into root.
// With false the kernel's no_new_privs flag prevents that for the container's life.
//
// Only containers have the field, and unset allows escalation; the severity is high where
// it is true. Pods with spec.os.name:
// windows are exempt from Kubernetes 1.25 on: the API server refuses the field there. Pods
// that only select Windows nodes, by kubernetes.io/os, have one finding of low severity: that spec.os.name is not set.
// The API server also refuses false beside privileged: true, and beside an added CAP_SYS_ADMIN in
// that spelling: remove these first. Privileged containers are left to no-privileged-container.
var NoPrivilegeEscalation = &lint.Rule{
	ID:        "no-privilege-escalation",
	Title:     "Container allows privilege escalation",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-privilege"},
	Refs: []lint.Ref{
		{Standard: restricted, Control: "Privilege Escalation"},
		{Standard: cis, Control: "5.2.6"},
		{Standard: nsa, Control: "Pod security enforcement"},
		{Standard: owasp, Control: "K01"},
	},
	Fix:   "set securityContext.allowPrivilegeEscalation: false on the container",
	Check: lint.PodOrContainerCheck{Of: lint.Containers, Check: checkEscalation},
}

func checkEscalation(p *lint.Pass, h lint.PodOrContainer) {
	const path = "securityContext.allowPrivilegeEscalation"
	v := h.Get(path)
	if onWindows(p, h.Workload) || reportOS(p, h) || privilegedDecides(p, h) || v.IsScalar() && v.Text() == "false" {
		return
	}
	d := lint.Diagnostic{Subject: h, At: v, Fix: lint.Intent{Value: "false", Left: leftForUser(h)}, Message: h.Label() + " does not set " + path + "; want false"}
	if v.IsSet() {
		d.Severity = lint.High
		d.Message = h.Label() + " sets " + path + ": " + v.Text() + "; want false"
	}
	switch {
	case runsSudo(h):
		d.Fix.Also = "remove sudo from the command, since it cannot become root then"
		d.Fix.Title = "set " + path + ": false on the container, and " + d.Fix.Also
	case v.IsSet() || h.Get("securityContext.capabilities.add").Len() > 0:
		d.Fix.Unless = "the program gets rights by setuid or by capabilities of a file, as sudo does"
	}
	switch {
	case isPrivileged(h):
		d.Fix = fixPrivileged(p, h, "set "+path+": false: the API server refuses the two together", "false")
		d.Fix.IsRefused = true
	case slices.Contains(h.Get("securityContext.capabilities.add").Strings(), "CAP_SYS_ADMIN"):
		d.Fix = lint.Advice("remove the capability CAP_SYS_ADMIN and set " + path + ": false: the API server refuses the two together")
	}
	p.Report(d)
}
