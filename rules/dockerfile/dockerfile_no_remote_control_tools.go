package dockerfile

import (
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
)

// DockerfileNoRemoteControlTools reports final stages that install or start an SSH, telnet,
// VNC or RDP server.
//
// Such a server is a second way in, with users, passwords and keys that neither RBAC nor the
// audit log of the cluster knows.
//
// Clients, such as ssh for git, are fine.
var DockerfileNoRemoteControlTools = &lint.Rule{
	ID:        "dockerfile-no-remote-control-tools",
	Title:     "Image has a server for remote control",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"images-no-latest-no-remote-control"},
	Refs: []lint.Ref{
		{Standard: owasp, Control: "K01"},
	},
	Fix:    "remove the server: kubectl exec and ephemeral containers give a shell",
	Unless: servesRemote,
	Check:  each(checkNoRemoteControlTools),
}

// servesRemote is when an image needs a server for remote control.
const servesRemote = "remote access is what the image is for, as that of a desktop, of an SFTP server or of a box for Vagrant"

// remoteServers are packages and programs of servers for remote control.
var remoteServers = words(`
	openssh-server openssh-sftp-server sshd dropbear dropbear-bin telnetd telnet-server inetutils-telnetd tigervnc-standalone-server
	tightvncserver x11vnc vnc4server vncserver xrdp rsh-server
`)

func checkNoRemoteControlTools(f file) {
	for _, s := range f.Final().Lineage() {
		for _, i := range runs(s) {
			checkInstalledServers(f, i)
		}
		for _, i := range s.Instructions {
			if i.Name == "CMD" || i.Name == "ENTRYPOINT" {
				checkStartedServers(f, i)
			}
		}
	}
}

// checkInstalledServers reports the servers that a RUN installs.
func checkInstalledServers(f file, i *dockerfile.Instruction) {
	for _, u := range usesOf(i) {
		for _, w := range u.names {
			if name, _, _ := strings.Cut(w.Text, "="); u.isInstall() && remoteServers[name] {
				f.report(i, w, "final image has %s, a server for remote control; want none", name)
			}
		}
	}
}

// checkStartedServers reports the servers that a CMD or ENTRYPOINT starts.
func checkStartedServers(f file, i *dockerfile.Instruction) {
	for _, c := range i.Commands() {
		if name, _ := program(c); remoteServers[name] {
			f.report(i, c.Words[0], "%s starts %s, a server for remote control; want none", i.Name, name)
		}
	}
}
