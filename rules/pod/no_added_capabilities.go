package pod

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
)

// NoAddedCapabilities reports the capabilities that a container adds, except
// NET_BIND_SERVICE.
//
// Capabilities are root's rights, one by one. Several of them give the whole node to an
// attacker: SYS_ADMIN mounts filesystems, SYS_MODULE loads kernel modules, SYS_PTRACE and
// BPF read other processes, NET_ADMIN redirects the node's traffic, ALL is everything.
//
// The restricted standard allows NET_BIND_SERVICE only, to listen on ports below 1024. What the
// baseline standard allows in addition has medium severity: runtimes give these capabilities by
// default, and low severity beside drop: [ALL]: the container has fewer than by default. Those of one list are one finding, at the first of them; each of the others is a finding of its own. Privileged containers have all, whatever they add: no-privileged-container reports them. Names are compared exactly, as Pod Security does: CAP_CHOWN is not CHOWN.
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
	message := func(names string) string {
		return h.Label() + " adds " + names + " in securityContext.capabilities.add; want none but NET_BIND_SERVICE"
	}
	var ofBaseline []lint.Value
	for v := range h.Get("securityContext.capabilities.add").Items() {
		switch name := v.Text(); {
		case name == "NET_BIND_SERVICE":
		case slices.Contains(baselineCapabilities, name):
			ofBaseline = append(ofBaseline, v)
		default:
			p.Report(lint.Diagnostic{Subject: h, At: v, Message: message(name)})
		}
	}
	if len(ofBaseline) == 0 {
		return
	}
	d := ofEntries(h, ofBaseline, "added, too")
	d.Severity, d.Message = lint.Medium, message(entryNames(ofBaseline))
	if slices.Contains(h.Get("securityContext.capabilities.drop").Strings(), "ALL") { // as drop-all-capabilities advises
		d.Severity = lint.Low
	}
	switch {
	case d.Severity == lint.Low:
		d.Fix.Title = "remove what the program does not need: the restricted standard allows NET_BIND_SERVICE only"
		d.Fix.Unless = "the program needs the rest"
	case len(ofBaseline) > 1:
		d.Fix.Title = "remove the capabilities, or find a way for the application to do without them"
		d.Fix.Unless = "the program cannot do without them"
	}
	p.Report(d)
}

// ofEntries is one finding about entries of a list that have one fix, at the first.
func ofEntries(h lint.PodOrContainer, entries []lint.Value, label string) lint.Diagnostic {
	d := lint.Diagnostic{Subject: h, At: entries[0]}
	for _, v := range entries[1:] {
		d.Related = append(d.Related, lint.Related{Object: h.Workload.Object, At: v, Label: label})
	}
	return d
}

// entryNames are the names of capabilities in a list, each once, as a message prints them.
func entryNames(entries []lint.Value) string {
	var names []string
	for _, v := range entries {
		if name := v.Text(); len(names) <= maxNames && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) > maxNames {
		names = append(names[:maxNames], "others")
	}
	return lint.And(names)
}

// maxNames is how many names of capabilities a message prints: as many as baselineCapabilities has.
const maxNames = 13
