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
