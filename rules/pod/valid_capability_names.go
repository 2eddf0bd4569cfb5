package pod

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/suggest"
)

// ValidCapabilityNames reports names of capabilities that do not exist.
//
// A misspelt capability under drop is not dropped, without any error: NETRAW leaves NET_RAW
// with the container. Under add it prevents the container from starting, or is ignored, depending on the
// runtime.
//
// Kubernetes names capabilities without the prefix CAP_, so CAP_SYS_ADMIN is reported, with the
// name that is meant. Runtimes ignore upper and lower case; drop-all-capabilities and
// no-added-capabilities report what Pod Security does not accept. Names that all have to go, since ALL is dropped or the
// container is privileged, are one finding. Placeholders are not checked.
var ValidCapabilityNames = &lint.Rule{
	ID:        "valid-capability-names",
	Title:     "Capability does not exist",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-resource-minimums"},
	Fix:       "name the capability as capabilities(7) does, without the prefix CAP_",
	Check:     lint.PodOrContainerCheck{Of: lint.Containers, Check: checkCapabilityNames},
}

// capabilities is those of Linux 6.
var capabilities = []string{
	"AUDIT_CONTROL", "AUDIT_READ", "AUDIT_WRITE", "BLOCK_SUSPEND", "BPF", "CHECKPOINT_RESTORE", "CHOWN", "DAC_OVERRIDE",
	"DAC_READ_SEARCH", "FOWNER", "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE", "LINUX_IMMUTABLE", "MAC_ADMIN",
	"MAC_OVERRIDE", "MKNOD", "NET_ADMIN", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_RAW", "PERFMON", "SETFCAP", "SETGID",
	"SETPCAP", "SETUID", "SYSLOG", "SYS_ADMIN", "SYS_BOOT", "SYS_CHROOT", "SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE",
	"SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "WAKE_ALARM",
}

func checkCapabilityNames(p *lint.Pass, h lint.PodOrContainer) {
	for _, list := range []string{"add", "drop"} {
		var unknown []lint.Value
		for v := range h.Get("securityContext.capabilities." + list).Items() {
			name := strings.ToUpper(v.Text())
			if v.IsKnown() && name != "" && name != "ALL" && !slices.Contains(capabilities, name) && !strings.ContainsAny(name, "${}<>%") {
				unknown = append(unknown, v)
			}
		}
		if len(unknown) > 0 {
			reportNames(p, h, list, unknown)
		}
	}
}

// reportNames reports the entries of a list that are no capabilities: as one finding if one fix is for all.
func reportNames(p *lint.Pass, h lint.PodOrContainer, list string, unknown []lint.Value) {
	together := func(fix string) {
		d := ofEntries(h, unknown, "does not exist either")
		d.Severity, d.Fix, d.Message = lint.Low, lint.Advice(fix), nameMessage(h, list, unknown[0])
		if len(unknown) > 1 {
			d.Message = h.Label() + " names the capabilities " + entryNames(unknown) + " in securityContext.capabilities." + list + ", which do not exist; want capabilities of Linux"
		}
		p.Report(d)
	}
	switch {
	case list == "drop" && dropsAll(h): // nothing stays with the container
		what := "remove the entry"
		if len(unknown) > 1 {
			what = "remove the entries"
		}
		together(what + ": ALL drops all capabilities")
		return
	case list == "add" && isPrivileged(h):
		together("remove the list: a privileged container has every capability")
		return
	}
	for _, v := range unknown {
		d := lint.Diagnostic{Subject: h, At: v, Message: nameMessage(h, list, v)}
		if meant := capabilityMeant(strings.ToUpper(v.Text())); meant != "" {
			d.Fix = lint.Intent{Value: meant, Title: "write " + meant}
		}
		p.Report(d)
	}
}

// nameMessage is the message about one entry.
func nameMessage(h lint.PodOrContainer, list string, v lint.Value) string {
	want := cmp.Or(capabilityMeant(strings.ToUpper(v.Text())), "a capability of Linux")
	return h.Label() + " names the capability " + v.Text() + " in securityContext.capabilities." + list + ", which does not exist; want " + want
}

// dropsAll reports whether a container drops ALL, by that name.
func dropsAll(h lint.PodOrContainer) bool {
	return slices.ContainsFunc(h.Get("securityContext.capabilities.drop").Strings(), func(s string) bool { return strings.EqualFold(s, "ALL") })
}

// capabilityMeant is the capability that an unknown name stands for. It is empty if that is not clear.
func capabilityMeant(name string) string {
	if name == "*" {
		return "ALL"
	}
	return suggest.Closest(strings.TrimPrefix(name, "CAP_"), capabilities)
}
