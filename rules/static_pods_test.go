package rules

import (
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/manifest"
)

func TestExempt(t *testing.T) {
	for id, why := range notForStaticPods {
		if Find(id) == nil || Find(id).ID != id || why == "" {
			t.Errorf("%s is no rule, or has no reason", id)
		}
	}
	const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: NAMESPACE}\nspec:\n  hostNetwork: true\n  containers:\n  - name: a\n    image: a\n    command: [PROGRAM]\n"
	const vip = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: kube-system}\nspec:\n  hostNetwork: true\n  containers:\n  - {name: a, image: a, args: [manager]}\n" +
		"  volumes:\n  - {name: k, hostPath: {path: /etc/kubernetes/admin.conf}}\n"
	for id, want := range map[string]bool{"no-automount-token": false, "no-sensitive-host-path": true} {
		objects, _ := manifest.Objects(manifest.Documents([]byte(vip))[0].Node, manifest.NewSource("vip.yaml", []byte(vip)))
		c := lint.Checker{Rules: []*lint.Rule{Find(id)}, Version: lint.Newest, Exempt: Exempt}
		if findings, _ := c.Check(&lint.Unit{Input: "vip.yaml", Objects: objects}); (len(findings) == 1) != want {
			t.Errorf("%s for another static pod: %d findings; want %v", id, len(findings), want)
		}
	}
	for _, tt := range []struct {
		namespace, program string
		want               bool
	}{
		{"kube-system", "kube-apiserver", false},
		{"kube-system", "etcd", false},
		{"kube-system", "nginx", true},
		{"shop", "kube-apiserver", true},
	} {
		text := []byte(strings.NewReplacer("NAMESPACE", tt.namespace, "PROGRAM", tt.program).Replace(pod))
		objects, _ := manifest.Objects(manifest.Documents(text)[0].Node, manifest.NewSource("test.yaml", text))
		c := lint.Checker{Rules: []*lint.Rule{Find("no-host-network")}, Version: lint.Newest, Exempt: Exempt}
		findings, _ := c.Check(&lint.Unit{Input: "test.yaml", Objects: objects})
		if (len(findings) == 1) != tt.want {
			t.Errorf("%s in %s: %d findings; want %v", tt.program, tt.namespace, len(findings), tt.want)
		}
	}
}
