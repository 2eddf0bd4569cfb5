package cluster

import (
	"path"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// Component is a program of the control plane, such as kube-apiserver, and the
// flags that an object starts it with.
type Component struct {
	*lint.Object
	// Subject is the container that runs it. It is zero if the object configures
	// kubeadm, which makes the container.
	Subject lint.PodOrContainer
	// Where is the list or mapping that holds its flags.
	Where lint.Value

	flags []componentFlag
}

type componentFlag struct {
	name, text string
	at         lint.Value
}

// componentConfigs is where the configuration of kubeadm lies in the kinds that have one.
var componentConfigs = []struct{ group, kind, path string }{
	{"kubeadm.k8s.io", "ClusterConfiguration", ""},
	{"bootstrap.cluster.x-k8s.io", "KubeadmConfig", "spec.clusterConfiguration"},
	{"controlplane.cluster.x-k8s.io", "KubeadmControlPlane", "spec.kubeadmConfigSpec.clusterConfiguration"},
	{"controlplane.cluster.x-k8s.io", "KubeadmControlPlaneTemplate", "spec.template.spec.kubeadmConfigSpec.clusterConfiguration"},
}

// kubeadmComponents is where a ClusterConfiguration keeps the flags of a program.
var kubeadmComponents = map[string]string{
	"kube-apiserver":          "apiServer.extraArgs",
	"kube-controller-manager": "controllerManager.extraArgs",
	"kube-scheduler":          "scheduler.extraArgs",
	"etcd":                    "etcd.local.extraArgs",
}

// Components lists the places of an object that start the program of that name:
// containers, and the configurations of kubeadm and of Cluster API, in the map form
// of flags and in the list form of v1beta4.
func Components(o *lint.Object, program string) []Component {
	var l []Component
	for _, w := range o.Workloads {
		for _, h := range w.Select(lint.KindContainer) {
			if c, ok := commandOf(h, program); ok {
				l = append(l, c)
			}
		}
	}
	args, ok := kubeadmComponents[program]
	for _, s := range componentConfigs {
		if !ok || !o.Is(s.group, s.kind) {
			continue
		}
		config := o.Root
		if s.path != "" {
			config = o.Root.Get(s.path)
		}
		if config.IsMap() {
			l = append(l, extraArgs(o, config.Get(args)))
		}
	}
	return l
}

// Flag is the value of a flag, given without dashes: what it is set to, and
// where. Of a flag that is set twice the last counts. ok is false if it is not set.
func (c Component) Flag(name string) (text string, at lint.Value, ok bool) {
	for _, f := range slices.Backward(c.flags) {
		if f.name == name {
			return f.text, f.at, true
		}
	}
	return "", c.Where, false
}

// starters are the words that may stand before a program on its command line.
var starters = []string{"sh", "bash", "ash", "-c", "-ec", "-xc", "exec", "tini", "dumb-init", "--", "hyperkube"}

// word is one of a command line, and the value that it stands in.
type word struct {
	text string
	at   lint.Value
}

// wordsOf lists the words of a container's command line. A shell's script is many.
func wordsOf(h lint.PodOrContainer) []word {
	var l []word
	for _, list := range []string{"command", "args"} {
		for v := range h.Get(list).Items() {
			if !v.IsScalar() {
				continue
			}
			for text := range strings.FieldsSeq(v.Node.Value) {
				l = append(l, word{text, v})
			}
		}
	}
	return l
}

// commandOf reads the command line of a container, if it starts the program.
func commandOf(h lint.PodOrContainer, program string) (Component, bool) {
	c := Component{Object: h.Workload.Object, Subject: h, Where: h.Get("args")}
	if !c.Where.IsSet() {
		c.Where = h.Get("command")
	}
	words := wordsOf(h)
	start := slices.IndexFunc(words, func(w word) bool { return !slices.Contains(starters, path.Base(w.text)) })
	if start < 0 || path.Base(words[start].text) != program {
		return c, false
	}
	for i := start + 1; i < len(words); i++ {
		name, ok := strings.CutPrefix(words[i].text, "--")
		if !ok {
			continue
		}
		name, text, assigned := strings.Cut(name, "=")
		if !assigned && i+1 < len(words) && !strings.HasPrefix(words[i+1].text, "-") {
			text = words[i+1].text
		}
		c.flags = append(c.flags, componentFlag{name, strings.Trim(text, `"'`), words[i].at})
	}
	return c, true
}

// extraArgs reads the flags of a program in a configuration of kubeadm.
func extraArgs(o *lint.Object, v lint.Value) Component {
	c := Component{Object: o, Where: v}
	for name, at := range v.Entries() {
		if at.IsScalar() {
			c.flags = append(c.flags, componentFlag{name, at.Node.Value, at})
		}
	}
	for item := range v.Items() {
		at := item.Get("value")
		if name := item.Get("name"); name.IsScalar() && at.IsScalar() {
			c.flags = append(c.flags, componentFlag{name.Node.Value, at.Node.Value, at})
		}
	}
	return c
}

// Diagnostic is what to report of the program at a value. The message starts with
// what runs it: a container, or the kind that configures kubeadm.
func (c Component) Diagnostic(at lint.Value, message string) lint.Diagnostic {
	if c.Subject.Kind != 0 {
		return lint.Diagnostic{Subject: c.Subject, At: at, Message: c.Subject.Label() + " " + message}
	}
	return lint.Diagnostic{Object: c.Object, At: at, Message: c.Kind + " " + message}
}
