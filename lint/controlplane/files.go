package controlplane

import (
	"cmp"
	"path"
	"strings"

	"github.com/kubevet/kubevet/lint"
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

// files reads an object that is the configuration file of a program.
func files(p *lint.Pass, o *lint.Object) []*Component {
	c := fileOf(o, o.Root)
	if c == nil {
		return nil
	}
	name := p.Locate(o, o.Root).File
	if isPart(cmp.Or(o.HostPath, name)) {
		c.open = true
	}
	switch {
	case c.Program == Kubelet && besideKubeadm(p, name):
		c.tool, c.presets = "kubeadm", kubeletOfKubeadm
	case c.Program == Kubelet && distributionIn(p)[path.Dir(path.Clean(name))]:
		c.open = true
	}
	return []*Component{c}
}

// fileOf reads the configuration file of a program.
func fileOf(o *lint.Object, root lint.Value) *Component {
	kind := root.Get("kind").Text()
	for _, k := range fileKinds {
		if k.kind != kind {
			continue
		}
		if group, _, _ := strings.Cut(root.Get("apiVersion").Text(), "/"); k.group == group {
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

// InstallsDistribution reports whether a script installs k3s or RKE2.
func InstallsDistribution(text string) bool {
	return strings.Contains(text, "get.k3s.io") || strings.Contains(text, "get.rke2.io")
}

// distributionIn are the folders with scripts that install k3s or RKE2. These start the kubelet with flags and a file of their own, with
// certificates among them: a file of the user's only adds to that.
var distributionIn = lint.RepositoryIndex("folders of k3s and RKE2", func(documents []*lint.Document) map[string]bool {
	folders := map[string]bool{}
	for _, d := range documents {
		if text, ok := d.Data.(string); ok && d.Kind == lint.DocumentScript && InstallsDistribution(text) {
			folders[path.Dir(path.Clean(d.File))] = true
		}
	}
	return folders
})
