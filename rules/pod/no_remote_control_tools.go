package pod

import "github.com/kubevet/kubevet/lint"

// NoRemoteControlTools reports containers that start a server for remote control, such as Telnet,
// VNC, a remote desktop, a shell on the web or a tunnel, or that open the port of one.
//
// Whoever reaches it has a shell in the container, mostly with one password for all and past the
// cluster's audit log; a tunnel carries it out through every firewall.
//
// Programs are known by their names where command and args start them, also within a line of a
// shell; ports are 23, 512, 513, 3389 and 5900. SSH has a rule of its own, no-ssh-server.
var NoRemoteControlTools = &lint.Rule{
	ID:        "no-remote-control-tools",
	Title:     "Container can be controlled from outside",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"images-no-latest-no-remote-control"},
	Fix:       "remove the server, and use kubectl exec",
	Check:     lint.PodOrContainerCheck{Of: lint.Containers, Check: remoteControl.check},
}
