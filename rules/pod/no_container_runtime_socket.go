package pod

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// NoContainerRuntimeSocket reports volumes that mount the socket of a container
// runtime or builder: Docker, containerd, CRI-O, Podman, cri-dockerd, BuildKit and
// the like.
//
// The runtime is root on the node. Anyone who can use its socket can start a container
// with any mount and any privilege, and so owns the node. A read-only mount does not
// prevent that.
//
// Sockets are recognized by their file name, wherever a distribution keeps them, so k3s,
// MicroK8s and Windows pipes count. The directories that runtimes keep only for
// their socket count too, such as /run/containerd. Wider directories such as /var/run or /
// are reported by no-sensitive-host-path.
var NoContainerRuntimeSocket = &lint.Rule{
	ID:        "no-container-runtime-socket",
	Title:     "Volume mounts the socket of a container runtime",
	Severity:  lint.Critical,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-host-isolation"},
	Refs: []lint.Ref{
		{Standard: baseline, Control: "HostPath Volumes"},
		{Standard: cis, Control: "5.2.11"},
		{Standard: owasp, Control: "K01"},
	},
	Fix:    "remove the volume, and build images, if it is for that, with a tool that needs no daemon",
	Unless: "the program must manage containers of the node",
	Check:  lint.PodCheck(checkRuntimeSocket),
}

var (
	runtimeSockets = []string{
		"docker.sock", "docker_engine", "dockershim.sock", "cri-dockerd.sock",
		"containerd.sock", "containerd.sock.ttrpc", "containerd-containerd",
		"crio.sock", "podman.sock", "isulad.sock", "pouchcri.sock", "buildkitd.sock",
	}
	runtimeDirectories = []string{
		"/run/containerd", "/run/k3s/containerd", "/run/crio", "/run/podman", "/run/buildkit",
	}
)

func checkRuntimeSocket(p *lint.Pass, w *lint.Workload) {
	for volume := range w.Pod.Get("volumes").Items() {
		v := volume.Get("hostPath.path")
		if isRuntimeSocket(v.Text()) {
			d := lint.Diagnostic{Subject: w.Pod, At: v}
			d.Message = w.Pod.Label() + " mounts the container runtime's " + v.Text() + " as volume " + strconv.Quote(volume.Get("name").Text()) + "; want it removed"
			if w.Kind == "DaemonSet" { // an agent, which observes the containers of its node
				d.Fix = lint.Advice("remove the volume if the agent can learn about containers from the API of the kubelet, or else ignore the finding with the reason")
				d.Fix.OrSwitch = true // a chart may have a key for what needs the volume
			}
			p.Report(d)
		}
	}
}

func isRuntimeSocket(hostPath string) bool {
	if hostPath == "" {
		return false
	}
	clean := path.Clean(strings.ReplaceAll(hostPath, `\`, "/"))
	if rest, ok := strings.CutPrefix(clean, "/var/run/"); ok { // a link to /run on every Linux
		clean = "/run/" + rest
	}
	return slices.Contains(runtimeSockets, path.Base(clean)) || slices.Contains(runtimeDirectories, clean)
}
