package controlplane

import (
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/controlplane"
)

// SupportedKubernetesVersion reports versions of Kubernetes that get no fixes any more: in
// configurations of kubeadm, of Cluster API and of kops, and in image tags of the programs of the
// control plane.
//
// Faults that are found in it stay open, and their descriptions show everyone how to use them.
//
// Three minor versions are supported at a time. They are counted from the newest that kubevet knows,
// so that an old kubevet reports too little and never too much.
var SupportedKubernetesVersion = &lint.Rule{
	ID:        "supported-kubernetes-version",
	Title:     "Kubernetes version is not supported any more",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-upgrades"},
	Refs:      controls(),
	Fix:       "upgrade, one minor version at a time",
	Check:     lint.ObjectCheck(checkSupported),
}

// versionFields are where kinds keep the version of a cluster.
var versionFields = []struct{ group, kind, path string }{
	{"kubeadm.k8s.io", "ClusterConfiguration", "kubernetesVersion"},
	{"bootstrap.cluster.x-k8s.io", "KubeadmConfig", "spec.clusterConfiguration.kubernetesVersion"},
	{"controlplane.cluster.x-k8s.io", "KubeadmControlPlane", "spec.version"},
	{"controlplane.cluster.x-k8s.io", "RKE2ControlPlane", "spec.version"},
	{"cluster.x-k8s.io", "Cluster", "spec.topology.version"},
	{"cluster.x-k8s.io", "MachineDeployment", "spec.template.spec.version"},
	{"cluster.x-k8s.io", "MachinePool", "spec.template.spec.version"},
	{"kops.k8s.io", "Cluster", "spec.kubernetesVersion"},
}

func checkSupported(p *lint.Pass, o *lint.Object) {
	for _, f := range versionFields {
		if o.Is(f.group, f.kind) {
			at := o.Root.Get(f.path)
			if v, err := lint.ParseVersion(strings.TrimPrefix(at.Text(), "stable-")); err == nil && isOld(v) {
				p.Report(lint.Diagnostic{Object: o, At: at, Message: o.Kind + " sets " + f.path + ": " + at.Text() + notSupported()})
			}
		}
	}
	for _, c := range controlplane.Of(p, o) {
		if c.Container.Kind != 0 && isOld(c.Version) {
			p.Report(c.Diagnostic(c.Container.Get("image"), "in version "+c.Version.String()+notSupported()))
		}
	}
}

// supported is how many minor versions get fixes at a time.
const supported = 3

// oldest is the oldest version that gets fixes.
func oldest() lint.Version {
	return lint.Version{Major: lint.Newest.Major, Minor: lint.Newest.Minor - supported + 1}
}

func isOld(v lint.Version) bool { return v != (lint.Version{}) && !v.AtLeast(oldest().Minor) }

// notSupported is the end of a message about an old version.
func notSupported() string {
	return ", which is not supported any more; want " + oldest().String() + " or newer"
}
