package pod

import "github.com/kubevet/kubevet/lint"

// NoSSHServer reports containers that open port 22 or start an SSH server.
//
// It is a second way into the container that bypasses the cluster: with keys and accounts of its own,
// which are not rotated, and without a trace in the cluster's audit log.
//
// kubectl exec and kubectl debug give a shell to those whom RBAC allows one. Servers are recognized by the
// name of their program in command and args, and by the port. 2222 and other ports do not count, since
// applications that offer SSH as their service, such as Git servers, use those. A container whose own name or image's name has
// the word sftp offers files by SSH: its port is none of remote control. In jobs whose object says that programs reach each other by
// SSH, those of MPI and Volcano's with the plugin ssh, the severity is low.
var NoSSHServer = &lint.Rule{
	ID:        "no-ssh-server",
	Title:     "Container runs an SSH server",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-ssh", "images-no-latest-no-remote-control"},
	Fix:       "remove the SSH server, and use kubectl exec",
	Unless:    "SSH is what it serves, as SFTP or for Git",
	Check:     lint.PodOrContainerCheck{Of: lint.Containers, Check: ssh.check},
}
