package pod

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// remote is a way into a container from outside: servers by the names of their
// programs, and the ports that are theirs by custom.
type remote struct {
	programs map[string]string // program to what it is
	ports    map[int64]string  // port to what it is
	// purpose is why a container needs the server, as its object shows: without it the pods do not work. It is empty if there is none. It may be nil.
	purpose func(h lint.PodOrContainer) string
	// isService reports whether the server is what the container is for. It may be nil.
	isService func(h lint.PodOrContainer) bool
}

// check reports ports and commands of containers.
func (r remote) check(p *lint.Pass, h lint.PodOrContainer) {
	if r.isService != nil && r.isService(h) {
		return
	}
	started := r.reportStarted(p, h)
	for port := range h.Get("ports").Items() {
		v := port.Get("containerPort")
		n, ok := v.Int()
		if !ok || r.ports[n] == "" || port.Get("protocol").Text() == "UDP" || namesPort(h, v.Text()) || isOtherServer(port.Get("name").Text()) {
			continue
		}
		if what := strings.TrimSuffix(r.ports[n], "s"); slices.ContainsFunc(started, func(server string) bool { return strings.Contains(server, what) }) {
			continue // the port of a server that is reported where it is started
		}
		r.report(p, h, v, "opens port %d, that of %s; want none", n, r.ports[n])
	}
}

// reportStarted reports the servers that the commands of a container start, each kind once, and lists the kinds.
func (r remote) reportStarted(p *lint.Pass, h lint.PodOrContainer) (kinds []string) {
	for _, list := range []string{"command", "args"} {
		first := list == "command" || !h.Get("command").IsSet()
		for v := range h.Get(list).Items() {
			// A word names a program where it is the first; a line is one for a shell.
			if text := v.Text(); first || strings.ContainsAny(text, " \t\n") {
				if program := r.started(text); program != "" && !slices.Contains(kinds, r.programs[program]) {
					kinds = append(kinds, r.programs[program])
					r.report(p, h, v, "starts %s, %s, in %s; want none", program, r.programs[program], list)
				}
			}
			first = false
		}
	}
	return kinds
}

func (r remote) report(p *lint.Pass, h lint.PodOrContainer, at lint.Value, format string, args ...any) {
	d := lint.Diagnostic{Subject: h, At: at, Message: h.Label() + " " + fmt.Sprintf(format, args...)}
	if r.purpose != nil {
		if purpose := r.purpose(h); purpose != "" {
			d.Severity, d.Fix = lint.Low, lint.Advice(purpose+": ignore the finding with that reason")
		}
	}
	p.Report(d)
}

// launchesBySSH is the reason for an SSH server in the jobs whose object says that programs reach each other's containers by
// SSH: those of MPI, and Volcano's with its plugin for SSH. It is empty for others.
func launchesBySSH(h lint.PodOrContainer) string {
	o := h.Workload.Object
	switch {
	case o.Kind == "MPIJob", o.Root.Get("spec.mlPolicy.mpi").IsSet(), o.Root.Get("spec.sshAuthMountPath").IsSet():
		return "SSH is how the MPI launcher reaches this container"
	case o.Is("batch.volcano.sh", "Job") && o.Root.Get("spec.plugins.ssh").IsSet(),
		o.Is("batch.volcano.sh", "CronJob") && o.Root.Get("spec.jobTemplate.spec.plugins.ssh").IsSet():
		return "SSH is how the tasks of the job reach each other"
	}
	return ""
}

// sftpName matches names of servers for files by SSH.
var sftpName = regexp.MustCompile(`(?:^|[-_.])sftp(?:[-_.]|$|go)`)

// servesFiles reports whether the name of a container or of its image says that it serves files by SSH.
func servesFiles(h lint.PodOrContainer) bool {
	image, _, _ := strings.Cut(path.Base(h.Get("image").Text()), ":")
	return sftpName.MatchString(h.Name) || sftpName.MatchString(image)
}

// namesPort reports whether a variable of the container says that a port is that of its
// program: MASTER_PORT=3389 of PyTorch is no remote desktop. One that names the server,
// such as SSH_PORT, says what the port is.
func namesPort(h lint.PodOrContainer, port string) bool {
	for v := range h.Get("env").Items() {
		name := strings.ToUpper(v.Get("name").Text())
		if strings.HasSuffix(name, "PORT") && v.Get("value").Text() == port && !remoteName.MatchString(name) {
			return true
		}
	}
	return false
}

// otherServer matches the names of ports whose servers are known by other custom: 389 Directory Server listens on 3389 for LDAP.
var otherServer = regexp.MustCompile(`(?:^|-)(?:ldaps?|https?|grpc|metrics|mysql|postgres(?:ql)?|redis)(?:-|$)`)

// isOtherServer reports whether the name of a port says that its server is none of remote control.
func isOtherServer(name string) bool { return otherServer.MatchString(name) }

var remoteName = regexp.MustCompile("SSH|SFTP|RDP|VNC|TELNET|REMOTE|DESKTOP|LOGIN|SHELL|EXEC")

// operators puts blanks around what separates the commands of a shell.
var operators = strings.NewReplacer(";", " ; ", "&", " & ", "|", " | ", "(", " ( ", "\n", " ; ")

// started is the program of the list that a word or line of a shell starts. It is empty
// if there is none. A word within a line counts where a command can be.
func (r remote) started(text string) string {
	fields := strings.Fields(operators.Replace(text))
	first := true
	for _, f := range fields {
		if strings.Trim(f, ";&|(") == "" {
			first = true
			continue
		}
		if program := path.Base(f); first && r.programs[program] != "" {
			return program
		}
		first = first && (f == "exec" || f == "sudo" || f == "nohup" || strings.Contains(f, "="))
	}
	return ""
}

var (
	ssh = remote{
		programs:  map[string]string{"sshd": "an SSH server", "dropbear": "an SSH server"},
		ports:     map[int64]string{22: "SSH"},
		purpose:   launchesBySSH,
		isService: servesFiles,
	}
	remoteControl = remote{
		programs: map[string]string{
			"telnetd": "a Telnet server", "in.telnetd": "a Telnet server", "utelnetd": "a Telnet server",
			"rshd": "a remote shell", "in.rshd": "a remote shell", "rlogind": "a remote shell", "in.rlogind": "a remote shell",
			"vncserver": "a VNC server", "x11vnc": "a VNC server", "Xvnc": "a VNC server", "tigervncserver": "a VNC server",
			"xrdp": "a remote desktop", "teamviewer": "a remote desktop", "anydesk": "a remote desktop",
			"ttyd": "a shell on the web", "gotty": "a shell on the web", "wetty": "a shell on the web", "shellinaboxd": "a shell on the web",
			"tmate": "a shared terminal", "ngrok": "a tunnel",
		},
		ports: map[int64]string{23: "Telnet", 512: "rexec", 513: "rlogin", 3389: "remote desktops", 5900: "VNC"},
	}
)
