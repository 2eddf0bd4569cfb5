package pod

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
)

// NoUnsafeSysctls reports kernel parameters that a pod sets and that Kubernetes does
// not know to be safe.
//
// A parameter that is not confined to the pod changes the node's kernel for all pods, and
// some open a way out: kernel.core_pattern names a program that the node runs as root.
//
// The safe list is Pod Security's and grows with the Kubernetes version: five parameters at
// first, ip_local_reserved_ports from 1.27 on, four on TCP keepalive and FIN from 1.29,
// tcp_rmem and tcp_wmem from 1.32, tcp_slow_start_after_idle and tcp_notsent_lowat from
// 1.37. Each name is judged by itself.
var NoUnsafeSysctls = &lint.Rule{
	ID:        "no-unsafe-sysctls",
	Title:     "Pod sets an unsafe kernel parameter",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-host-isolation"},
	Refs: []lint.Ref{
		{Standard: baseline, Control: "Sysctls"},
	},
	Fix:   "Remove the sysctl, or set it on the nodes that need it.",
	Check: lint.PodCheck(checkSysctls),
}

// safeSysctls tells from which minor version of Kubernetes on a parameter is safe.
var safeSysctls = []struct {
	since int
	names []string
}{
	{0, []string{
		"kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_unprivileged_port_start",
		"net.ipv4.ping_group_range", "net.ipv4.tcp_syncookies",
	}},
	{27, []string{"net.ipv4.ip_local_reserved_ports"}},
	{29, []string{
		"net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes",
		"net.ipv4.tcp_keepalive_time",
	}},
	{32, []string{"net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"}},
	{37, []string{"net.ipv4.tcp_notsent_lowat", "net.ipv4.tcp_slow_start_after_idle"}},
}

func checkSysctls(p *lint.Pass, w *lint.Workload) {
	for sysctl := range w.Pod.Get("securityContext.sysctls").Items() {
		v := sysctl.Get("name")
		if !isSafe(p.Version, v.Text()) {
			p.Reportf(w.Pod, v, "sets the unsafe sysctl %s; want only those that %s counts as safe", v.Text(), p.Version)
		}
	}
}

func isSafe(version lint.Version, sysctl string) bool {
	for _, s := range safeSysctls {
		if version.AtLeast(s.since) && slices.Contains(s.names, sysctl) {
			return true
		}
	}
	return false
}
