package pod

import "github.com/kubevet/kubevet/lint"

// NoPrivilegeEscalation reports containers that do not set
// allowPrivilegeEscalation: false.
//
// Unless the field is false, a process may gain more rights than its parent: a
// setuid binary in the image, sudo for one, turns an unprivileged user into root.
// With false the kernel's no_new_privs flag stops that for the container's life.
//
// Only containers have the field, and unset allows escalation. Pods with spec.os.name:
// windows are exempt from Kubernetes 1.25 on: the API server refuses the field there.
// The API server also refuses false beside privileged: true or added SYS_ADMIN.
var NoPrivilegeEscalation = &lint.Rule{
	ID:        "no-privilege-escalation",
	Title:     "Container allows privilege escalation",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-privilege"},
	Refs: []lint.Ref{
		{Standard: restricted, Control: "Privilege Escalation"},
		{Standard: cis, Control: "5.2.6"},
		{Standard: nsa, Control: "Pod security enforcement"},
	},
	Fix: "set securityContext.allowPrivilegeEscalation: false on the container",
	Check: lint.Field{
		Of:     lint.Containers,
		Path:   "securityContext.allowPrivilegeEscalation",
		Allow:  []string{"false"},
		Absent: lint.Bad,
		Unless: onWindows,
	},
}
