package pod

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// SelinuxOptions reports pods and containers that set an SELinux user or role, or
// a type other than those made for containers.
//
// On nodes with SELinux the type decides which files and processes of the node a
// container can reach. A type such as spc_t, or a user or role of the node itself,
// removes that protection.
//
// Unset and empty are fine: the runtime picks the type, and a category of its own for
// each container. The types are container_t, container_init_t, container_kvm_t and,
// from Kubernetes 1.31 on, container_engine_t. A level may be set freely.
var SelinuxOptions = &lint.Rule{
	ID:        "selinux-options",
	Title:     "SELinux options weaken the confinement",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-apparmor-selinux"},
	Refs: []lint.Ref{
		{Standard: baseline, Control: "SELinux"},
		{Standard: nsa, Control: "Hardening container environments"},
		{Standard: owasp, Control: "K01"},
	},
	Fix:    "remove seLinuxOptions, or keep only a level and a container type",
	Unless: "the program must reach what these types keep from it",
	Check:  lint.PodOrContainerCheck{Of: lint.KindPod | lint.Containers, Check: checkSELinux},
}

func checkSELinux(p *lint.Pass, h lint.PodOrContainer) {
	options := h.Get("securityContext.seLinuxOptions")
	types := []string{"container_t", "container_init_t", "container_kvm_t"}
	if p.Version.AtLeast(31) {
		types = append(types, "container_engine_t")
	}
	if v := options.Get("type"); v.Text() != "" && !slices.Contains(types, v.Text()) {
		p.Reportf(h, v, "sets securityContext.seLinuxOptions.type: %s; want %s", v.Text(), strings.Join(types, " or "))
	}
	for _, name := range []string{"user", "role"} {
		if v := options.Get(name); v.Text() != "" {
			p.Reportf(h, v, "sets securityContext.seLinuxOptions.%s: %s; want it unset", name, v.Text())
		}
	}
}
