package pod

import (
	"path"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// mount is a volume mount of a container.
type mount struct {
	holder lint.PodOrContainer
	value  lint.Value
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

// cleanPath is a path of a node in its shortest form, with /var/run as the /run that
// it is a link to. Empty: no absolute path of a Linux node.
func cleanPath(hostPath string) string {
	if !strings.HasPrefix(hostPath, "/") {
		return ""
	}
	clean := path.Clean(hostPath)
	if rest, ok := strings.CutPrefix(clean, "/var/run"); ok && (rest == "" || rest[0] == '/') {
		return "/run" + rest
	}
	return clean
}

// sensitiveDirectories hold what makes a node a node, and secrets of it. Directories
// below are not sensitive, but for sensitiveTrees.
var sensitiveDirectories = []string{"/", "/dev", "/etc", "/home", "/proc", "/root", "/run", "/var", "/var/lib"}

// programDirectories hold what the node runs or is: to read them gives nothing away,
// and to write there gives the node away.
var programDirectories = []string{
	"/bin", "/boot", "/lib", "/lib64", "/opt", "/sbin", "/sys", "/usr", "/usr/bin", "/usr/lib", "/usr/local/bin", "/usr/sbin", "/var/log",
}

// sensitiveTrees hold credentials and the state of the node's services at any depth.
var sensitiveTrees = []string{
	"/etc/cni", "/etc/cron.d", "/etc/crontab", "/etc/kubernetes", "/etc/pam.d", "/etc/passwd", "/etc/shadow", "/etc/ssh",
	"/etc/sudoers", "/etc/systemd", "/root/.aws", "/root/.azure", "/root/.config/gcloud", "/root/.docker", "/root/.kube",
	"/root/.ssh", "/var/lib/containerd", "/var/lib/docker", "/var/lib/etcd", "/var/lib/kubelet", "/var/lib/rancher",
}

// isSensitive reports whether a path of the node gives the node away to who can read,
// or can write, there. The kubelet's directories for plugins are what storage and
// device drivers are made to use.
func isSensitive(hostPath string, writable bool) bool {
	clean := cleanPath(hostPath)
	if slices.Contains(sensitiveDirectories, clean) {
		return true
	}
	for _, harmless := range []string{"/var/lib/kubelet/device-plugins", "/var/lib/kubelet/plugins", "/var/lib/kubelet/plugins_registry"} {
		if below(clean, harmless) {
			return false
		}
	}
	if !writable && clean == "/var/lib/docker/containers" { // the containers' logs
		return false
	}
	return slices.ContainsFunc(sensitiveTrees, func(tree string) bool { return below(clean, tree) }) ||
		writable && (slices.Contains(programDirectories, clean) || below(clean, "/opt/cni"))
}

// below reports whether a clean path is a directory or in it.
func below(clean, directory string) bool {
	return clean == directory || strings.HasPrefix(clean, directory+"/")
}
