package pod

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
)

// NoAddedCapabilities reports each capability that a container adds, except
// NET_BIND_SERVICE.
//
// Capabilities are root's rights, one by one. Several of them give the whole node to an
// attacker: SYS_ADMIN mounts filesystems, SYS_MODULE loads kernel modules, SYS_PTRACE and
// BPF read other processes, NET_ADMIN redirects the node's traffic, ALL is everything.
//
// The restricted standard allows NET_BIND_SERVICE only, to listen on ports below 1024. What the
// baseline standard allows in addition has medium severity: runtimes give these capabilities by
// default. Privileged containers have all, whatever they add: no-privileged-container reports them. Names are compared exactly, as Pod Security does: CAP_CHOWN is not CHOWN.
var NoAddedCapabilities = &lint.Rule{
	ID:        "no-added-capabilities",
	Title:     "Container adds a capability",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-resource-minimums"},
	Refs: []lint.Ref{
		{Standard: baseline, Control: "Capabilities"},
		{Standard: restricted, Control: "Capabilities"},
		{Standard: cis, Control: "5.2.9"},
		{Standard: nsa, Control: "Pod security enforcement"},
		{Standard: owasp, Control: "K01"},
	},
	Fix:    "remove the capability, or find a way for the application to do without it",
	Unless: "the program cannot do without it",
	Check:  lint.PodOrContainerCheck{Of: lint.Containers, Check: checkAdded},
}

// baselineCapabilities is what the baseline standard lets a container add: what
// runtimes give one that drops nothing, but for NET_RAW.
var baselineCapabilities = []string{
	"AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD",
	"NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
}

func checkAdded(p *lint.Pass, h lint.PodOrContainer) {
	if privilegedDecides(p, h) { // it has them all
		return
	}
	for v := range h.Get("securityContext.capabilities.add").Items() {
		name := v.Text()
		if name == "NET_BIND_SERVICE" {
			continue
		}
		p.Report(lint.Diagnostic{
			Subject: h, At: v, Severity: lint.Medium.If(slices.Contains(baselineCapabilities, name)),
			Message: h.Label() + " adds " + name + " in securityContext.capabilities.add; want none but NET_BIND_SERVICE",
		})
	}
}
