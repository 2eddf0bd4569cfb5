package pod

import (
	"strings"

	"github.com/kubevet/kubevet/lint"
)

const appArmorAnnotation = "container.apparmor.security.beta.kubernetes.io/"

// ApparmorProfile reports pods and containers that disable AppArmor or name no
// valid profile.
//
// AppArmor denies a container what most escapes need: mounts, writes to /proc
// and /sys, tracing of other processes. With Unconfined only the kernel's own checks
// are left.
//
// Unset is fine: nodes with AppArmor then apply the runtime's default profile.
// RuntimeDefault and Localhost are fine too. The field is used from Kubernetes 1.30 on.
// The older annotation of a container is still read if its own field is unset,
// and the API server refuses a pod on which the two disagree, so a bad annotation is always
// reported.
var ApparmorProfile = &lint.Rule{
	ID:        "apparmor-profile",
	Title:     "AppArmor is disabled",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-apparmor-selinux"},
	Refs: []lint.Ref{
		{Standard: baseline, Control: "AppArmor"},
		{Standard: nsa, Control: "Hardening container environments"},
		{Standard: owasp, Control: "K01"},
	},
	Fix:    "set appArmorProfile.type to RuntimeDefault or Localhost, or remove it",
	Unless: "the program does what the profile refuses",
	Check:  lint.PodCheck(checkAppArmor),
}

func checkAppArmor(p *lint.Pass, w *lint.Workload) {
	for _, h := range w.Select(lint.KindPod | lint.Containers) {
		const path = "securityContext.appArmorProfile"
		profile := h.Get(path)
		if !profile.IsSet() {
			continue
		}
		switch v := profile.Get("type"); {
		case !v.IsSet():
			p.Report(lint.Diagnostic{Subject: h, At: v, Fix: lint.Intent{Value: "RuntimeDefault"}, Message: h.Label() + " does not set " + path + ".type; want RuntimeDefault or Localhost"})
		case v.Text() != "RuntimeDefault" && v.Text() != "Localhost":
			reportUnconfined(p, lint.Diagnostic{Subject: h, At: v, Fix: lint.Intent{Value: "RuntimeDefault"}, Message: h.Label() + " sets " + path + ".type: " + v.Text() + "; want RuntimeDefault or Localhost"})
		}
	}
	for key, v := range w.Metadata.Get("annotations").Entries() {
		name, ok := strings.CutPrefix(key, appArmorAnnotation)
		text := v.Text()
		if !ok || text == "" || text == "runtime/default" || strings.HasPrefix(text, "localhost/") {
			continue
		}
		h := containerNamed(w, name)
		reportUnconfined(p, lint.Diagnostic{Subject: h, At: v, Fix: lint.Intent{Value: "runtime/default"}, Message: h.Label() + " has the AppArmor annotation " + text + "; want runtime/default or localhost/…"})
	}
}

// reportUnconfined reports a profile that is not valid. Plugins of the nodes mount file systems and
// load programs into the kernel, which the profiles of runtimes deny.
func reportUnconfined(p *lint.Pass, d lint.Diagnostic) {
	if strings.EqualFold(d.At.Text(), "unconfined") {
		keepOnPlugins(p, &d, lint.Medium)
	}
	p.Report(d)
}

// containerNamed is the container of that name, or the pod if it has none.
func containerNamed(w *lint.Workload, name string) lint.PodOrContainer {
	for _, c := range w.Containers {
		if c.Name == name {
			return c
		}
	}
	return w.Pod
}
