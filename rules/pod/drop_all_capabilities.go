package pod

import (
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// DropAllCapabilities reports containers that do not drop ALL capabilities.
//
// Container runtimes give each container about a dozen of root's capabilities, such as
// to change the owner of any file, to become any user, and to forge
// network packets. Few applications need one, and each helps an attacker.
//
// Pod Security compares the name exactly, so ALL must be in upper case. Runtimes
// accept it in any case, so other spellings have low severity. Dropping single
// capabilities is not enough. Only containers have the field. Pods with spec.os.name:
// windows are exempt from Kubernetes 1.25 on: the API server refuses the field there. For
// pods that only select Windows nodes, by kubernetes.io/os, the severity is low.
var DropAllCapabilities = &lint.Rule{
	ID:        "drop-all-capabilities",
	Title:     "Container keeps default capabilities",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-resource-minimums"},
	Refs: []lint.Ref{
		{Standard: restricted, Control: "Capabilities"},
		{Standard: cis, Control: "5.2.8"},
		{Standard: cis, Control: "5.2.9"},
		{Standard: nsa, Control: "Pod security enforcement"},
		{Standard: owasp, Control: "K01"},
	},
	Fix:   "set securityContext.capabilities.drop: [ALL] on the container, and add back only what it needs",
	Check: lint.PodOrContainerCheck{Of: lint.Containers, Check: checkDropAll},
}

func checkDropAll(p *lint.Pass, h lint.PodOrContainer) {
	const path = "securityContext.capabilities.drop"
	if onWindows(p, h.Workload) {
		return
	}
	drop := h.Get(path)
	var misspelt lint.Value
	for v := range drop.Items() {
		switch {
		case v.Text() == "ALL":
			return
		case strings.EqualFold(v.Text(), "ALL"):
			misspelt = v
		}
	}
	d := lint.Diagnostic{Subject: h, At: drop, Fix: lint.Intent{Value: "[ALL]"}}
	switch {
	case misspelt.IsSet():
		d.At, d.Fix.Value, d.Severity = misspelt, "ALL", lint.Low
		d.Message = h.Label() + " drops " + misspelt.Text() + " in " + path + ", which Pod Security does not accept; want ALL"
	case drop.IsSet():
		d.Message = h.Label() + " does not drop ALL in " + path + "; want [ALL]"
	default:
		d.Message = h.Label() + " does not set " + path + "; want [ALL]"
	}
	if isPrivileged(h) {
		d.Fix = fixPrivileged(p, h, "set "+path+": [ALL]: a privileged container has every capability")
	}
	lowerOnWindows(&d)
	p.Report(d)
}
