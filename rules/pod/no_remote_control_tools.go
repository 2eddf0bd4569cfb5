package pod

import "github.com/kubevet/kubevet/lint"

// NoRemoteControlTools reports containers that start a server for remote control, such as Telnet,
// VNC, a remote desktop, a web terminal or a tunnel, or that open the port of one.
//
// Anyone who reaches the server has a shell in the container, mostly with one shared password and without
// a trace in the cluster's audit log. A tunnel carries it out through every firewall.
//
// Programs are recognized by their names in command and args, also within a shell script. Ports are
// 23, 512, 513, 3389 and 5900, unless a variable says that another program listens there:
// MASTER_PORT=3389. SSH has a rule of its own, no-ssh-server.
var NoRemoteControlTools = &lint.Rule{
	ID:        "no-remote-control-tools",
	Title:     "Container runs a remote-control server",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"images-no-latest-no-remote-control"},
	Fix:       "remove the server, and use kubectl exec",
	Check:     lint.PodOrContainerCheck{Of: lint.Containers, Check: remoteControl.check},
}
