package controlplane

import (
	"maps"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// kubeadmKinds is where kubeadm's configuration lies in the kinds that have one: kubeadm's
// own, and those of Cluster API.
var kubeadmKinds = []struct {
	group, kind string
	// cluster, first and join are the paths of its three parts. "-" means none.
	cluster, first, join string
	// version is the path of the Kubernetes version, if it is not in the cluster part.
	version string
}{
	{"kubeadm.k8s.io", "ClusterConfiguration", "", "-", "-", ""},
	{"kubeadm.k8s.io", "InitConfiguration", "-", "", "-", ""},
	{"kubeadm.k8s.io", "JoinConfiguration", "-", "-", "", ""},
	{"bootstrap.cluster.x-k8s.io", "KubeadmConfig", "spec.clusterConfiguration", "spec.initConfiguration", "spec.joinConfiguration", ""},
	{
		"bootstrap.cluster.x-k8s.io", "KubeadmConfigTemplate",
		"spec.template.spec.clusterConfiguration", "spec.template.spec.initConfiguration", "spec.template.spec.joinConfiguration", "",
	},
	{
		"controlplane.cluster.x-k8s.io", "KubeadmControlPlane",
		"spec.kubeadmConfigSpec.clusterConfiguration", "spec.kubeadmConfigSpec.initConfiguration", "spec.kubeadmConfigSpec.joinConfiguration", "spec.version",
	},
	{
		"controlplane.cluster.x-k8s.io", "KubeadmControlPlaneTemplate",
		"spec.template.spec.kubeadmConfigSpec.clusterConfiguration", "spec.template.spec.kubeadmConfigSpec.initConfiguration",
		"spec.template.spec.kubeadmConfigSpec.joinConfiguration", "",
	},
}

// extraArgs is where a ClusterConfiguration keeps the flags of a program.
var extraArgs = []struct {
	program Program
	path    string
}{
	{APIServer, "apiServer.extraArgs"},
	{ControllerManager, "controllerManager.extraArgs"},
	{Scheduler, "scheduler.extraArgs"},
	{Etcd, "etcd.local.extraArgs"},
}

// kubeletArgs is where the parts of a configuration that are for one node keep the flags of the kubelet.
const kubeletArgs = "nodeRegistration.kubeletExtraArgs"

// ExtraArgs yields the flags in a file of kubeadm's own: the path, and the value there.
func ExtraArgs(o *lint.Object) func(yield func(path string, v lint.Value) bool) {
	return func(yield func(string, lint.Value) bool) {
		if o.Group() != "kubeadm.k8s.io" {
			return
		}
		for _, e := range extraArgs {
			if v := o.Root.Get(e.path); v.IsSet() && !yield(e.path, v) {
				return
			}
		}
		if v := o.Root.Get(kubeletArgs); v.IsSet() {
			yield(kubeletArgs, v)
		}
	}
}

// file is a path that a tool computes.
const file = "(a file of kubeadm)"

// common is the flags that kubeadm, kops, k3s and RKE2 set alike. Each has a table of what
// it sets besides.
var common = map[Program]map[string]string{
	APIServer: {
		"service-account-key-file":         file,
		"service-account-signing-key-file": file,
		"client-ca-file":                   file,
		"tls-cert-file":                    file,
		"tls-private-key-file":             file,
		"kubelet-client-certificate":       file,
		"kubelet-client-key":               file,
		"etcd-cafile":                      file,
		"etcd-certfile":                    file,
		"etcd-keyfile":                     file,
		"authorization-mode":               "Node,RBAC",
	},
	ControllerManager: {
		"root-ca-file":                     file,
		"service-account-private-key-file": file,
		"use-service-account-credentials":  "true",
	},
}

// withCommon is a table of presets with those that are common.
func withCommon(own map[Program]map[string]string) map[Program]map[string]string {
	all := map[Program]map[string]string{}
	for _, table := range []map[Program]map[string]string{common, own} {
		for program, presets := range table {
			if all[program] == nil {
				all[program] = map[string]string{}
			}
			maps.Copy(all[program], presets)
		}
	}
	return all
}

// kubeadmPresets are the flags that kubeadm sets unless extraArgs has them, as of
// Kubernetes 1.37: cmd/kubeadm/app/phases/controlplane/manifests.go and
// phases/etcd/local.go. Flags that no rule looks at are left out.
var kubeadmPresets = withCommon(map[Program]map[string]string{
	APIServer: {
		"enable-admission-plugins": "NodeRestriction",
		"secure-port":              "6443",
	},
	ControllerManager: {
		"bind-address":   "127.0.0.1",
		"client-ca-file": file,
	},
	Scheduler: {"bind-address": "127.0.0.1"},
	Etcd: {
		"cert-file":             file,
		"key-file":              file,
		"trusted-ca-file":       file,
		"client-cert-auth":      "true",
		"peer-cert-file":        file,
		"peer-key-file":         file,
		"peer-trusted-ca-file":  file,
		"peer-client-cert-auth": "true",
	},
})

// kubeadm reads the configurations of kubeadm in an object.
func kubeadm(o *lint.Object) []*Component {
	for _, k := range kubeadmKinds {
		if !o.Is(k.group, k.kind) {
			continue
		}
		var l []*Component
		cluster := part(o.Root, k.cluster)
		// Without it the settings are kubeadm's own, unless the object is a patch.
		isDefault := o.Kind == "KubeadmControlPlane" && !cluster.IsSet() && cluster.IsKnown() &&
			o.Root.Get("spec.version").IsSet() && o.Root.Get("spec.machineTemplate").IsSet()
		if (cluster.IsMap() || isDefault) && !isWorker(o) {
			version := cluster.Get("kubernetesVersion")
			if k.version != "" {
				version = o.Root.Get(k.version)
			}
			l = clusterConfiguration(o, cluster, version)
		}
		for _, path := range []string{k.first, k.join} {
			if args := part(o.Root, path).Get(kubeletArgs); args.IsSet() {
				c := &Component{Program: Kubelet, Object: o, Where: args, tool: "kubeadm", open: true}
				c.addArgs(args)
				l = append(l, c)
			}
		}
		return l
	}
	return nil
}

// isWorker reports whether an object of Cluster API is for machines that join as workers. What
// it has in clusterConfiguration is not used then: the first machine of the control plane alone is made by it.
func isWorker(o *lint.Object) bool {
	spec := o.Root.Get("spec")
	switch o.Kind {
	case "KubeadmConfig":
	case "KubeadmConfigTemplate":
		spec = spec.Get("template.spec")
	default:
		return false
	}
	join := spec.Get("joinConfiguration")
	return join.IsMap() && join.IsKnown() && !join.Get("controlPlane").IsSet() && !spec.Get("initConfiguration").IsSet()
}

// part is the value at a path, or none for "-".
func part(root lint.Value, path string) lint.Value {
	if path == "-" {
		return lint.Value{}
	}
	return root.Get(path)
}

// clusterConfiguration reads the part that says how the programs of the control plane are
// started.
func clusterConfiguration(o *lint.Object, cluster, version lint.Value) []*Component {
	var l []*Component
	for _, e := range extraArgs {
		external := cluster.Get("etcd.external")
		if e.program == Etcd && (external.IsSet() || !external.IsKnown()) {
			continue
		}
		c := &Component{Program: e.program, Object: o, Where: cluster.Get(e.path), tool: "kubeadm", presets: kubeadmPresets[e.program]}
		if e.program != Etcd {
			c.Version, c.hidden = versionOf(version.Text()), !version.IsKnown()
		}
		c.addArgs(c.Where)
		l = append(l, c)
	}
	return l
}

// addArgs adds flags of a mapping, or of a list of mappings with name and value.
func (c *Component) addArgs(v lint.Value) {
	c.open = c.open || !v.IsKnown()
	add := func(name string, key, at lint.Value) {
		if name != "" {
			c.flags = append(c.flags, flag{name: normal(strings.TrimLeft(name, "-")), text: at.Text(), at: at, key: key, unknown: !at.IsKnown()})
		}
	}
	for name, at := range v.Entries() {
		add(name, at.AtKey(), at)
	}
	for item := range v.Items() {
		name := item.Get("name")
		add(name.Text(), name, item.Get("value"))
	}
}
