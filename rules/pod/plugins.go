package pod

import (
	"cmp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/dockerfile"
)

// devices is a plugin that gives containers devices of the node.
const devices = "device plugin"

// storage is a plugin that mounts volumes, and storageOrDevices one that may give containers devices.
const (
	storage          = "storage plugin"
	storageOrDevices = "storage or device plugin"
)

// ebpf is a program that mounts the file system of eBPF on its nodes, in /sys/fs/bpf.
const ebpf = "eBPF agent"

// plugin says that a workload is a plugin of its nodes, which needs what others should
// not have, and by which path it is known. kind is empty if it is none. A program that only
// reads the path, to inspect the node, is none. Mounts that propagate to the node are
// storage for other pods, wherever the plugin keeps them, but for those in /sys. Network plugins propagate mounts
// too: the folders of CNI decide.
func plugin(p *lint.Pass, w *lint.Workload) (kind, hostPath string) {
	if w.Kind != "DaemonSet" && w.Kind != "Pod" {
		return "", ""
	}
	found := plugins(p, w.Object)[w]
	return found[0], found[1]
}

// plugins are the kind and path of the workloads of an object.
var plugins = lint.ObjectIndex("plugins", func(_ *lint.Pass, o *lint.Object) map[*lint.Workload][2]string {
	l := map[*lint.Workload][2]string{}
	for _, w := range o.Workloads {
		kind, hostPath := findPlugin(w)
		l[w] = [2]string{kind, hostPath}
	}
	return l
})

func findPlugin(w *lint.Workload) (kind, hostPath string) {
	for v := range w.Pod.Get("volumes").Items() {
		writes := slices.ContainsFunc(mountsOf(w, v.Get("name").Text()), func(m mount) bool { return !m.readOnly() })
		if !writes {
			continue
		}
		p := v.Get("hostPath.path").Text()
		clean := cleanPath(p)
		switch {
		case below(clean, "/etc/cni") && !w.Pod.Get("hostNetwork").True() && changesNetwork(w) == "": // a program that looks at the configuration
		case isCNIParent(clean) && strings.Contains(v.Get("name").Text(), "cni"), isCNI(clean):
			return "network plugin", p
		case isStorage(kind) && !isRegistered(hostPath) && isRegistered(p): // which shows it better
			hostPath = p
		case kind != "" && kind != ebpf:
		case below(clean, "/sys") && propagates(w, v.Get("name").Text()):
			kind, hostPath = ebpf, p
		case isSharedFolder(clean) && !showsCSI(w) && !propagates(w, v.Get("name").Text()): // a program that looks at the volumes, such as one for backups
		case clean == "/" || runsNsenterIn(w) && !isRegistered(p): // the node itself, and no folder for mounts
		case isRegistered(p) || propagates(w, v.Get("name").Text()) && !below(clean, "/run/dbus") && !below(clean, "/run/systemd"):
			if kind, hostPath = storage, p; isForDevices(w) {
				kind = storageOrDevices
			}
		case below(clean, "/var/lib/kubelet/device-plugins"):
			kind, hostPath = devices, p
		}
	}
	return kind, hostPath
}

func isStorage(kind string) bool { return kind == storage || kind == storageOrDevices }

// isRegistered reports where plugins that the kubelet calls have their sockets.
func isRegistered(hostPath string) bool {
	clean := cleanPath(hostPath)
	return isCSIProxy(hostPath) || below(clean, "/var/lib/kubelet/plugins") || below(clean, "/var/lib/kubelet/plugins_registry")
}

// isSharedFolder reports the folder above those of all plugins that the kubelet calls, where programs that read volumes look, too.
func isSharedFolder(clean string) bool { return clean == "/var/lib/kubelet/plugins" }

// showsCSI reports whether a workload has what drivers of CSI have: the folder where they register, or a socket of CSI.
func showsCSI(w *lint.Workload) bool {
	for v := range w.Pod.Get("volumes").Items() {
		if below(cleanPath(v.Get("hostPath.path").Text()), "/var/lib/kubelet/plugins_registry") {
			return true
		}
	}
	hasSocket := func(text string) bool { return strings.Contains(text, "csi") && strings.Contains(text, ".sock") }
	return slices.ContainsFunc(w.Containers, func(c lint.PodOrContainer) bool {
		for v := range c.Get("env").Items() {
			if v.Get("name").Text() == "CSI_ENDPOINT" || hasSocket(v.Get("value").Text()) {
				return true
			}
		}
		return slices.ContainsFunc(commandTexts(c), hasSocket) || strings.Contains(c.Get("image").Text(), "csi-node-driver-registrar")
	})
}

// isForDevices reports whether a workload mounts what drivers of devices and networks need, and storage does not.
func isForDevices(w *lint.Workload) bool {
	for v := range w.Pod.Get("volumes").Items() {
		clean := cleanPath(v.Get("hostPath.path").Text())
		if below(clean, "/run/nri") || below(clean, "/run/netns") || below(clean, "/run/cdi") || below(clean, "/dev/infiniband") || below(clean, "/etc/cdi") {
			return true
		}
	}
	return false
}

// isCSIProxy reports the pipes through which storage plugins of Windows nodes mount volumes.
func isCSIProxy(hostPath string) bool { return strings.HasPrefix(hostPath, `\\.\pipe\csi-proxy`) }

// isCNI reports the folders of network plugins.
func isCNI(clean string) bool {
	return below(clean, "/etc/cni") || below(clean, "/opt/cni") || below(clean, "/run/cni") || below(clean, "/var/lib/cni")
}

// isCNIParent reports the folders above those of network plugins. The name of a volume can say
// what it is for.
func isCNIParent(clean string) bool { return clean == "/opt" || clean == "/etc" }

// propagates reports whether what a container mounts in a volume appears on the node.
func propagates(w *lint.Workload, volume string) bool {
	return slices.ContainsFunc(mountsOf(w, volume), func(m mount) bool { return m.value.Get("mountPropagation").Text() == "Bidirectional" })
}

// pluginPaths are the directories that plugins of the nodes work with: devices, kernel settings
// and modules, sockets, and where the kubelet looks for plugins. They do not need the
// others, such as / and /etc.
var pluginPaths = []string{
	"/dev", "/etc/cni", "/lib/modules", "/opt", "/proc", "/run", "/sys", "/usr/lib/modules", "/usr/libexec/kubernetes", "/var/lib/cni", "/var/lib/kubelet",
}

// isPluginNeed reports whether plugins of the nodes have reason to mount a path.
func isPluginNeed(hostPath string) bool {
	clean := cleanPath(hostPath)
	return isCSIProxy(hostPath) || slices.ContainsFunc(pluginPaths, func(directory string) bool { return below(clean, directory) })
}

// isForAll reports folders and files of the node that programs of every kind mount: for a plugin nothing depends on them.
func isForAll(hostPath string) bool {
	clean := cleanPath(hostPath)
	return slices.ContainsFunc([]string{"/etc/localtime", "/home", "/tmp", "/usr/share", "/var/log", "/var/tmp"}, func(directory string) bool { return below(clean, directory) })
}

// keepOnPlugins makes a finding honest where it is about a plugin of the nodes: the fix does not
// ask for what would break the plugin, and the severity is one step below that of the rule, since the purpose
// explains the setting. own is the severity that the rule has for others. What a container has is explained by what the
// container itself mounts.
func keepOnPlugins(p *lint.Pass, d *lint.Diagnostic, own lint.Severity) {
	kind, hostPath := plugin(p, d.Subject.Workload)
	if kind == "" {
		return
	}
	need := "this"
	if own := d.At.Get("path").Text(); own != "" && own != hostPath { // a volume other than the one that shows the plugin
		need = own
	}
	fix, ok := keepPlugin(kind, does, hostPath, need), true
	if kind == devices && p.Rule.ID != "no-host-path" && p.Rule.ID != "no-sensitive-host-path" {
		fix = tryWithout(hostPath, "the setting", "")
	}
	if d.Subject.Kind != lint.KindPod {
		setting := "the setting"
		if p.Rule.ID == privilegedRule {
			setting = "privileged: true"
		}
		fix, ok = keepOwnRights(p, d.Subject, "this", setting, "")
	}
	if ok {
		d.Fix = fix
		lowerOnPlugins(d, own)
	}
}

// lowerOnPlugins makes less of what the purpose of a plugin explains. own is the severity that the rule has for others.
func lowerOnPlugins(d *lint.Diagnostic, own lint.Severity) {
	switch d.Severity.Or(own) {
	case lint.Critical:
		d.Severity = lint.High
	case lint.High:
		d.Severity = lint.Medium
	default: // no lower than medium
	}
}

// does is what a plugin does with the path that it is known by.
const does = "mounts"

// keepPlugin is the advice about a plugin of the nodes: what it needs is not to be changed. does says what it does with
// the path.
func keepPlugin(kind, does, hostPath, need string) lint.Intent {
	article := "a "
	if kind == ebpf {
		article = "an "
	}
	return lint.Advice("this seems to be " + article + kind + " of the nodes, which " + does + " " + hostPath + " and needs " + need + ": ignore the finding with that reason")
}

// tryWithout is the advice about a setting of a device plugin. To make its socket a plugin needs root; what more it
// needs, its devices decide.
func tryWithout(hostPath, setting, then string) lint.Intent {
	return lint.Advice("this seems to be a device plugin of the nodes: root is enough to make its socket in " + hostPath +
		"; try it without " + setting + then + "; if its devices or SELinux need " + setting + ", ignore the finding with that reason")
}

// keepOwnRights is the advice about a container of a plugin that is privileged, or confined by nothing: it mounts what
// only such a container can use, or else it only writes files, for which root is enough. need and setting are what
// it has, and then is what is to be done without it. ok is false if nothing that the container mounts explains it.
func keepOwnRights(p *lint.Pass, c lint.PodOrContainer, need, setting, then string) (fix lint.Intent, ok bool) {
	kind, _ := plugin(p, c.Workload)
	if kind == "" {
		return lint.Intent{}, false
	}
	sockets := mountedPath(p, c, func(hostPath string, m mount) bool { return isPluginPath(hostPath) && !m.readOnly() })
	if kind == devices && sockets != "" {
		return tryWithout(sockets, setting, then), true
	}
	if hostPath := propagated(p, c); hostPath != "" {
		return keepPlugin(kind, "propagates mounts in", hostPath, need), true
	}
	if hostPath := mountedPath(p, c, func(hostPath string, _ mount) bool { return isOfKernel(cleanPath(hostPath)) }); hostPath != "" {
		return keepPlugin(kind, does, hostPath, need), true
	}
	files := mountedPath(p, c, func(hostPath string, m mount) bool { return !m.readOnly() && holdsFiles(m, cleanPath(hostPath)) })
	switch {
	case sockets != "":
		return rootIsEnough("use sockets in "+sockets, setting, then), true
	case files != "":
		return rootIsEnough("write to "+files, setting, then), true
	}
	return lint.Intent{}, false
}

// rootIsEnough is the advice about a container that has more than it seems to need.
func rootIsEnough(purpose, setting, then string) lint.Intent {
	return lint.Advice("root is enough to " + purpose + ": try the container without " + setting + then +
		"; if it changes kernel parameters of the node, or SELinux needs " + setting + ", ignore the finding with that reason")
}

// propagated is the path of the node in which a container makes mounts that appear on the node. That of the volumes of
// pods comes first. It is empty if there is none.
func propagated(p *lint.Pass, c lint.PodOrContainer) string {
	isFor := func(hostPath string, m mount) bool {
		return m.value.Get("mountPropagation").Text() == "Bidirectional" && !holdsFiles(m, cleanPath(hostPath))
	}
	pods := mountedPath(p, c, func(hostPath string, m mount) bool {
		return isFor(hostPath, m) && below("/var/lib/kubelet/pods", cleanPath(hostPath))
	})
	return cmp.Or(pods, mountedPath(p, c, isFor))
}

// holdsFiles reports a mount of a folder of the node that is there for files, such as the programs of network
// plugins: nobody mounts anything in it.
func holdsFiles(m mount, clean string) bool {
	for _, directory := range []string{"/boot", "/etc", "/home", "/lib", "/lib64", "/root", "/usr", "/var/log", "/run/dbus", "/run/systemd"} {
		if below(clean, directory) {
			return true
		}
	}
	return isCNI(clean) || isCNIParent(clean) && strings.Contains(m.value.Get("name").Text(), "cni")
}

// isOfKernel reports what only a privileged container can use to the full: devices, the namespaces of networks, the
// settings and modules of the kernel, and the whole node.
func isOfKernel(clean string) bool {
	if clean == "/" || clean == "/run" || clean == "/run/xtables.lock" || isDevice(clean) || clean == "/dev" {
		return true
	}
	for _, directory := range []string{"/lib/modules", "/usr/lib/modules", "/proc", "/sys", "/run/netns", "/run/docker/netns"} {
		if below(clean, directory) {
			return true
		}
	}
	return false
}

// keepRoot is the advice about a container that needs root: one of a plugin that is privileged, or
// that uses sockets in a directory of the node, which the kubelet or a program of root makes, and one that builds images in its root
// filesystem. ok is false if it is none of these. then is what is to be done where root is not needed any more.
func keepRoot(p *lint.Pass, c lint.PodOrContainer, then string) (advice lint.Intent, ok bool) {
	if buildsInRoot(c) {
		return lint.Advice("kaniko must be root, since it unpacks the base image with its owners into its root filesystem" + otherBuilder), true
	}
	if isPrivileged(c) && runsDocker(c) && dockerfile.UserOf(c.Get("image").Text()) != dockerfile.OtherUser {
		return lint.Advice("dockerd must be root, unless the image is a rootless one" + otherBuilder), true
	}
	if mountedPath(p, c, func(hostPath string, _ mount) bool { return isRuntimeSocket(hostPath) }) != "" {
		return lint.Advice("remove the container runtime's socket first, which only root may use, and then " + then), true
	}
	kind, _ := plugin(p, c.Workload)
	process, _ := c.Effective("securityContext.windowsOptions.hostProcess")
	if kind == "" || process.True() { // whose user is one of the node
		return lint.Intent{}, false
	}
	user := "root"
	if neverOnLinux(p, c.Workload) {
		user = "ContainerAdministrator"
	}
	directory := mountedPath(p, c, func(hostPath string, m mount) bool {
		return cleanPath(hostPath) != "" && isPluginPath(hostPath) && !m.readOnly()
	})
	if isPrivileged(c) {
		anyPath := mountedPath(p, c, func(hostPath string, _ mount) bool { return isPluginNeed(hostPath) })
		if own := cmp.Or(propagated(p, c), directory, anyPath); own != "" {
			return keepPlugin(kind, does, own, user), true
		}
	}
	if directory != "" {
		return keepPlugin(kind, does, directory, user+" to use sockets there"), true
	}
	return lint.Intent{}, false
}

// hostPathsOf are the paths of the node that the pods of an object have as volumes, by the volumes' names.
var hostPathsOf = lint.ObjectIndex("paths of the node", func(_ *lint.Pass, o *lint.Object) map[*lint.Workload]map[string]string {
	all := map[*lint.Workload]map[string]string{}
	for _, w := range o.Workloads {
		paths := map[string]string{}
		for v := range w.Pod.Get("volumes").Items() {
			if p := v.Get("hostPath.path").Text(); p != "" {
				paths[v.Get("name").Text()] = p
			}
		}
		all[w] = paths
	}
	return all
})

// mountedPath is the first path of the node that a container mounts and that is of a kind. Empty if
// there is none.
func mountedPath(p *lint.Pass, c lint.PodOrContainer, isOfKind func(hostPath string, m mount) bool) string {
	paths := hostPathsOf(p, c.Workload.Object)[c.Workload]
	if len(paths) == 0 {
		return ""
	}
	for m := range c.Get("volumeMounts").Items() {
		if hostPath := paths[m.Get("name").Text()]; hostPath != "" && isOfKind(hostPath, mount{container: c, value: m}) {
			return hostPath
		}
	}
	return ""
}

// fixPrivileged is what to do about a setting that has no effect, or is refused, beside
// privileged: true. That goes first, unless a plugin of the nodes needs it. then is the rest of a
// sentence, and says why; want is the value that the setting is to have then.
func fixPrivileged(p *lint.Pass, h lint.PodOrContainer, then, want string) lint.Intent {
	const setting = "privileged: true"
	if fix, ok := keepOwnRights(p, h, setting, setting, ", and "+then); ok {
		return fix
	}
	if device := deviceOf(p, h); device != "" {
		return lint.Advice("let a device plugin give the container " + device + " in place of " + setting + ", and " + then)
	}
	fix := lint.Advice("remove " + setting + " and " + then)
	fix.Unless = NoPrivilegedContainer.Unless
	fix.Without, fix.With = h.Get("securityContext.privileged"), want
	return fix
}

// deviceOf is a device of the node that a container mounts: only a privileged one, or one that gets it
// from a device plugin, may use it. Empty if there is none.
func deviceOf(p *lint.Pass, h lint.PodOrContainer) string {
	return mountedPath(p, h, func(hostPath string, _ mount) bool { return isDevice(cleanPath(hostPath)) })
}

// isDevice reports a device of the node, or a folder of them.
func isDevice(clean string) bool {
	return below(clean, "/dev") && clean != "/dev" && clean != "/dev/shm" && clean != "/dev/log"
}
