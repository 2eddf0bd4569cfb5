package controlplane

import (
	"fmt"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
)

// nowhere is a Locator that knows one file.
type nowhere struct{}

func (nowhere) Locate(lint.Value) lint.Origin {
	return lint.Origin{Position: lint.Position{File: "test.yaml"}}
}

// read gives the components of a text's objects, and a pass over them.
func read(t *testing.T, text string) []*Component {
	t.Helper()
	u := &lint.Unit{Input: "test.yaml"}
	d := yaml.NewDecoder(strings.NewReader(text))
	for {
		var n yaml.Node
		if d.Decode(&n) != nil {
			break
		}
		o, ok := lint.NewObject(&n, nowhere{})
		if !ok {
			t.Fatalf("no object: %s", text)
		}
		u.Objects = append(u.Objects, o)
	}
	p := &lint.Pass{Unit: u, Version: lint.Newest}
	var l []*Component
	for _, o := range u.Objects {
		l = append(l, Of(p, o)...)
	}
	return l
}

const container = "apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - name: api\n    "

func TestLookup(t *testing.T) {
	kubeadm := "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\n"
	for _, tt := range []struct {
		name, text string
		// want is what is read of --profiling of kube-apiserver: the state, the value and
		// the path. Empty: nothing starts it.
		want string
	}{
		{"command", container + "command: [kube-apiserver, --profiling=1]", "set 1 spec.containers[0].command[1]"},
		{"args", container + "command: [/usr/local/bin/kube-apiserver]\n    args: [--profiling=2, --b]", "set 2 spec.containers[0].args[0]"},
		{"a switch takes no word", container + "command: [kube-apiserver, --profiling, 'false']", "set true spec.containers[0].command[1]"},
		{"any other flag takes the next word", container + "command: [kube-apiserver, --etcd-prefix, --profiling]", "unset  spec.containers[0].command"},
		{"args without command", container + "args: [kube-apiserver, --b=1]", "unset  spec.containers[0].args"},
		{"an order to another program", container + "image: example.com/ctl:1\n    args: [kube-apiserver, defrag, --profiling=1]", ""},
		{"args of the program's image", container + "image: registry.k8s.io/kube-apiserver:v1.36.0\n    args: [kube-apiserver, x, --profiling=9]", "set 9 spec.containers[0].args[2]"},
		{"last wins", container + "command: [kube-apiserver, --profiling=1, --profiling=3]", "set 3 spec.containers[0].command[2]"},
		{"two in one", container + "command: [kube-apiserver, '--a=1 --profiling=3']", "set 3 spec.containers[0].command[1]"},
		{"underscore", container + "command: [kube-controller-manager, --x]\n  - name: b\n    command: [kube-apiserver, --enable_profiling=1, --profiling=2]", "set 2 spec.containers[1].command[2]"},
		{"script", container + "command: [/bin/sh, -c, 'mkdir -p /x && exec kube-apiserver --b --profiling=\"4\" 2>&1 | tee /log']", "set 4 spec.containers[0].command[2]"},
		{"script of lines", container + "command: [/bin/bash, -euxc]\n    args:\n    - |\n      # kube-apiserver --profiling=1\n      exec kube-apiserver \\\n        --profiling=5\n", "set 5 spec.containers[0].args[0]"},
		{"variable for words", container + "command: [/bin/sh, -c, 'exec kube-apiserver $ARGS']", "unknown  spec.containers[0].command"},
		{"placeholder", container + "command: [kube-apiserver, --profiling=$(P)]", "unknown $(P) spec.containers[0].command[1]"},
		{"logger", container + "command: [/go-runner]\n    args: [--log-file=/l, --also-stdout, /usr/local/bin/kube-apiserver, --profiling=6]", "set 6 spec.containers[0].args[3]"},
		{"hyperkube", container + "command: [/hyperkube, apiserver, --profiling=7]", "set 7 spec.containers[0].command[2]"},
		{"the image starts it", container + "image: registry.k8s.io/kube-apiserver-amd64:v1.30.0\n    args: [--profiling=8]", "set 8 spec.containers[0].args[0]"},
		{"other program", container + "command: [probe, kube-apiserver, --profiling=1]", ""},
		{"search", container + "command: [sh, -c, 'pgrep kube-apiserver --profiling=1']", ""},
		{"no command", container + "image: kube-apiserver", ""},
		{"map", "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\napiServer:\n  extraArgs:\n    profiling: '5'", "set 5 apiServer.extraArgs.profiling"},
		{"list", kubeadm + "apiServer:\n  extraArgs:\n  - name: profiling\n    value: '6'", "set 6 apiServer.extraArgs[0].value"},
		{"unset", kubeadm, "unset  apiServer.extraArgs"},
		{"Cluster API", "apiVersion: controlplane.cluster.x-k8s.io/v1beta1\nkind: KubeadmControlPlane\nspec:\n  kubeadmConfigSpec:\n    clusterConfiguration:\n      apiServer:\n        extraArgs: {profiling: '7'}", "set 7 spec.kubeadmConfigSpec.clusterConfiguration.apiServer.extraArgs.profiling"},
		{"a worker's", "apiVersion: bootstrap.cluster.x-k8s.io/v1beta1\nkind: KubeadmConfig\nspec: {joinConfiguration: {}}", ""},
		{"kops", "apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nspec:\n  kubeAPIServer:\n    enableProfiling: false", "set false spec.kubeAPIServer.enableProfiling"},
	} {
		got := ""
		for _, c := range read(t, tt.text) {
			if c.Program == APIServer {
				r := c.Lookup("profiling", "")
				got = fmt.Sprintf("%s %s %s", []string{"unknown", "set", "preset", "unset"}[r.State], r.Text, r.At.Path())
			}
		}
		if got != tt.want {
			t.Errorf("%s: %q; want %q", tt.name, got, tt.want)
		}
	}
}

// What kubeadm and kops set by themselves is preset, and what the input sets wins.
func TestPresets(t *testing.T) {
	for _, tt := range []struct {
		text    string
		program Program
		flag    string
		state   State
		value   string
	}{
		{"apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration", APIServer, "authorization-mode", Preset, "Node,RBAC"},
		{"apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\napiServer: {extraArgs: {authorization-mode: RBAC}}", APIServer, "authorization-mode", Set, "RBAC"},
		{"apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration", Etcd, "client-cert-auth", Preset, "true"},
		{"apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nspec: {authorization: {alwaysAllow: {}}}", APIServer, "authorization-mode", Set, "AlwaysAllow"},
		{"apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nspec: {kubeAPIServer: {clientCAFile: /a}}", APIServer, "client-ca-file", Set, "/a"},
		{"apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nspec: {kubeAPIServer: {tlsCipherSuites: [A, B]}}", APIServer, "tls-cipher-suites", Set, "A,B"},
	} {
		found := false
		for _, c := range read(t, tt.text) {
			if c.Program == tt.program {
				found = true
				if r := c.Lookup(tt.flag, ""); r.State != tt.state || r.Text != tt.value {
					t.Errorf("%s: --%s is %v %q; want %v %q", tt.text, tt.flag, r.State, r.Text, tt.state, tt.value)
				}
			}
		}
		if !found {
			t.Errorf("%s: no %s", tt.text, tt.program)
		}
	}
	external := read(t, "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\netcd: {external: {endpoints: [https://etcd]}}")
	for _, c := range external {
		if c.Program == Etcd {
			t.Error("kubeadm starts no etcd where an external one is named")
		}
	}
}

// The fields of the kubelet's file have defaults of their own, and kubeadm completes a file
// that is beside its own.
func TestFiles(t *testing.T) {
	const kubelet = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"
	const field = "rotateCertificates"
	for _, tt := range []struct {
		text  string
		state State
	}{
		{kubelet + field + ": false", Set},
		{kubelet, Unset},
		{"apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\n---\n" + kubelet, Preset},
		{kubelet + field + ": ${ROTATE}", Unknown},
	} {
		for _, c := range read(t, tt.text) {
			if r := c.Lookup("rotate-certificates", field); r.State != tt.state || r.Name != field {
				t.Errorf("%s: %v %s; want %v", tt.text, r.State, r.Name, tt.state)
			}
		}
	}
	for name, want := range map[string]bool{
		"/etc/kubelet.conf.d/10-a.conf": true, "a/kubelet.d/x.yaml": true, "kubeletconfiguration0+merge.yaml": true,
		"kubelet.yaml": false, "configs/kubelet.yaml": false,
	} {
		if isPart(name) != want {
			t.Errorf("isPart(%s) is %v", name, !want)
		}
	}
}

func TestVersions(t *testing.T) {
	for image, want := range map[string]lint.Version{
		"registry.k8s.io/kube-apiserver:v1.30.4":              {Major: 1, Minor: 30},
		"localhost:5000/kube-apiserver-amd64:v1.6.0@sha256:a": {Major: 1, Minor: 6},
		"kube-apiserver": {},
	} {
		for _, c := range read(t, container+"image: "+image+"\n    command: [kube-apiserver]") {
			if c.Version != want {
				t.Errorf("%s is of %v; want %v", image, c.Version, want)
			}
		}
	}
}

func TestFacts(t *testing.T) {
	for _, tt := range []struct {
		program Program
		flag    string
		minor   int
		want    Fact
	}{
		{APIServer, "profiling", 37, Fact{Known: true}},
		{APIServer, "insecure-port", 23, Fact{Known: true}},
		{APIServer, "insecure-port", 24, Fact{Removed: 24}},
		{APIServer, "audit-log-maxagee", 30, Fact{Meant: "audit-log-maxage"}},
		{APIServer, "openshift-config", 37, Fact{}},
		{Etcd, "client-cert-autj", 37, Fact{Meant: "client-cert-auth"}},
		{Kubelet, "v", 37, Fact{Known: true}},
		{"other", "anything", 37, Fact{Known: true}},
	} {
		if got := FactOf(tt.program, tt.flag, lint.Version{Major: 1, Minor: tt.minor}); got != tt.want {
			t.Errorf("%s --%s in 1.%d: %+v; want %+v", tt.program, tt.flag, tt.minor, got, tt.want)
		}
	}
}

func FuzzCommand(f *testing.F) {
	f.Add("exec kube-apiserver --a=1 \\\n --b 'x y' $(c) 2>&1 | tee # d")
	f.Add("etcd --client-cert-auth \"")
	f.Fuzz(func(t *testing.T, text string) {
		n := &yaml.Node{Kind: yaml.ScalarNode, Value: text}
		words, _ := script(lint.Value{Node: n})
		for _, w := range words {
			if len(w.text) > len(text) {
				t.Errorf("%q has the word %q", text, w.text)
			}
		}
	})
}
