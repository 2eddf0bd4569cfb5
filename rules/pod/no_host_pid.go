package pod

import "github.com/kubevet/kubevet/lint"

// NoHostPID reports pods with hostPID: true.
//
// Such a pod sees every process of its node, with their environment and command
// lines, secrets included. As root it can also signal and trace them, and
// enter their namespaces, and so owns the node.
//
// Unset means false. Node agents that look at all processes need it, and so do pods that enter
// the node with nsenter; ignore the finding for those, with the reason.
var NoHostPID = &lint.Rule{
	ID:        "no-host-pid",
	Title:     "Pod shares the node's process IDs",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-host-isolation"},
	Refs: []lint.Ref{
		{Standard: baseline, Control: "Host Namespaces"},
		{Standard: cis, Control: "5.2.3"},
		{Standard: nsa, Control: "Pod security enforcement"},
		{Standard: owasp, Control: "K01"},
	},
	Fix:    "remove hostPID: true",
	Unless: "the program must see or enter processes of the node",
	Check: lint.Field{
		Of:     lint.KindPod,
		Path:   "hostPID",
		Allow:  []string{"false"},
		FixFor: withoutNsenter,
	},
}
