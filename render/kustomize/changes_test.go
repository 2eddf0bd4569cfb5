package kustomize

import (
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const changesTree = `
-- app/kustomization.yaml --
%own
-- app/objects.yaml --
apiVersion: v1
kind: ServiceAccount
metadata: {name: web}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: web, namespace: old}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: web}
subjects: [{kind: ServiceAccount, name: web}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      serviceAccountName: web
      containers:
      - {name: web, image: "registry.example.com/web:1"}
      - {name: log, image: "registry.example.com/log:1"}
-- parts/debug/kustomization.yaml --
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
patches:
- patch: |
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web}
    spec: {template: {spec: {hostPID: true}}}
-- parts/log/kustomization.yaml --
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
namePrefix: log-
`

func replaceOwn(own string) string { return strings.Replace(changesTree, "%own", own, 1) }

// TestChangesLikeKustomize compares overlays with changes with what kustomize makes of a
// kustomization that says the same.
func TestChangesLikeKustomize(t *testing.T) {
	sealed(t)
	for _, test := range []struct{ name, own, changes, same string }{
		{"namespace", "resources: [objects.yaml]", "namespace: shop", "resources: [objects.yaml]\nnamespace: shop"},
		{"namespace in place of another", "namespace: old\nresources: [objects.yaml]", "namespace: shop", "resources: [objects.yaml]\nnamespace: shop"},
		{"names", "namePrefix: a-\nresources: [objects.yaml]", "namePrefix: b-\nnameSuffix: -c", "resources: [objects.yaml]\nnamePrefix: b-\nnameSuffix: -c"},
		{
			"patches after those that are there",
			"resources: [objects.yaml]\npatches:\n- target: {kind: Deployment}\n  patch: |\n    - {op: add, path: /spec/replicas, value: 2}",
			"patches:\n- target: {kind: Deployment, name: w.*}\n  patch: |\n    - {op: replace, path: /spec/replicas, value: 3}\n- patch: |\n    apiVersion: v1\n    kind: ServiceAccount\n    metadata: {name: web}\n    automountServiceAccountToken: false",
			"resources: [objects.yaml]\npatches:\n- target: {kind: Deployment}\n  patch: |\n    - {op: add, path: /spec/replicas, value: 2}\n- target: {kind: Deployment, name: w.*}\n  patch: |\n    - {op: replace, path: /spec/replicas, value: 3}\n- patch: |\n    apiVersion: v1\n    kind: ServiceAccount\n    metadata: {name: web}\n    automountServiceAccountToken: false",
		},
		{
			"components", "resources: [objects.yaml]\ncomponents: [../parts/log]", "components: [../parts/debug]\nnamespace: shop",
			"resources: [objects.yaml]\ncomponents: [../parts/log, ../parts/debug]\nnamespace: shop",
		},
		{
			"images", "resources: [objects.yaml]\nimages: [{name: registry.example.com/web, newName: mirror/web, digest: 'sha256:aa'}]",
			"images: [{name: registry.example.com/web, newTag: '2'}, {name: registry.example.com/log, newTag: '3'}]",
			"resources: [objects.yaml]\nimages: [{name: registry.example.com/web, newName: mirror/web, newTag: '2'}, {name: registry.example.com/log, newTag: '3'}]",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			want, err := plain(overlay{write(t, replaceOwn(test.same)), "app"}, true)
			if err != nil {
				t.Fatal(err)
			}
			var doc yaml.Node
			if err := yaml.Unmarshal([]byte(test.changes), &doc); err != nil {
				t.Fatal(err)
			}
			c := &Changes{}
			for i := 0; i < len(doc.Content[0].Content); i += 2 {
				field := doc.Content[0].Content[i].Value
				c.Fields = append(c.Fields, Change{field, "spec." + field, doc.Content[0].Content[i+1]})
			}
			dir := write(t, replaceOwn(test.own))
			out, _ := Build(t.Context(), openTree(t, dir), "app", Options{Changes: c})
			if len(out.Problems) > 0 {
				t.Fatal(out.Problems)
			}
			if got := out.Texts[0].Text; got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if unchanged, err := plain(overlay{dir, "app"}, true); err != nil || unchanged == want {
				t.Errorf("the changes change nothing: %v", err)
			}
		})
	}
}
