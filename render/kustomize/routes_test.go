package kustomize

import (
	"fmt"
	"slices"
	"strings"
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

// TestRoutesOfPatches builds overlays with equal patches together. What a patch gives an object of the base is at the patch of the
// overlay that the object came through, or at none if that is not known.
func TestRoutesOfPatches(t *testing.T) {
	const (
		component = "-- component/kustomization.yaml --\nkind: Component\nresources: [namespace.yaml]\n-- component/namespace.yaml --\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: _\n  annotations: {keep: \"true\"}\n"
		base      = "-- base/kustomization.yaml --\nresources: [web.yaml]\n-- base/web.yaml --\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 1, minReadySeconds: 2, template: {spec: {containers: [{name: app, image: app, args: [a, b]}]}}}\n"
		label     = "    - {op: add, path: /metadata/labels, value: {team: red}}\n"
		note      = "    - {op: add, path: /metadata/annotations/note, value: \"true\"}\n"
		renames   = "    - {op: replace, path: /metadata/name, value: "
		copies    = "    - {op: copy, from: /metadata/labels/team, path: /metadata/name}\n"
		host      = "    - {op: add, path: /spec/template/spec/hostNetwork, value: true}\n"
	)
	namespace := func(name, ops string) string {
		return "-- " + name + "/kustomization.yaml --\nnamespace: " + name + "\ncomponents: [../component]\npatches:\n- target: {kind: Namespace}\n  patch: |\n" + ops
	}
	web := func(name, ops string) string {
		return "-- " + name + "/kustomization.yaml --\nresources: [../base]\npatches:\n- target: {kind: Deployment}\n  options: {allowNameChange: true}\n  patch: |\n" + ops
	}
	many, manyPlaces := []string{component}, []string(nil)
	list := "-- kustomization.yaml --\nresources:\n"
	for i := range 100 {
		name := fmt.Sprintf("n%d", 100+i)
		list, many = list+"- "+name+"\n", append(many, namespace(name, label))
		manyPlaces = append(manyPlaces, fmt.Sprintf("%s: %s/kustomization.yaml:6 by resources[%d]", name, name, i))
	}
	for _, tt := range []struct {
		name, files, path string
		want              []string
	}{
		{
			"the name from the namespace", "-- kustomization.yaml --\nresources: [a, b]\n" + component + namespace("a", label) + namespace("b", note+label), "metadata.labels.team",
			[]string{"a: a/kustomization.yaml:6 by resources[0]", "b: b/kustomization.yaml:7 by resources[1]"},
		},
		{"many overlays of one component", list + strings.Join(many, ""), "metadata.labels.team", manyPlaces},
		{
			"the name from a patch", "-- kustomization.yaml --\nresources: [a, b]\n" + base + web("a", renames+"a}\n"+host) + web("b", renames+"b}\n"+host), "spec.template.spec.hostNetwork",
			[]string{"a: a/kustomization.yaml:7 by resources[0]", "b: b/kustomization.yaml:7 by resources[1]"},
		},
		{
			"the name from elsewhere", "-- kustomization.yaml --\nresources: [a, b]\n" + base + web("a", label+copies+host) + web("b", "    - {op: add, path: /metadata/labels, value: {team: blue}}\n"+copies+host), "spec.template.spec.hostNetwork",
			[]string{"red: base/web.yaml:4", "blue: base/web.yaml:4"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := write(t, tt.files)
			t.Chdir(dir)
			r, _ := Build(t.Context(), openTree(t, dir), ".", Options{})
			if r.Unit == nil || len(r.Problems) > 0 {
				t.Fatalf("problems %v", r.Problems)
			}
			var got []string
			for _, o := range r.Unit.Objects {
				origin := o.Locate(o.Root.Get(tt.path))
				places := []string{o.Name + ": " + at(origin)}
				for _, s := range origin.Trail {
					if s.Kind == lint.StepKustomization && strings.HasPrefix(s.Label, "resources") && strings.HasPrefix(s.Position.File, "kustomization") {
						places = append(places, s.Label)
					}
				}
				got = append(got, strings.Join(places, " by "))
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got\n%v, want\n%v", got, tt.want)
			}
		})
	}
}
