package pod

import (
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/rules/podsecurity"
)

// NoUnsafeSysctls reports kernel parameters that a pod sets and that Kubernetes does
// not list as safe.
//
// A parameter that is not isolated per pod changes the node's kernel for all pods, and
// some lead out of the container: kernel.core_pattern names a program that the node runs as root.
//
// The safe list is Pod Security's and grows with the Kubernetes version: five parameters at
// first, ip_local_reserved_ports from 1.27 on, four on TCP keepalive and FIN from 1.29,
// tcp_rmem and tcp_wmem from 1.32, tcp_slow_start_after_idle and tcp_notsent_lowat from
// 1.37. Each name is checked on its own.
var NoUnsafeSysctls = &lint.Rule{
	ID:        "no-unsafe-sysctls",
	Title:     "Pod sets an unsafe kernel parameter",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-host-isolation"},
	Refs: []lint.Ref{
		{Standard: baseline, Control: "Sysctls"},
		{Standard: owasp, Control: "K01"},
	},
	Fix:    "remove the sysctl, or set it on the nodes that need it",
	Unless: "the program does not start without it",
	Check:  lint.PodCheck(checkSysctls),
}

func checkSysctls(p *lint.Pass, w *lint.Workload) {
	for sysctl := range w.Pod.Get("securityContext.sysctls").Items() {
		v := sysctl.Get("name")
		if !podsecurity.SafeSysctl(p.Version, v.Text()) {
			p.Reportf(w.Pod, v, "sets the unsafe sysctl %s; want only those that %s counts as safe", v.Text(), p.Version)
		}
	}
}
