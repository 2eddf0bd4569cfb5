package pod

import "github.com/kubevet/kubevet/lint"

// NoHostIPC reports pods with hostIPC: true.
//
// Such a pod shares memory segments, semaphores and message queues with the
// processes of its node, and can read and change the data in them.
//
// Unset means false. Containers of one pod share these with each other in any case.
var NoHostIPC = &lint.Rule{
	ID:        "no-host-ipc",
	Title:     "Pod shares the node's inter-process communication",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-host-isolation"},
	Refs: []lint.Ref{
		{Standard: baseline, Control: "Host Namespaces"},
		{Standard: cis, Control: "5.2.4"},
		{Standard: nsa, Control: "Pod security enforcement"},
		{Standard: owasp, Control: "K01"},
	},
	Fix:    "remove hostIPC: true",
	Unless: "the program shares memory with processes of the node",
	Check: lint.Field{
		Of:    lint.KindPod,
		Path:  "hostIPC",
		Allow: []string{"false"},
	},
}
