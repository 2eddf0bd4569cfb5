package kustomize

import (
	"fmt"
	"slices"
	"testing"

	"github.com/kubevet/kubevet/lint"
)

// TestRoutes builds three overlays on one base together. Each object of the base is there
// three times, and each has the entries of the overlay that it came through.
func TestRoutes(t *testing.T) {
	const base = `-- base/kustomization.yaml --
resources: [d.yaml]
-- base/d.yaml --
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: web
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules: []
`
	overlay := func(name, settings string) string {
		return "-- " + name + "/kustomization.yaml --\nresources: [../base]\n" + settings + "images:\n- name: web\n  newTag: \"1\"\nreplicas:\n- name: web\n  count: 2\n"
	}
	root := func(dirs string) string { return "-- kustomization.yaml --\nresources:\n" + dirs }
	type place struct{ object, image, replicas, entry string }
	for _, tt := range []struct {
		name, files string
		want        []place
	}{
		{
			"namespaces", root("- dev\n- prod\n- stage\n") + base + overlay("dev", "namespace: dev\nnamePrefix: dev-\n") + overlay("prod", "namespace: prod\nnamePrefix: prod-\n") + overlay("stage", "namespace: stage\nnamePrefix: stage-\n"),
			[]place{
				{"dev/dev-web", "dev/kustomization.yaml:6", "dev/kustomization.yaml:9", "kustomization.yaml:2 resources[0]"},
				{"prod/prod-web", "prod/kustomization.yaml:6", "prod/kustomization.yaml:9", "kustomization.yaml:3 resources[1]"},
				{"stage/stage-web", "stage/kustomization.yaml:6", "stage/kustomization.yaml:9", "kustomization.yaml:4 resources[2]"},
			},
		},
		{
			"prefixes and suffixes", root("- a\n- b\n") + base + overlay("a", "namePrefix: a-\n") + overlay("b", "nameSuffix: -b\n"),
			[]place{
				{"/a-web", "a/kustomization.yaml:5", "a/kustomization.yaml:8", "kustomization.yaml:2 resources[0]"},
				{"/web-b", "b/kustomization.yaml:5", "b/kustomization.yaml:8", "kustomization.yaml:3 resources[1]"},
			},
		},
		{
			"a way over another overlay", root("- a\n- c\n") + base + overlay("a", "namespace: a\nnamePrefix: a-\n") + "-- c/kustomization.yaml --\nnamespace: c\nnamePrefix: c-\nresources: [../a]\n",
			[]place{
				{"a/a-web", "a/kustomization.yaml:6", "a/kustomization.yaml:9", "kustomization.yaml:2 resources[0]"},
				{"c/c-a-web", "a/kustomization.yaml:6", "a/kustomization.yaml:9", "kustomization.yaml:3 resources[1]"},
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := write(t, tt.files)
			t.Chdir(dir)
			r, _ := Build(t.Context(), openTree(t, dir), ".", Options{})
			if r.Unit == nil || len(r.Problems) > 0 {
				t.Fatalf("problems %v", r.Problems)
			}
			var got []place
			for _, o := range r.Unit.Objects {
				if o.Kind != "Deployment" {
					continue
				}
				p := place{object: o.Namespace + "/" + o.Name}
				for c := range o.Root.Get("spec.template.spec.containers").Items() {
					p.image = at(o.Locate(c.Get("image")))
				}
				replicas := o.Locate(o.Root.Get("spec.replicas"))
				p.replicas = at(replicas)
				for _, s := range replicas.Trail {
					if s.Kind == lint.StepKustomization {
						p.entry = fmt.Sprintf("%s:%d %s", s.Position.File, s.Position.Line, s.Label)
					}
				}
				got = append(got, p)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got\n%v, want\n%v", got, tt.want)
			}
		})
	}
}

func at(o lint.Origin) string { return fmt.Sprintf("%s:%d", o.File, o.Line) }
