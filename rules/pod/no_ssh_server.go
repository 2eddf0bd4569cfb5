package pod

import "github.com/kubevet/kubevet/lint"

// NoSSHServer reports containers that open port 22 or start an SSH server.
//
// It is a second way in, past the cluster's own: with keys and accounts of its own, which nobody
// rotates, and without a word in the cluster's audit log.
//
// kubectl exec and kubectl debug give a shell to whom RBAC allows one. Servers are known by the
// name of their program in command and args, and by the port; 2222 and other ports are not, since
// applications that speak SSH as their service, such as Git servers, use those.
var NoSSHServer = &lint.Rule{
	ID:        "no-ssh-server",
	Title:     "Container runs an SSH server",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-ssh", "images-no-latest-no-remote-control"},
	Fix:       "remove the SSH server, and use kubectl exec",
	Check:     lint.PodOrContainerCheck{Of: lint.Containers, Check: ssh.check},
}
