package controlplane

import (
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
)

// fileKinds are the configuration files of programs.
var fileKinds = []struct {
	group, kind string
	program     Program
}{
	{"kubelet.config.k8s.io", "KubeletConfiguration", Kubelet},
	{"kubeproxy.config.k8s.io", "KubeProxyConfiguration", KubeProxy},
	{"kubescheduler.config.k8s.io", "KubeSchedulerConfiguration", Scheduler},
}

// kubeletOfKubeadm are the fields that kubeadm sets in every kubelet's file unless it
// has them: cmd/kubeadm/app/componentconfigs/kubelet.go.
var kubeletOfKubeadm = map[string]string{
	"authentication.anonymous.enabled": "false",
	"authentication.webhook.enabled":   "true",
	"authentication.x509.clientCAFile": file,
	"authorization.mode":               "Webhook",
	"rotateCertificates":               "true",
}

// files reads an object that is the configuration file of a program, or a ConfigMap of
// kubeadm that holds one.
func files(p *lint.Pass, o *lint.Object) []*Component {
	if o.Is("", "ConfigMap") {
		return embedded(o)
	}
	c := fileOf(o, o.Root)
	if c == nil {
		return nil
	}
	name := p.Locate(o, o.Root).File
	if isPart(name) {
		c.open = true
	}
	if c.Program == Kubelet && besideKubeadm(p, name) {
		c.tool, c.presets = "kubeadm", kubeletOfKubeadm
	}
	return []*Component{c}
}

// fileOf reads the configuration file of a program.
func fileOf(o *lint.Object, root lint.Value) *Component {
	group, _, _ := strings.Cut(root.Get("apiVersion").Text(), "/")
	for _, k := range fileKinds {
		if k.group == group && k.kind == root.Get("kind").Text() {
			return &Component{Program: k.program, Object: o, Where: root, fields: true}
		}
	}
	return nil
}

// isPart reports files that another file completes: the drop-ins of --config-dir, and
// patches for kubeadm.
func isPart(name string) bool {
	base := path.Base(name)
	return strings.HasSuffix(path.Dir(name), ".d") || strings.HasSuffix(base, ".conf") ||
		strings.HasPrefix(base, "kubeletconfiguration") && strings.ContainsAny(base, "+0123456789")
}

// kubeadmFiles are the files with an object of kubeadm.
var kubeadmFiles = lint.UnitIndex("files of kubeadm", func(p *lint.Pass) map[string]bool {
	files := map[string]bool{}
	for _, o := range p.Unit.Objects {
		if o.Group() == "kubeadm.k8s.io" {
			files[p.Locate(o, o.Root).File] = true
		}
	}
	return files
})

// besideKubeadm reports whether a file also holds a configuration of kubeadm, which then
// reads all of it.
func besideKubeadm(p *lint.Pass, name string) bool { return kubeadmFiles(p)[name] }

// configMaps are the ConfigMaps in which kubeadm keeps files, with the key of the file.
var configMaps = []struct{ name, key string }{
	{"kubelet-config", "kubelet"},
	{"kube-proxy", "config.conf"},
}

// embedded reads the file in a ConfigMap of kubeadm.
func embedded(o *lint.Object) []*Component {
	for _, m := range configMaps {
		if o.Name != m.name && !strings.HasPrefix(o.Name, m.name+"-1.") || o.Namespace != "" && o.Namespace != "kube-system" {
			continue
		}
		text := o.Root.Get("data").Child(m.key)
		if !text.IsScalar() || !text.IsKnown() {
			return nil
		}
		root, ok := parsed(text.Node.Value)
		if !ok {
			return nil
		}
		if c := fileOf(o, root); c != nil {
			c.text = text
			return []*Component{c}
		}
	}
	return nil
}

// maxFile is the size up to which a file in a ConfigMap is read, in bytes.
const maxFile = 1 << 20

// parsed is the first document of a text. ok is false if it is no mapping.
func parsed(text string) (lint.Value, bool) {
	var n yaml.Node
	if len(text) > maxFile || yaml.Unmarshal([]byte(text), &n) != nil || !node.IsExpandable(&n) {
		return lint.Value{}, false
	}
	v := node.NewValue(&n)
	return v, v.IsMap()
}
