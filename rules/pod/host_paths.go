package pod

import (
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/kubevet/kubevet/lint"
)

// mount is a volume mount of a container.
type mount struct {
	container lint.PodOrContainer
	value     lint.Value
}

// readOnly reports whether the container cannot write through the mount.
func (m mount) readOnly() bool { return m.value.Get("readOnly").True() }

// mountsOf lists where containers mount a volume of their pod.
func mountsOf(w *lint.Workload, volume string) []mount {
	var l []mount
	for _, h := range w.Select(lint.Containers) {
		for v := range h.Get("volumeMounts").Items() {
			if v.Get("name").Text() == volume {
				l = append(l, mount{h, v})
			}
		}
	}
	return l
}

// cleanPath is a path of a node in its shortest form: /run for the link /var/run, the
// home of root for ~, and C:\Windows and \Windows as /windows. It is empty if the path is not absolute.
func cleanPath(hostPath string) string {
	if rest, ok := strings.CutPrefix(hostPath, "~"); ok && (rest == "" || rest[0] == '/') {
		hostPath = "/root" + rest
	}
	if len(hostPath) > 1 && hostPath[1] == ':' { // a Windows drive
		hostPath = `\` + strings.TrimLeft(hostPath[2:], `\/`)
	}
	if strings.HasPrefix(hostPath, `\`) && !strings.HasPrefix(hostPath, `\\`) {
		hostPath = strings.ToLower(strings.ReplaceAll(hostPath, `\`, "/"))
	}
	if !strings.HasPrefix(hostPath, "/") {
		return ""
	}
	clean := path.Clean(hostPath)
	for _, link := range [...]struct{ path, target string }{{"/var/run", "/run"}, {"/var/lock", "/run/lock"}} {
		if below(clean, link.path) {
			return link.target + strings.TrimPrefix(clean, link.path)
		}
	}
	return clean
}

// below reports whether a clean path is a directory or in it.
func below(clean, directory string) bool {
	rest, ok := strings.CutPrefix(clean, directory)
	return ok && (rest == "" || rest[0] == '/') || directory == "/"
}

// danger is what access to a path of the node gives.
type danger struct {
	// path is the directory or file. A * means one part of a path.
	path string
	// tree is set if everything below the path counts too.
	tree bool
	// read and write are the severities for those who can read and write there. They
	// are zero if there is none.
	read, write lint.Severity
	// gives says what is there, for messages.
	gives string
}

// dangers is what is sensitive on a node. The first row that matches a path decides.
var dangers = []danger{
	// Storage and device drivers are made to use these.
	{path: "/var/lib/kubelet/device-plugins", tree: true},
	{path: "/var/lib/kubelet/pod-resources", tree: true}, // the socket of an interface that only reads
	{path: "/var/lib/kubelet/plugins", tree: true},
	{path: "/var/lib/kubelet/plugins_registry", tree: true},
	{path: "/run/systemd/resolve", tree: true},
	{path: "/etc/kubernetes/node-feature-discovery", tree: true},
	{path: "/etc/kubernetes/secrets-store-csi-providers", tree: true}, // the sockets of providers of the Secrets Store CSI Driver
	{path: "/var/lib/rancher/longhorn", tree: true},                   // volumes of Longhorn, as in /var/lib/longhorn
	{path: "/var/lib/rancher/k3s/storage/*", tree: true},              // single volumes of k3s' local-path provisioner
	{"/var/lib/rancher/k3s/storage", false, lint.High, lint.High, "the volumes of all pods"},
	{path: "/etc/hosts"},
	{path: "/etc/localtime"},
	{path: "/etc/machine-id"},
	{path: "/etc/os-release"},
	{path: "/etc/resolv.conf"},
	{path: "/var/lib/docker/containers", write: lint.Critical, gives: "the state of all containers"},

	// Interfaces of programs that run as root. A socket can be used through a read-only mount.
	{"/run/nri", true, lint.Critical, lint.Critical, "the runtime's plugin interface, which changes every container"},
	{"/run/systemd/private", true, lint.Critical, lint.Critical, "the interface of systemd, which starts programs as root"},
	{"/run/systemd", false, lint.High, lint.Critical, "the interface of systemd, which starts programs as root"},
	{"/run/dbus", true, lint.High, lint.High, "the system bus, over which systemd starts programs as root"},

	// Credentials of the cluster and of the node's services.
	{"/etc/kubernetes/azure.json", false, lint.High, lint.Critical, "the configuration of the cloud provider, with its credentials"},
	{"/etc/kubernetes/cloud*", true, lint.Medium, lint.High, "the configuration of the cloud provider, which may have credentials"},
	{"/etc/kubernetes", true, lint.High, lint.Critical, "credentials of the cluster and static pods"},
	{"/etc/rancher", true, lint.High, lint.Critical, "credentials of the cluster"},
	{"/etc/k0s", true, lint.High, lint.Critical, "credentials of the cluster"},
	{"/etc/origin", true, lint.High, lint.Critical, "credentials of the cluster"},
	{"/srv/kubernetes", true, lint.High, lint.Critical, "credentials of the cluster"},
	{"/var/lib/kubelet/pods", true, lint.High, lint.Critical, "the tokens and volumes of all pods"},
	{"/var/lib/kubelet", true, lint.High, lint.Critical, "the kubelet's credentials, and tokens and volumes of all pods"},
	{"/var/lib/rancher", true, lint.High, lint.Critical, "credentials and state of the cluster"},
	{"/var/lib/k0s", true, lint.High, lint.Critical, "credentials and state of the cluster"},
	{"/var/lib/minikube", true, lint.High, lint.Critical, "credentials and state of the cluster"},
	{"/var/lib/kubernetes", true, lint.High, lint.Critical, "credentials of the cluster"},
	{"/var/lib/kube-proxy", true, lint.High, lint.Critical, "credentials of kube-proxy"},
	{"/var/snap/microk8s", true, lint.High, lint.Critical, "credentials and state of the cluster"},
	{"/var/lib/etcd", true, lint.High, lint.Critical, "the cluster's state, Secrets included"},
	{"/var/lib/cloud", true, lint.High, lint.Critical, "the node's start-up script and its secrets"},
	{"/var/lib/waagent", true, lint.High, lint.Critical, "the node's certificates and start-up scripts"},
	{"/etc/shadow", true, lint.High, lint.Critical, "the password hashes of the node"},
	{"/etc/gshadow", true, lint.High, lint.Critical, "the password hashes of the node"},
	{"/etc/ssh", true, lint.High, lint.Critical, "the node's SSH keys"},
	{"/etc/ssl/private", true, lint.High, lint.Critical, "private keys of the node"},
	{"/etc/pki/tls/private", true, lint.High, lint.Critical, "private keys of the node"},

	// Files that make the node run code.
	{"/etc/cron.*", true, lint.High, lint.Critical, "jobs that run as root"},
	{"/etc/crontab", true, lint.High, lint.Critical, "jobs that run as root"},
	{"/etc/anacrontab", true, lint.High, lint.Critical, "jobs that run as root"},
	{"/var/spool/cron", true, lint.High, lint.Critical, "jobs that run as root"},
	{"/var/spool/at", true, lint.High, lint.Critical, "jobs that run as root"},
	{"/etc/systemd", true, lint.High, lint.Critical, "units that run as root"},
	{"/lib/systemd", true, 0, lint.Critical, "units that run as root"},
	{"/usr/lib/systemd", true, 0, lint.Critical, "units that run as root"},
	{"/etc/init.d", true, 0, lint.Critical, "scripts that run as root"},
	{"/etc/rc.local", true, 0, lint.Critical, "a script that runs as root"},
	{"/etc/profile.d", true, 0, lint.Critical, "scripts that every login runs"},
	{"/etc/ld.so.preload", true, 0, lint.Critical, "libraries that every program loads"},
	{"/etc/ld.so.conf.d", true, 0, lint.Critical, "libraries that every program loads"},
	{"/etc/udev", true, 0, lint.Critical, "rules that run programs as root"},
	{"/etc/modprobe.d", true, 0, lint.Critical, "kernel modules and commands that run with them"},
	{"/etc/modules-load.d", true, 0, lint.Critical, "kernel modules that the node loads"},
	{"/lib/modules", true, 0, lint.Critical, "kernel modules that the node loads"},
	{"/usr/lib/modules", true, 0, lint.Critical, "kernel modules that the node loads"},
	{"/etc/sudoers", true, lint.High, lint.Critical, "the rules of who may become root"},
	{"/etc/sudoers.d", true, lint.High, lint.Critical, "the rules of who may become root"},
	{"/etc/pam.d", true, lint.High, lint.Critical, "the rules of who may log in"},
	{"/etc/passwd", true, lint.High, lint.Critical, "the users of the node"},
	{"/etc/cni", true, lint.High, lint.Critical, "the configuration of the network plugins, which run as root"},
	{"/opt/cni", true, 0, lint.Critical, "the network plugins, which run as root"},
	{"/usr/libexec/kubernetes", true, 0, lint.Critical, "volume plugins that the kubelet runs as root"},
	{"/etc/containerd", true, 0, lint.Critical, "the configuration of the container runtime"},
	{"/etc/crio", true, 0, lint.Critical, "the configuration of the container runtime"},
	{"/etc/docker", true, 0, lint.Critical, "the configuration of the container runtime"},
	{"/etc/NetworkManager", true, 0, lint.Critical, "scripts that run as root"},

	// The kernel and its devices.
	{"/proc/sys", true, 0, lint.Critical, "settings of the node's kernel, which can make it run a program as root"},
	{"/proc/sysrq-trigger", true, 0, lint.Critical, "commands to the node's kernel"},
	{"/proc", false, lint.High, lint.Critical, "the memory and environment of the node's processes"},
	{"/proc/1", true, lint.High, lint.Critical, "the root filesystem of the node"},
	{"/sys/kernel/debug", true, 0, lint.High, "the kernel's debugging interface"},
	{"/sys/kernel/tracing", true, 0, lint.High, "the kernel's tracing interface"},
	{"/dev", false, lint.High, lint.Critical, "the devices of the node, its disks included"},
	{"/dev/mem", true, lint.Critical, lint.Critical, "the memory of the node"},
	{"/dev/kmem", true, lint.Critical, lint.Critical, "the memory of the node"},
	{"/dev/sd*", true, lint.High, lint.Critical, "a disk of the node"},
	{"/dev/vd*", true, lint.High, lint.Critical, "a disk of the node"},
	{"/dev/xvd*", true, lint.High, lint.Critical, "a disk of the node"},
	{"/dev/nvme*", true, lint.High, lint.Critical, "a disk of the node"},
	{"/dev/mapper", true, lint.High, lint.Critical, "the disks of the node"},
	{"/dev/disk", true, lint.High, lint.Critical, "the disks of the node"},

	// The state of all containers.
	{"/var/lib/docker", true, lint.High, lint.Critical, "the files of all containers"},
	{"/var/lib/containerd", true, lint.High, lint.Critical, "the files of all containers"},
	{"/var/lib/containers", true, lint.High, lint.Critical, "the files of all containers"},
	{"/var/lib/crio", true, lint.High, lint.Critical, "the state of all containers"},
	{"/run/containerd", true, lint.High, lint.Critical, "the state of all containers"},
	{"/run/k3s", true, lint.High, lint.Critical, "the state of all containers"},

	// Directories that hold some of the above. What is below them counts on its own.
	{"/", false, lint.High, lint.Critical, "the whole node"},
	{"/etc", false, lint.High, lint.Critical, "the configuration and credentials of the node"},
	{"/run", false, lint.High, lint.Critical, "the sockets of the node's services"},
	{"/var", false, lint.High, lint.Critical, "the state of the node's services"},
	{"/var/lib", false, lint.High, lint.Critical, "the state of the node's services"},
	{"/root", false, lint.High, lint.Critical, "the keys and credentials of the node's users"},
	{"/home", false, lint.High, lint.Critical, "the keys and credentials of the node's users"},
	{"/home/*", false, lint.High, lint.Critical, "the keys and credentials of a user of the node"},
	{"/var/spool", false, 0, lint.Critical, "jobs that run as root"},
	{"/bin", false, 0, lint.Critical, "programs of the node"},
	{"/boot", false, 0, lint.Critical, "the node's kernel"},
	{"/lib", false, 0, lint.Critical, "programs of the node"},
	{"/lib64", false, 0, lint.Critical, "programs of the node"},
	{"/opt", false, 0, lint.Critical, "programs of the node"},
	{"/sbin", false, 0, lint.Critical, "programs of the node"},
	{"/usr", false, 0, lint.Critical, "programs of the node"},
	{"/usr/bin", false, 0, lint.Critical, "programs of the node"},
	{"/usr/lib", false, 0, lint.Critical, "programs of the node"},
	{"/usr/libexec", false, 0, lint.Critical, "programs of the node"},
	{"/usr/local/bin", false, 0, lint.Critical, "programs of the node"},
	{"/usr/local/sbin", false, 0, lint.Critical, "programs of the node"},
	{"/usr/sbin", false, 0, lint.Critical, "programs of the node"},
	{"/sys", false, 0, lint.Critical, "settings of the node's kernel"},
	{"/sys/fs/cgroup", false, 0, lint.High, "the limits of all containers"},
	{"/var/log", false, 0, lint.High, "the node's logs, through which the kubelet can be made to serve other files"},
	{"/var/log/pods", true, 0, lint.High, "the pods' logs, through which the kubelet can be made to serve other files"},

	// Windows.
	{"/windows", false, lint.High, lint.Critical, "the node's operating system"},
	{"/windows/system32", true, lint.High, lint.Critical, "the node's operating system"},
	{"/users", false, lint.High, lint.Critical, "the keys and credentials of the node's users"},
	{"/programdata", false, lint.High, lint.Critical, "the state of the node's services"},
	{"/programdata/docker", true, lint.High, lint.Critical, "the files of all containers"},
	{"/k", true, lint.High, lint.Critical, "credentials of the cluster"},
}

// credentials are directories and files in the homes of users.
var credentials = []string{
	".ssh", ".kube", ".aws", ".azure", ".docker", ".gnupg", ".config/gcloud", ".config/containers", ".netrc", ".git-credentials", ".bash_history",
	".bashrc", ".profile", ".bash_profile", ".zshrc", ".vault-token",
}

// dangerOf is what access to a path of the node gives to those who can read, or can
// also write, there. The severity is zero if it gives nothing of note.
func dangerOf(hostPath string, writable bool) (s lint.Severity, gives string) {
	clean := cleanPath(hostPath)
	if clean == "" {
		return 0, ""
	}
	rows := allDangers()
	i := slices.IndexFunc(rows, func(row danger) bool { return row.matches(clean) })
	if i < 0 {
		return 0, ""
	}
	if d := rows[i]; writable && d.write != 0 {
		return d.write, d.gives
	}
	return rows[i].read, rows[i].gives
}

// allDangers is the rows of credentials, and then dangers.
var allDangers = sync.OnceValue(func() []danger {
	var rows []danger
	for _, home := range []string{"/root", "/home/*", "/users/*", ""} {
		for _, name := range credentials {
			rows = append(rows, danger{home + "/" + name, true, lint.High, lint.Critical, "credentials of a user of the node"})
		}
	}
	return append(rows, dangers...)
})

// matches reports whether a row is about a clean path.
func (d danger) matches(clean string) bool {
	if d.path == "/" {
		return clean == "/"
	}
	pattern, rest := d.path, clean
	for pattern != "" {
		if rest == "" {
			return false
		}
		var want, have string
		want, pattern = cutPart(pattern)
		have, rest = cutPart(rest)
		ok := want == have
		if !ok && strings.Contains(want, "*") {
			ok, _ = path.Match(want, have)
		}
		if !ok {
			return false
		}
	}
	return rest == "" || d.tree
}

// cutPart cuts the first part off a path: /var/lib gives var and /lib.
func cutPart(p string) (part, rest string) {
	p = strings.TrimPrefix(p, "/")
	if i := strings.IndexByte(p, '/'); i >= 0 {
		return p[:i], p[i:]
	}
	return p, ""
}

// hostPathDanger is what the hostPath volume of a pod gives to its containers, and the
// mounts through which these can write.
func hostPathDanger(w *lint.Workload, volume lint.Value) (s lint.Severity, gives string, writers []mount) {
	hostPath := volume.Get("hostPath.path").Text()
	if hostPath == "" {
		return 0, "", nil
	}
	for _, m := range mountsOf(w, volume.Get("name").Text()) {
		if !m.readOnly() {
			writers = append(writers, m)
		}
	}
	s, gives = dangerOf(hostPath, len(writers) > 0)
	return s, gives, writers
}
