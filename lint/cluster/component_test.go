package cluster

import (
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
)

func TestComponents(t *testing.T) {
	const container = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: api\n    "
	for _, tt := range []struct {
		name, text string
		// want is the value of --a of kube-apiserver, "-" if it is not set. Empty: nothing starts it.
		want, path string
	}{
		{"command", container + "command: [kube-apiserver, --a=1]", "1", "spec.containers[0].command[1]"},
		{"args", container + "command: [/usr/local/bin/kube-apiserver]\n    args: [--a, '2', --b]", "2", "spec.containers[0].args[0]"},
		{"args without command", container + "args: [kube-apiserver, --b=1]", "-", "spec.containers[0].args"},
		{"last wins", container + "command: [kube-apiserver, --a=1, --a=3]", "3", "spec.containers[0].command[2]"},
		{"no value", container + "command: [kube-apiserver, --a, --b]", "", "spec.containers[0].command[1]"},
		{"script", container + "command: [/bin/sh, -c, 'exec kube-apiserver --b --a=\"4\"']", "4", "spec.containers[0].command[2]"},
		{"other program", container + "command: [probe, kube-apiserver, --a=1]", "none", ""},
		{"no command", container + "image: kube-apiserver", "none", ""},
		{"map", "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\napiServer:\n  extraArgs:\n    a: '5'", "5", "apiServer.extraArgs.a"},
		{"list", "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\napiServer:\n  extraArgs:\n  - name: a\n    value: '6'", "6", "apiServer.extraArgs[0].value"},
		{"unset", "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration", "-", "apiServer.extraArgs"},
		{"Cluster API", "apiVersion: controlplane.cluster.x-k8s.io/v1beta1\nkind: KubeadmControlPlane\nspec:\n  kubeadmConfigSpec:\n    clusterConfiguration:\n      apiServer:\n        extraArgs: {a: '7'}", "7", "spec.kubeadmConfigSpec.clusterConfiguration.apiServer.extraArgs.a"},
		{"a worker's", "apiVersion: bootstrap.cluster.x-k8s.io/v1beta1\nkind: KubeadmConfig\nspec: {joinConfiguration: {}}", "none", ""},
	} {
		var n yaml.Node
		if err := yaml.Unmarshal([]byte(tt.text), &n); err != nil {
			t.Fatal(err)
		}
		o, ok := lint.NewObject(&n, nil)
		if !ok {
			t.Fatal(tt.name, "is no object")
		}
		got, path := "none", ""
		for _, c := range Components(o, "kube-apiserver") {
			text, at, set := c.Flag("a")
			if got, path = text, at.Path(); !set {
				got = "-"
			}
		}
		if got != tt.want || path != tt.path {
			t.Errorf("%s: %q at %s; want %q at %s", tt.name, got, path, tt.want, tt.path)
		}
	}
}
