package podsecurity

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// check is one check of Pod Security Admission.
type check struct {
	id    string // as Pod Security Admission calls it
	level Level
	since int // the first minor version that has it
	// replaces is the check of the baseline level that it replaces.
	replaces string

	rule, title, control, fix string
	run                       func(j *judge)
}

// checks is all of them, in the order in which the API server names them.
var checks = []check{
	{
		id: "appArmorProfile", level: Baseline, run: appArmor,
		rule: "apparmor-profile", title: "AppArmor is switched off", control: "AppArmor",
		fix: "set appArmorProfile.type to RuntimeDefault or Localhost, or remove it",
	},
	{
		id: "capabilities_baseline", level: Baseline, run: addedCapabilities(baselineCapabilities...),
		rule: "capabilities-baseline", title: "Container adds a capability", control: "Capabilities",
		fix: "remove the capability from securityContext.capabilities.add",
	},
	{
		id: "hostNamespaces", level: Baseline, run: hostNamespaces,
		rule: "host-namespaces", title: "Pod shares a namespace of its node", control: "Host Namespaces",
		fix: "remove hostNetwork, hostPID and hostIPC",
	},
	{
		id: "hostPathVolumes", level: Baseline, run: hostPaths,
		rule: "host-path-volumes", title: "Volume mounts a path of the node", control: "HostPath Volumes",
		fix: "use a volume that does not come from the node",
	},
	{
		id: "hostPorts", level: Baseline, run: hostPorts,
		rule: "host-ports", title: "Container opens a port of the node", control: "Host Ports",
		fix: "remove hostPort and expose the pod through a Service",
	},
	{
		id: "hostProbesAndHostLifecycle", level: Baseline, since: 34, run: probeHosts,
		rule: "probe-hosts", title: "Probe or hook names a host", control: "Host Probes / Lifecycle Hooks",
		fix: "remove host from the probe or hook",
	},
	{
		id: "privileged", level: Baseline, run: privileged,
		rule: "privileged", title: "Container is privileged", control: "Privileged Containers",
		fix: "remove securityContext.privileged",
	},
	{
		id: "procMount", level: Baseline, run: procMountBaseline,
		rule: "proc-mount-baseline", title: "Container's /proc is unmasked", control: "/proc Mount Type",
		fix: "remove securityContext.procMount",
	},
	{
		id: "seLinuxOptions", level: Baseline, run: seLinux,
		rule: "selinux-options", title: "SELinux confinement is loosened", control: "SELinux",
		fix: "remove seLinuxOptions, or keep only a level and a container type",
	},
	{
		id: "seccompProfile_baseline", level: Baseline, run: seccompBaseline,
		rule: "seccomp-profile-baseline", title: "Seccomp is switched off", control: "Seccomp",
		fix: "set securityContext.seccompProfile.type to RuntimeDefault or Localhost, or remove it",
	},
	{
		id: "sysctls", level: Baseline, run: sysctls,
		rule: "sysctls", title: "Pod sets an unsafe kernel parameter", control: "Sysctls",
		fix: "remove the sysctl",
	},
	{
		id: "windowsHostProcess", level: Baseline, run: hostProcess,
		rule: "windows-host-process", title: "Windows container runs as a process of the node", control: "HostProcess",
		fix: "remove windowsOptions.hostProcess",
	},
	{
		id: "allowPrivilegeEscalation", level: Restricted, since: 8, run: privilegeEscalation,
		rule: "privilege-escalation", title: "Container can gain privileges", control: "Privilege Escalation",
		fix: "set securityContext.allowPrivilegeEscalation: false on the container",
	},
	{
		id: "capabilities_restricted", level: Restricted, since: 22, replaces: "capabilities_baseline", run: capabilitiesRestricted,
		rule: "capabilities-restricted", title: "Container has capabilities", control: "Capabilities",
		fix: "set securityContext.capabilities.drop: [ALL] on the container, and add none but NET_BIND_SERVICE",
	},
	{
		id: "procMount_restricted", level: Restricted, since: 35, replaces: "procMount", run: procMount,
		rule: "proc-mount-restricted", title: "Container's /proc is unmasked", control: "/proc Mount Type",
		fix: "remove securityContext.procMount",
	},
	{
		id: "restrictedVolumes", level: Restricted, replaces: "hostPathVolumes", run: volumeTypes,
		rule: "restricted-volumes", title: "Volume is of a restricted type", control: "Volume Types",
		fix: "use a volume of an allowed type",
	},
	{
		id: "runAsNonRoot", level: Restricted, run: runAsNonRoot,
		rule: "run-as-non-root", title: "Container may run as root", control: "Running as Non-root",
		fix: "set securityContext.runAsNonRoot: true on the pod or the container",
	},
	{
		id: "runAsUser", level: Restricted, since: 23, run: runAsUser,
		rule: "run-as-user", title: "Container runs as root", control: "Running as Non-root user",
		fix: "set securityContext.runAsUser to a user above 0, or remove it",
	},
	{
		id: "seccompProfile_restricted", level: Restricted, since: 19, replaces: "seccompProfile_baseline", run: seccompRestricted,
		rule: "seccomp-profile-restricted", title: "Container runs without a seccomp profile", control: "Seccomp",
		fix: "set securityContext.seccompProfile.type: RuntimeDefault on the pod or the container",
	},
}

// each runs a check of one field over the pod and its containers.
func (j *judge) each(of lint.ContainerKind, path string, do func(h lint.PodOrContainer, v lint.Value)) {
	for _, h := range j.w.Select(of) {
		do(h, h.Get(path))
	}
}

func appArmor(j *judge) {
	const path = "securityContext.appArmorProfile"
	j.each(lint.KindPod|lint.Containers, path, func(h lint.PodOrContainer, profile lint.Value) {
		v := profile.Get("type")
		if profile.IsSet() && v.Text() != "RuntimeDefault" && v.Text() != "Localhost" {
			j.refuse(h, v, "RuntimeDefault", "sets %s.type: %s; want RuntimeDefault or Localhost", path, text(v))
		}
	})
	for key, v := range j.w.Metadata.Get("annotations").Entries() {
		if !strings.HasPrefix(key, "container.apparmor.security.beta.kubernetes.io/") {
			continue
		}
		if t := v.Text(); t != "" && t != "runtime/default" && !strings.HasPrefix(t, "localhost/") {
			j.refuse(j.w.Pod, v, "runtime/default", "has the annotation %s: %s; want runtime/default or localhost/…", key, t)
		}
	}
}

// text is a value as messages print it.
func text(v lint.Value) string {
	if v.Text() == "" {
		return `""`
	}
	return v.Text()
}

var baselineCapabilities = []string{
	"AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD",
	"NET_BIND_SERVICE", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
}

func addedCapabilities(allowed ...string) func(j *judge) {
	want := "none"
	switch {
	case len(allowed) == 1:
		want = "none but " + allowed[0]
	case len(allowed) > 1:
		want = "only those that runtimes give by default"
	}
	return func(j *judge) {
		j.each(lint.Containers, "securityContext.capabilities.add", func(h lint.PodOrContainer, add lint.Value) {
			for v := range add.Items() {
				if !slices.Contains(allowed, v.Text()) {
					j.refuse(h, v, "", "adds %s in securityContext.capabilities.add; want %s", text(v), want)
				}
			}
		})
	}
}

func capabilitiesRestricted(j *judge) {
	if j.windows() {
		return
	}
	j.each(lint.Containers, "securityContext.capabilities.drop", func(h lint.PodOrContainer, drop lint.Value) {
		if !slices.Contains(drop.Strings(), "ALL") {
			j.refuse(h, drop, "[ALL]", "does not drop ALL in securityContext.capabilities.drop; want [ALL]")
		}
	})
	addedCapabilities("NET_BIND_SERVICE")(j)
}

func hostNamespaces(j *judge) {
	for _, path := range []string{"hostNetwork", "hostPID", "hostIPC"} {
		if v := j.w.Pod.Get(path); v.True() {
			j.refuse(j.w.Pod, v, "false", "sets %s: true; want false", path)
		}
	}
}

func hostPaths(j *judge) {
	for volume := range j.w.Pod.Get("volumes").Items() {
		if v := volume.Get("hostPath"); v.IsSet() {
			j.refuse(j.w.Pod, v, "", "mounts path %q of the node as volume %q; want no hostPath", v.Get("path").Text(), volume.Get("name").Text())
		}
	}
}

// allowedVolumes are the volume sources of the restricted level.
var allowedVolumes = []string{
	"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret",
}

func volumeTypes(j *judge) {
	for volume := range j.w.Pod.Get("volumes").Items() {
		if at, kind := RestrictedVolume(volume); kind != "" {
			j.refuse(j.w.Pod, at, "", "has volume %q of type %s; want %s", volume.Get("name").Text(), kind, AllowedVolumes())
		}
	}
}

// restrictedVolumes are the volume sources that the restricted level refuses.
var restrictedVolumes = []string{
	"awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "fc", "flexVolume", "flocker", "gcePersistentDisk",
	"gitRepo", "glusterfs", "hostPath", "iscsi", "nfs", "photonPersistentDisk", "portworxVolume", "quobyte", "rbd", "scaleIO",
	"storageos", "vsphereVolume",
}

// RestrictedVolume is the source of a volume that the restricted level refuses, and
// its name. A volume without a source is an emptyDir: the API server makes it one,
// and knows nothing of fields that it does not know.
func RestrictedVolume(volume lint.Value) (at lint.Value, kind string) {
	if slices.ContainsFunc(allowedVolumes, func(kind string) bool { return volume.Get(kind).IsSet() }) {
		return lint.Value{}, ""
	}
	for key, v := range volume.Entries() {
		if slices.Contains(restrictedVolumes, key) && v.IsSet() {
			return v, key
		}
	}
	return lint.Value{}, ""
}

// AllowedVolumes lists the volume sources of the restricted level, for messages.
func AllowedVolumes() string {
	last := len(allowedVolumes) - 1
	return strings.Join(allowedVolumes[:last], ", ") + " or " + allowedVolumes[last]
}

func hostPorts(j *judge) {
	j.each(lint.Containers, "ports", func(h lint.PodOrContainer, ports lint.Value) {
		for port := range ports.Items() {
			v := port.Get("hostPort")
			if n, ok := v.Int(); v.IsSet() && (!ok || n != 0) {
				j.refuse(h, v, "", "opens port %s of the node by ports[].hostPort; want it unset", v.Text())
			}
		}
	})
}

func probeHosts(j *judge) {
	for _, h := range j.w.Select(lint.Containers) {
		for _, path := range probeHostPaths {
			if v := h.Get(path); v.Text() != "" {
				j.refuse(h, v, "", "sets %s: %s; want it unset", path, v.Text())
			}
		}
	}
}

// probeHostPaths is where probes and lifecycle hooks name a host.
var probeHostPaths = []string{
	"livenessProbe.httpGet.host", "livenessProbe.tcpSocket.host",
	"readinessProbe.httpGet.host", "readinessProbe.tcpSocket.host",
	"startupProbe.httpGet.host", "startupProbe.tcpSocket.host",
	"lifecycle.postStart.httpGet.host", "lifecycle.postStart.tcpSocket.host",
	"lifecycle.preStop.httpGet.host", "lifecycle.preStop.tcpSocket.host",
}

func privileged(j *judge) {
	j.each(lint.Containers, "securityContext.privileged", func(h lint.PodOrContainer, v lint.Value) {
		if v.True() {
			j.refuse(h, v, "false", "sets securityContext.privileged: true; want false")
		}
	})
}

func procMount(j *judge) {
	j.each(lint.Containers, "securityContext.procMount", func(h lint.PodOrContainer, v lint.Value) {
		if v.IsSet() && v.Text() != "Default" {
			j.refuse(h, v, "Default", "sets securityContext.procMount: %s; want Default", text(v))
		}
	})
}

func procMountBaseline(j *judge) {
	if !j.userNamespace() {
		procMount(j)
	}
}

func seLinux(j *judge) {
	types := []string{"", "container_t", "container_init_t", "container_kvm_t"}
	if j.version.AtLeast(31) {
		types = append(types, "container_engine_t")
	}
	j.each(lint.KindPod|lint.Containers, "securityContext.seLinuxOptions", func(h lint.PodOrContainer, options lint.Value) {
		if v := options.Get("type"); !slices.Contains(types, v.Text()) {
			j.refuse(h, v, "", "sets securityContext.seLinuxOptions.type: %s; want %s", v.Text(), strings.Join(types[1:], " or "))
		}
		for _, name := range []string{"user", "role"} {
			if v := options.Get(name); v.Text() != "" {
				j.refuse(h, v, "", "sets securityContext.seLinuxOptions.%s: %s; want it unset", name, v.Text())
			}
		}
	})
}

const seccompPath = "securityContext.seccompProfile"

func validSeccomp(kind string) bool { return kind == "RuntimeDefault" || kind == "Localhost" }

// seccompBaseline looks at annotations up to 1.18, and at the field since.
func seccompBaseline(j *judge) {
	if !j.version.AtLeast(19) {
		seccompAnnotations(j)
		return
	}
	for _, h := range j.parts() {
		j.judgeSeccomp(h)
	}
}

func (j *judge) judgeSeccomp(h lint.PodOrContainer) {
	profile := h.Get(seccompPath)
	if v := profile.Get("type"); profile.IsSet() && !validSeccomp(v.Text()) {
		j.refuse(h, v, "RuntimeDefault", "sets %s.type: %s; want RuntimeDefault or Localhost", seccompPath, text(v))
	}
}

func seccompAnnotations(j *judge) {
	for _, h := range j.parts() {
		name := "seccomp.security.alpha.kubernetes.io/pod"
		if h.Kind != lint.KindPod {
			name = "container.seccomp.security.alpha.kubernetes.io/" + h.Name
		}
		v := j.w.Annotation(name)
		if t := v.Text(); v.IsSet() && t != "runtime/default" && t != "docker/default" && !strings.HasPrefix(t, "localhost/") {
			j.refuse(h, v, "runtime/default", "has the seccomp annotation %s; want runtime/default or localhost/…", text(v))
		}
	}
}

func seccompRestricted(j *judge) {
	if j.windows() {
		return
	}
	podSets := validSeccomp(j.w.PodValue(seccompPath + ".type").Text())
	for _, h := range j.parts() {
		j.judgeSeccomp(h)
		if v := h.Get(seccompPath); h.Kind != lint.KindPod && !v.IsSet() && !podSets {
			at := j.placeOf(v.Get("type"), seccompPath+".type")
			j.refuse(h, at, "RuntimeDefault", "does not set %s.type; want RuntimeDefault or Localhost", seccompPath)
		}
	}
}

// safeSysctls says from which minor version on a parameter is safe.
var safeSysctls = map[string]int{
	"kernel.shm_rmid_forced":              0,
	"net.ipv4.ip_local_port_range":        0,
	"net.ipv4.ip_unprivileged_port_start": 0,
	"net.ipv4.ping_group_range":           0,
	"net.ipv4.tcp_syncookies":             0,
	"net.ipv4.ip_local_reserved_ports":    27,
	"net.ipv4.tcp_fin_timeout":            29,
	"net.ipv4.tcp_keepalive_intvl":        29,
	"net.ipv4.tcp_keepalive_probes":       29,
	"net.ipv4.tcp_keepalive_time":         29,
	"net.ipv4.tcp_rmem":                   32,
	"net.ipv4.tcp_wmem":                   32,
	"net.ipv4.tcp_notsent_lowat":          37,
	"net.ipv4.tcp_slow_start_after_idle":  37,
}

// SafeSysctl reports whether a version counts a kernel parameter as safe.
func SafeSysctl(version lint.Version, name string) bool {
	since, known := safeSysctls[name]
	return known && version.AtLeast(since)
}

func sysctls(j *judge) {
	for sysctl := range j.w.Pod.Get("securityContext.sysctls").Items() {
		if v := sysctl.Get("name"); !SafeSysctl(j.version, v.Text()) {
			j.refuse(j.w.Pod, v, "", "sets the unsafe sysctl %s; want only those that %s counts as safe", text(v), j.version)
		}
	}
}

func hostProcess(j *judge) {
	const path = "securityContext.windowsOptions.hostProcess"
	j.each(lint.KindPod|lint.Containers, path, func(h lint.PodOrContainer, v lint.Value) {
		if v.True() {
			j.refuse(h, v, "false", "sets %s: true; want false", path)
		}
	})
}

func privilegeEscalation(j *judge) {
	const path = "securityContext.allowPrivilegeEscalation"
	if j.windows() {
		return
	}
	j.each(lint.Containers, path, func(h lint.PodOrContainer, v lint.Value) {
		switch allowed, set := v.Bool(); {
		case !set:
			j.refuse(h, v, "false", "does not set %s; want false", path)
		case allowed:
			j.refuse(h, v, "false", "sets %s: true; want false", path)
		}
	})
}

func runAsNonRoot(j *judge) {
	const path = "securityContext.runAsNonRoot"
	if j.userNamespace() {
		return
	}
	podTrue := j.w.PodValue(path).True()
	j.each(lint.KindPod|lint.Containers, path, func(h lint.PodOrContainer, v lint.Value) {
		switch nonRoot, set := v.Bool(); {
		case set && !nonRoot:
			j.refuse(h, v, "true", "sets %s: false; want true", path)
		case !set && h.Kind != lint.KindPod && !podTrue:
			j.refuse(h, j.placeOf(v, path), "true", "does not set %s; want true", path)
		}
	})
}

func runAsUser(j *judge) {
	const path = "securityContext.runAsUser"
	if j.userNamespace() {
		return
	}
	j.each(lint.KindPod|lint.Containers, path, func(h lint.PodOrContainer, v lint.Value) {
		if n, ok := v.Int(); ok && n == 0 {
			j.refuse(h, v, "", "sets %s: 0; want a user above 0", path)
		}
	})
}
