// Package controlplane reads how the programs of a cluster are started: with which
// flags or fields, in all the ways in which they are written.
//
// The same setting has many forms. --profiling=false is an argument of a static pod,
// an entry of extraArgs in a kubeadm file (a map before v1beta4, a list since), a field
// of a kops Cluster, an element of kube-apiserver-arg in a k3s file, or enableProfiling
// in a configuration file. [Of] finds the programs of an object in all these forms, and
// [Component.Lookup] says what one of them has for a setting.
//
// An absent setting is judged only where the file decides it. Component.Lookup knows what
// kubeadm and kops set by themselves, and answers Unknown where another file or a
// placeholder may set it.
//
// Everything here is safe for concurrent use.
package controlplane

import (
	"path"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// Program is a program of a cluster, by the name of its binary.
type Program string

// The programs that are known.
const (
	APIServer         Program = "kube-apiserver"
	ControllerManager Program = "kube-controller-manager"
	Scheduler         Program = "kube-scheduler"
	Etcd              Program = "etcd"
	Kubelet           Program = "kubelet"
	KubeProxy         Program = "kube-proxy"
)

// Component is a program and its settings, as one place of an object writes them.
type Component struct {
	Program Program
	// Object is the one that starts or configures the program. It is nil if Document does.
	Object *lint.Object
	// Document starts the program and is no object: the configuration of k3s.
	Document *lint.Document
	// Container runs the program. Zero: a tool such as kubeadm or the kubelet's own file
	// configures it.
	Container lint.PodOrContainer
	// Version is the version of Kubernetes that the object names for the program. Zero:
	// it names none.
	Version lint.Version
	// Where is the list or mapping that holds the flags, or the file's root.
	Where lint.Value

	// hidden is set if the version is a placeholder.
	hidden bool

	// fields is set if the settings are fields of a configuration file.
	fields bool
	// open is set if something that the object does not show may set what is absent.
	open bool
	// tool names the tool that adds flags of its own, and presets are these.
	tool    string
	presets map[string]string
	flags   []flag
}

// flag is one that is written. Unknown is set if its text is a placeholder.
type flag struct {
	name, text string
	unknown    bool
	at         lint.Value
	// key is where the name is. It may be the same as at.
	key lint.Value
	// field is the path of the field that stands for the flag. Empty: the flag is written by its name.
	field string
}

// State says who decides a setting.
type State int

const (
	// Unknown says that the input does not decide it.
	Unknown State = iota
	// Set says that the input sets it.
	Set
	// Preset says that the tool that starts the program sets it.
	Preset
	// Unset says that nothing sets it, so that the program's own default counts.
	Unset
)

// Reading is what an input says of a setting.
type Reading struct {
	State State
	// Text is the value if the State is Set or Preset. Elements of a list are joined by
	// commas, as in flags.
	Text string
	// At is the value, or where it is missing.
	At lint.Value
	// Name is how the input writes the setting: --profiling, or enableProfiling.
	Name string
	// Field is the path of the field by which the object sets the flag Name. Empty: the input
	// writes the flag itself, or does not set it.
	Field string
}

// By says which field of the object sets the flag, as the end of a clause that names the flag:
// " (spec.encryption.type)". Empty if Field is.
func (r Reading) By() string {
	if r.Field == "" {
		return ""
	}
	return " (" + r.Field + ")"
}

// Lookup says what the component has for a setting, which has a flag, a field of the
// program's configuration file, or both. An empty name means that there is no such form;
// a component of that form then gives Unknown.
func (c *Component) Lookup(flag, field string) Reading {
	if c.fields {
		return c.lookupField(field)
	}
	r := Reading{Name: "--" + flag, At: c.Where}
	if flag == "" {
		return r
	}
	for _, f := range slices.Backward(c.flags) {
		if f.name == flag {
			r.At, r.Text, r.Field, r.State = f.at, f.text, f.field, Set
			if f.unknown {
				r.State = Unknown
			}
			return r
		}
	}
	r.Text, r.State = c.presets[flag], Unset
	switch {
	case r.Text != "":
		r.State = Preset
	case c.open || !c.Where.IsKnown():
		r.State = Unknown
	}
	return r
}

func (c *Component) lookupField(field string) Reading {
	v := c.Where.Get(field)
	r := Reading{Name: field, At: v}
	switch {
	case field == "":
	case v.IsList(): // its known elements
		r.Text, r.State = strings.Join(v.Strings(), ","), Set
	case !v.IsKnown():
	case v.IsScalar():
		r.Text, r.State = v.Text(), Set
	case v.IsSet():
	default:
		r.Text, r.State = c.presets[field], Unset
		switch {
		case r.Text != "":
			r.State = Preset
		case c.open:
			r.State = Unknown
		}
	}
	return r
}

// Flag is the text of a flag, given without dashes, that the input sets. ok is false if it
// does not, or if the text is not known.
func (c *Component) Flag(name string) (text string, ok bool) {
	r := c.Lookup(name, "")
	return r.Text, r.State == Set
}

// Flags yields the flags that the input sets, in the order of the text: the name without
// dashes, and where the name is.
func (c *Component) Flags() func(yield func(name string, at lint.Value) bool) {
	return func(yield func(string, lint.Value) bool) {
		for _, f := range c.flags {
			if !yield(f.name, f.key) {
				return
			}
		}
	}
}

// HasFlags reports whether the input writes flags by their names. It is false for a
// configuration file, for kops, which has fields of its own, and for OpenShift, which has
// flags of its own.
func (c *Component) HasFlags() bool { return !c.fields && c.tool != "kops" && c.tool != "openshift" }

// IsFile reports whether the component is a configuration file with fields, and has no
// flags.
func (c *Component) IsFile() bool { return c.fields }

// Decides reports whether the component decides what it leaves out.
func (c *Component) Decides() bool { return !c.open }

// HasKnownVersion reports whether Version, or the target if it is zero, is what the program
// has. It is false if the version is a placeholder.
func (c *Component) HasKnownVersion() bool { return !c.hidden }

// FeatureGate says whether a feature gate is on. ok is false if the input does not set it.
func (c *Component) FeatureGate(name string) (on, ok bool, at lint.Value) {
	if c.fields {
		at = c.Where.Get("featureGates").Child(name)
		on, ok = at.Bool()
		return on, ok, at
	}
	r := c.Lookup("feature-gates", "")
	if r.State != Set {
		return false, false, r.At
	}
	for gate := range strings.SplitSeq(r.Text, ",") {
		if key, value, _ := strings.Cut(gate, "="); strings.TrimSpace(key) == name {
			return strings.EqualFold(strings.TrimSpace(value), "true"), true, r.At
		}
	}
	return false, false, r.At
}

// Label names the component for messages: a container that starts the program, or the
// kind that configures it.
func (c *Component) Label() string {
	switch {
	case c.Container.Kind != 0:
		return c.Container.Label() + " starts " + string(c.Program)
	case c.Document != nil:
		return c.Document.Kind + " starts " + string(c.Program)
	case c.fields:
		return c.Object.Kind
	}
	return c.Object.Kind + " starts " + string(c.Program)
}

// Volumes is what gives the program files of the node. It is empty if the program sees them all, or if
// that is not known.
func (c *Component) Volumes() string {
	switch {
	case c.Container.Kind != 0:
		return "volumes of the pod"
	case c.tool == "kubeadm" && c.Program == APIServer:
		return "apiServer.extraVolumes"
	}
	return ""
}

// IsKubeadm reports whether kubeadm starts the program.
func (c *Component) IsKubeadm() bool { return c.tool == "kubeadm" }

// Diagnostic is what to report at a value of the component. The message follows the
// component's label and a space.
func (c *Component) Diagnostic(at lint.Value, message string) lint.Diagnostic {
	return lint.Diagnostic{Object: c.Object, Document: c.Document, Subject: c.Container, At: at, Message: c.Label() + " " + message}
}

// components is those of each object, read once.
var components = lint.ObjectIndex("programs of the control plane", func(p *lint.Pass, o *lint.Object) []*Component {
	l := containers(o)
	l = append(l, kubeadm(o)...)
	l = append(l, kops(o)...)
	l = append(l, openShift(o)...)
	l = append(l, files(p, o)...)
	return l
})

// Of lists the programs that an object starts or configures. The list must not be changed.
func Of(p *lint.Pass, o *lint.Object) []*Component {
	l := components(p, o)
	if p.Unit.Kind != lint.UnitChart || !slices.ContainsFunc(l, (*Component).isOfKubeadm) {
		return l
	}
	started := inPods(p)
	return slices.DeleteFunc(slices.Clone(l), func(c *Component) bool { return c.isOfKubeadm() && started[c.Program] })
}

// isOfKubeadm reports whether a program is one that kubeadm starts by a configuration.
func (c *Component) isOfKubeadm() bool { return c.tool == "kubeadm" && c.Container.Kind == 0 }

// inPods are the programs that pods of a unit start. A configuration of kubeadm beside them starts no other: a chart with
// both gives it to phases of kubeadm which upload it.
var inPods = lint.UnitIndex("programs in pods", func(p *lint.Pass) map[Program]bool {
	started := map[Program]bool{}
	for _, o := range p.Unit.Objects {
		for _, c := range components(p, o) {
			if c.Container.Kind != 0 {
				started[c.Program] = true
			}
		}
	}
	return started
})

// OfUnit lists the programs that all objects of a unit start or configure, for rules that
// look at a unit as a whole. The list must not be changed.
var OfUnit = lint.UnitIndex("programs of the control plane", func(p *lint.Pass) []*Component {
	var l []*Component
	for _, o := range p.Unit.Objects {
		l = append(l, Of(p, o)...)
	}
	return l
})

// Each is a check of every program that an object or another document starts or
// configures.
func Each(check func(p *lint.Pass, c *Component)) lint.Check {
	ofDocument := func(p *lint.Pass, d *lint.Document) {
		for _, c := range distribution(d) {
			check(p, c)
		}
	}
	return lint.Checks{
		lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
			for _, c := range Of(p, o) {
				check(p, c)
			}
		}),
		lint.DocumentCheck{Of: lint.DocumentK3s, Check: ofDocument},
		lint.DocumentCheck{Of: lint.DocumentRKE2, Check: ofDocument},
	}
}

// IsStaticPod reports whether an object is a static pod of the control plane: a Pod, and
// no template of one, that starts a program of it in the namespace of the system, or that
// is a file of a node.
func IsStaticPod(p *lint.Pass, o *lint.Object) bool {
	switch {
	case !o.Is("", "Pod"), o.Namespace != "kube-system":
		return false
	case o.Host != nil:
		return true
	}
	for _, c := range Of(p, o) {
		if c.Program != Kubelet {
			return true
		}
	}
	return false
}

// IsOtherStaticPod reports whether an object can only be a static pod, though it starts no program of the
// control plane: a Pod of the system that uses the network and a kubeconfig of its node, as the one of
// kube-vip does, which keeps the address of the API server.
func IsOtherStaticPod(o *lint.Object) bool {
	if !o.Is("", "Pod") || o.Namespace != "kube-system" || !o.Root.Get("spec.hostNetwork").True() {
		return false
	}
	for v := range o.Root.Get("spec.volumes").Items() {
		if ok, _ := path.Match("/etc/kubernetes/*.conf", v.Get("hostPath.path").Text()); ok {
			return true
		}
	}
	return false
}

// versionOf reads a version of Kubernetes. It is zero if the text is none.
func versionOf(text string) lint.Version {
	text = strings.TrimPrefix(text, "stable-")
	v, err := lint.ParseVersion(text)
	if err != nil {
		return lint.Version{}
	}
	return v
}
