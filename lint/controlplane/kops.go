package controlplane

import (
	"strings"
	"unicode"

	"github.com/kubevet/kubevet/lint"
)

// kopsParts is where a kops Cluster keeps the settings of programs.
var kopsParts = []struct {
	program Program
	path    string
}{
	{APIServer, "spec.kubeAPIServer"},
	{ControllerManager, "spec.kubeControllerManager"},
	{Scheduler, "spec.kubeScheduler"},
	{KubeProxy, "spec.kubeProxy"},
	{Kubelet, "spec.kubelet"},
	{Kubelet, "spec.masterKubelet"},
	{Kubelet, "spec.controlPlaneKubelet"},
}

// kopsPresets are the flags that kops sets unless the Cluster has them. Flags that no rule
// looks at are left out.
var kopsPresets = withCommon(map[Program]map[string]string{
	APIServer: {
		"anonymous-auth":           "false",
		"enable-admission-plugins": "DefaultStorageClass,LimitRanger,NamespaceLifecycle,NodeRestriction,ServiceAccount",
		"secure-port":              "443",
	},
	ControllerManager: {
		"tls-cert-file":        file,
		"tls-private-key-file": file,
	},
	Scheduler: {"tls-cert-file": file, "tls-private-key-file": file},
})

// kopsFlags are the fields of a kops Cluster that are not named after their flag.
var kopsFlags = map[string]string{
	"enableProfiling":              "profiling",
	"enableContentionProfiling":    "contention-profiling",
	"authenticationConfigFile":     "authentication-config",
	"auditLogMaxAge":               "audit-log-maxage",
	"auditLogMaxBackups":           "audit-log-maxbackup",
	"auditLogMaxSize":              "audit-log-maxsize",
	"etcdCaFile":                   "etcd-cafile",
	"etcdCertFile":                 "etcd-certfile",
	"etcdKeyFile":                  "etcd-keyfile",
	"terminatedPodGCThreshold":     "terminated-pod-gc-threshold",
	"ClusterSigningDuration":       "cluster-signing-duration",
	"podPidsLimit":                 "pod-max-pids",
	"makeIPTablesUtilChains":       "make-iptables-util-chains",
	"appendAdmissionPlugins":       "", // is added to the plugins, see kops
	"image":                        "", // of the container, no flag
	"cpuRequest":                   "",
	"cpuLimit":                     "",
	"memoryRequest":                "",
	"memoryLimit":                  "",
	"env":                          "",
	"enabled":                      "",
	"logLevel":                     "v",
	"logFormat":                    "logging-format",
	"volumePluginDirectory":        "volume-plugin-dir",
	"kubeconfigPath":               "kubeconfig",
	"taints":                       "register-with-taints",
	"networkPluginName":            "network-plugin",
	"serviceClusterIPRange":        "service-cluster-ip-range",
	"apiServerCount":               "apiserver-count",
	"compactionInterval":           "etcd-compaction-interval",
	"usePolicyConfigMap":           "",
	"maxPersistentVolumes":         "",
	"leaderElection":               "",
	"featureGates":                 "feature-gates",
	"runtimeConfig":                "runtime-config",
	"auditWebhookBatchThrottleQps": "audit-webhook-batch-throttle-qps",
}

// kops reads the programs that a kops Cluster configures.
func kops(o *lint.Object) []*Component {
	if !o.Is("kops.k8s.io", "Cluster") {
		return nil
	}
	spec := o.Root.Get("spec")
	version := spec.Get("kubernetesVersion")
	var l []*Component
	for _, p := range kopsParts {
		v := o.Root.Get(p.path)
		// kops writes the kubelet's file and kube-proxy's flags with settings of its own.
		c := &Component{
			Program: p.program, Object: o, Where: v, Version: versionOf(version.Text()), hidden: !version.IsKnown(), tool: "kops", presets: kopsPresets[p.program],
			open: p.program == Kubelet || p.program == KubeProxy || !v.IsKnown(),
		}
		if c.open && !v.IsSet() {
			continue
		}
		if p.program == APIServer {
			c.kopsServer(spec)
		}
		for name, at := range v.Entries() {
			if flag := kopsFlag(name); flag != "" {
				f := kopsSetting(flag, at)
				f.key = at.AtKey()
				c.flags = append(c.flags, f)
			}
		}
		l = append(l, c)
	}
	return l
}

// kopsServer reads the settings of the API server that are in other parts of the Cluster.
func (c *Component) kopsServer(spec lint.Value) {
	if all := spec.Get("authorization.alwaysAllow"); all.IsSet() {
		c.flags = append(c.flags, flag{name: "authorization-mode", text: "AlwaysAllow", at: all, key: all})
	}
	if e := spec.Get("encryptionConfig"); e.True() {
		c.flags = append(c.flags, flag{name: "encryption-provider-config", text: file, at: e, key: e})
	}
}

// kopsFlag is the flag of a field, or "" if it is none.
func kopsFlag(field string) string {
	if name, ok := kopsFlags[field]; ok {
		return name
	}
	var b strings.Builder
	runes := []rune(field)
	for i, r := range runes {
		// A group of capitals is one word: clientCAFile is client-ca-file.
		if i > 0 && unicode.IsUpper(r) && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// kopsSetting is a field as the flag that kops makes of it.
func kopsSetting(name string, at lint.Value) flag {
	f := flag{name: name, at: at, text: at.Text(), unknown: !at.IsKnown()}
	switch {
	case at.IsList():
		f.text = strings.Join(at.Strings(), ",")
	case at.IsMap():
		var l []string
		for k, v := range at.Entries() {
			l = append(l, k+"="+v.Text())
		}
		f.text = strings.Join(l, ",")
	}
	return f
}
