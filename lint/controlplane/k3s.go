package controlplane

import (
	"maps"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// k3sArgs are the keys of a k3s or RKE2 configuration that hold the flags of a program.
var k3sArgs = []struct {
	program Program
	key     string
}{
	{APIServer, "kube-apiserver-arg"},
	{ControllerManager, "kube-controller-manager-arg"},
	{Scheduler, "kube-scheduler-arg"},
	{Etcd, "etcd-arg"},
	{Kubelet, "kubelet-arg"},
	{KubeProxy, "kube-proxy-arg"},
}

// Args yields the lists of flags of a configuration of k3s or RKE2: the key as it is written,
// and its value.
func Args(d *lint.Document) func(yield func(key string, v lint.Value) bool) {
	return func(yield func(string, lint.Value) bool) {
		for _, a := range k3sArgs {
			for _, key := range []string{a.key, a.key + "+"} { // the second adds to the list of another file
				if v := d.Root.Get(key); v.IsSet() && !yield(key, v) {
					return
				}
			}
		}
	}
}

// k3sPresets are the flags that k3s and RKE2 set unless the configuration has them. Flags
// that no rule looks at are left out.
var k3sPresets = withCommon(map[Program]map[string]string{
	APIServer: {
		"anonymous-auth":                "false",
		"enable-admission-plugins":      "NodeRestriction",
		"profiling":                     "false",
		"kubelet-certificate-authority": file,
		"secure-port":                   "6443",
	},
	ControllerManager: {
		"bind-address": "127.0.0.1",
		"profiling":    "false",
	},
	Scheduler: {"bind-address": "127.0.0.1", "profiling": "false"},
})

// rke2Audit are the flags of audit logging, which RKE2 sets besides.
var rke2Audit = map[string]string{
	"audit-log-path": file, "audit-policy-file": file,
	"audit-log-maxage": "30", "audit-log-maxbackup": "10", "audit-log-maxsize": "100",
}

// serverKeys are keys that only a server has. A file without them may be that of an
// agent, or a part of a configuration.
var serverKeys = []string{"kube-apiserver-arg", "cluster-init", "secrets-encryption", "write-kubeconfig-mode", "tls-san"}

// distribution reads the programs that a configuration of k3s or RKE2 starts.
func distribution(d *lint.Document) []*Component {
	isServer := false
	for _, key := range serverKeys {
		isServer = isServer || d.Root.Get(key).IsSet()
	}
	var l []*Component
	for _, a := range k3sArgs {
		where, more := d.Root.Get(a.key), d.Root.Get(a.key+"+") // more adds to the list of this file or of another
		if !where.IsSet() {
			where = more
		}
		// etcd, the kubelet and kube-proxy get files of their own, whose content is not
		// known here.
		open := !isServer || a.program == Etcd || a.program == Kubelet || a.program == KubeProxy
		if open && !where.IsSet() {
			continue
		}
		c := &Component{Program: a.program, Document: d, Where: where, tool: "k3s", open: open || !where.IsKnown() || !more.IsKnown()}
		c.presets = copyOf(k3sPresets[a.program], d.Kind == lint.DocumentRKE2 && a.program == APIServer)
		if v := d.Root.Get("secrets-encryption"); a.program == APIServer && (v.True() || d.Kind == lint.DocumentRKE2 && !v.IsSet()) {
			c.presets["encryption-provider-config"] = file
		}
		if a.program == APIServer && d.Kind == lint.DocumentK3s && !isK3s(d) {
			c.flags = unknownInRKE2(where)
		}
		c.addTexts(d.Root.Get(a.key))
		c.addTexts(more)
		l = append(l, c)
	}
	return l
}

// k3sKeys are keys that k3s has and RKE2 has not.
var k3sKeys = []string{
	"cluster-init", "datastore-endpoint", "default-local-storage-path", "disable-helm-controller", "disable-network-policy", "docker",
	"flannel-backend", "flannel-iface", "secrets-encryption",
}

// isK3s reports whether a configuration is surely that of k3s: by its name, by a key, or by what it
// disables. Others may be RKE2's.
func isK3s(d *lint.Document) bool {
	return strings.Contains(strings.ToLower(d.File), "k3s") ||
		slices.ContainsFunc(k3sKeys, func(key string) bool { return d.Root.Get(key).IsSet() }) ||
		slices.ContainsFunc(d.Root.Get("disable").Strings(), func(name string) bool {
			return slices.Contains([]string{"traefik", "servicelb", "local-storage"}, name)
		})
}

// unknownInRKE2 are the flags that RKE2 sets by itself and k3s does not.
func unknownInRKE2(at lint.Value) []flag {
	var l []flag
	for _, name := range append(slices.Sorted(maps.Keys(rke2Audit)), "encryption-provider-config") {
		l = append(l, flag{name: name, at: at, key: at, unknown: true})
	}
	return l
}

// copyOf is a copy of presets, with those of audit logging if they are there.
func copyOf(presets map[string]string, audit bool) map[string]string {
	m := map[string]string{}
	maps.Copy(m, presets)
	if audit {
		maps.Copy(m, rke2Audit)
	}
	return m
}

// addTexts adds flags of a list of texts, or of one: name=value, with or without dashes.
func (c *Component) addTexts(v lint.Value) {
	add := func(item lint.Value) {
		if !item.IsScalar() {
			return
		}
		name, text, ok := strings.Cut(strings.TrimLeft(item.Node.Value, "-"), "=")
		if !ok {
			text = "true"
		}
		c.flags = append(c.flags, flag{name: normal(name), text: text, at: item, key: item, unknown: !item.IsKnown()})
	}
	if v.IsScalar() {
		add(v)
	}
	for item := range v.Items() {
		add(item)
	}
}
