package pod

import "github.com/kubevet/kubevet/lint"

// NoWindowsHostProcess reports Windows pods and containers that run as processes of
// the node.
//
// A HostProcess container is not isolated: it runs in the node's own namespaces, sees its
// disks and network, and may run as SYSTEM. It is the Windows form of a privileged container.
//
// Unset means false. The field is checked on the pod and on each container,
// whether or not spec.os.name is windows.
var NoWindowsHostProcess = &lint.Rule{
	ID:        "no-windows-host-process",
	Title:     "Windows container runs as a process of the node",
	Severity:  lint.Critical,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-host-isolation"},
	Refs: []lint.Ref{
		{Standard: baseline, Control: "HostProcess"},
		{Standard: cis, Control: "5.2.10"},
		{Standard: owasp, Control: "K01"},
	},
	Fix:    "remove windowsOptions.hostProcess: true",
	Unless: "the program must manage the node",
	Check: lint.Field{
		Of:    lint.KindPod | lint.Containers,
		Path:  "securityContext.windowsOptions.hostProcess",
		Allow: []string{"false"},
	},
}
