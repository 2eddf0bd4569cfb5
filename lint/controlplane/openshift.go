package controlplane

import (
	"iter"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// openShiftConfig is a kind with the flags of a program.
type openShiftConfig struct {
	group, kind, path string
	program           Program
	arguments         string
}

// openShiftConfigs are the kinds in which OpenShift's operators keep the flags of a program,
// and the paths below which they are. What an operator runs is made of several of them, so
// that none decides what it leaves out.
var openShiftConfigs = []openShiftConfig{
	{"kubecontrolplane.config.openshift.io", "KubeAPIServerConfig", "", APIServer, "apiServerArguments"},
	{"kubecontrolplane.config.openshift.io", "KubeControllerManagerConfig", "", ControllerManager, "extendedArguments"},
	{"operator.openshift.io", "KubeAPIServer", "spec.observedConfig", APIServer, "apiServerArguments"},
	{"operator.openshift.io", "KubeAPIServer", "spec.unsupportedConfigOverrides", APIServer, "apiServerArguments"},
	{"operator.openshift.io", "KubeControllerManager", "spec.observedConfig", ControllerManager, "extendedArguments"},
	{"operator.openshift.io", "KubeControllerManager", "spec.unsupportedConfigOverrides", ControllerManager, "extendedArguments"},
}

// servingFlags are the fields of OpenShift's configurations that stand for flags.
var servingFlags = []struct{ path, flag string }{
	{"servingInfo.minTLSVersion", "tls-min-version"},
	{"servingInfo.cipherSuites", "tls-cipher-suites"},
	{"servingInfo.clientCA", "client-ca-file"},
	{"servingInfo.certFile", "tls-cert-file"},
	{"servingInfo.keyFile", "tls-private-key-file"},
	{"admission.enabledPlugins", "enable-admission-plugins"},
	{"admission.disabledPlugins", "disable-admission-plugins"},
}

// configsOf yields the configurations in an object, each with its part of the object.
func configsOf(o *lint.Object) iter.Seq2[openShiftConfig, lint.Value] {
	return func(yield func(openShiftConfig, lint.Value) bool) {
		for _, k := range openShiftConfigs {
			if !o.Is(k.group, k.kind) {
				continue
			}
			root := o.Root
			if k.path != "" {
				root = o.Root.Get(k.path)
			}
			if root.IsMap() && !yield(k, root) {
				return
			}
		}
	}
}

// OpenShiftConfigs are the parts of an object in which OpenShift's operators keep the
// configuration of a program.
func OpenShiftConfigs(o *lint.Object, program Program) (l []lint.Value) {
	for k, root := range configsOf(o) {
		if k.program == program {
			l = append(l, root)
		}
	}
	return l
}

// openShift reads the programs that OpenShift's operators configure.
func openShift(o *lint.Object) []*Component {
	if o.Is("config.openshift.io", "APIServer") {
		return []*Component{openShiftServer(o)}
	}
	if o.Is("machineconfiguration.openshift.io", "KubeletConfig") {
		if v := o.Root.Get("spec.kubeletConfig"); v.IsMap() {
			return []*Component{{Program: Kubelet, Object: o, Where: v, fields: true, open: true}}
		}
	}
	var l []*Component
	for k, root := range configsOf(o) {
		c := &Component{Program: k.program, Object: o, Where: root.Get(k.arguments), tool: "openshift", open: true}
		for name, at := range c.Where.Entries() {
			c.addArgument(normal(name), at, at.AtKey())
		}
		for _, f := range servingFlags {
			if at := root.Get(f.path); at.IsSet() {
				c.addArgument(f.flag, at, at.AtKey())
				c.flags[len(c.flags)-1].field = strings.TrimPrefix(k.path+"."+f.path, ".")
			}
		}
		l = append(l, c)
	}
	return l
}

// addArgument adds a flag whose value is a list: of one element, or of several which flags
// join by commas.
func (c *Component) addArgument(name string, at, key lint.Value) {
	f := flag{name: name, text: at.Text(), at: at, key: key, unknown: !at.IsKnown()}
	if at.IsList() {
		f.text = strings.Join(at.Strings(), ",")
		for item := range at.Items() {
			f.unknown = f.unknown || !item.IsKnown()
			if at.Len() == 1 {
				f.at = item
			}
		}
	}
	c.flags = append(c.flags, f)
}

// openShiftServer reads the API server's settings that administrators of OpenShift choose.
func openShiftServer(o *lint.Object) *Component {
	spec := o.Root.Get("spec")
	c := &Component{Program: APIServer, Object: o, Where: spec, tool: "openshift", open: true}
	set := func(name, text, field string) {
		at := spec.Get(field)
		c.flags = append(c.flags, flag{name: name, text: text, at: at, key: at, unknown: !at.IsKnown(), field: "spec." + field})
	}
	const encryption, audit, profile, least = "encryption.type", "audit.profile", "tlsSecurityProfile.type", "tlsSecurityProfile.custom.minTLSVersion"
	switch spec.Get(encryption).Text() {
	case "", "identity":
		set("encryption-provider-config", "", encryption)
	default:
		set("encryption-provider-config", file, encryption)
	}
	if spec.Get(audit).Text() == "None" {
		set("audit-policy-file", "", audit)
		set("audit-log-path", "", audit)
	}
	switch at := spec.Get(least); spec.Get(profile).Text() {
	case "Old":
		set("tls-min-version", "VersionTLS10", profile)
	case "Custom":
		if at.IsSet() {
			set("tls-min-version", at.Text(), least)
		}
	}
	return c
}
