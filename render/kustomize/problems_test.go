package kustomize

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/kubevet/kubevet/lint"
)

const (
	configMap = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: %s\ndata:\n  key: %s\n"
)

func cm(name, value string) string { return fmt.Sprintf(configMap, name, value) }

// TestProblems breaks overlays in one way each: the problem is at its line,
// and the rest is built.
func TestProblems(t *testing.T) {
	sealed(t)
	inShop := "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n  namespace: shop\n"
	keep := "-- o/keep.yaml --\n" + cm("keep", "a")
	for _, tt := range []struct {
		name, files string
		want        []string // file:line[:column] message, as substrings
		objects     int      // built; -1 for none at all
		notes       int
	}{
		{
			"patch without the namespace", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\n- a.yaml\npatches:\n- path: p.yaml\n" + keep + "-- o/a.yaml --\n" + inShop + "-- o/p.yaml --\n" + cm("a", "b"),
			[]string{"o/p.yaml:4:9: the patch matches nothing: ConfigMap/a is in namespace shop, and the patch names none; the rest"},
			2, 0,
		},
		{
			"patch with the namespace", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\n- a.yaml\npatches:\n- path: p.yaml\n" + keep + "-- o/a.yaml --\n" + inShop + "-- o/p.yaml --\n" + inShop + "data: {key: b}\n",
			nil,
			2, 0,
		},
		{
			"patch with another namespace", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\n- a.yaml\npatchesStrategicMerge:\n- p.yaml\n" + keep + "-- o/a.yaml --\n" + inShop + "-- o/p.yaml --\n" + strings.Replace(inShop, "shop", "web", 1),
			[]string{"o/p.yaml:4:9: the patch matches nothing: ConfigMap/a is in namespace shop, and the patch names web; the rest"},
			2, 0,
		},
		{
			"patch without the namespace of several", "-- o/kustomization.yaml --\nresources:\n- a.yaml\n- b.yaml\npatches:\n- path: p.yaml\n" + "-- o/a.yaml --\n" + inShop + "-- o/b.yaml --\n" + strings.Replace(inShop, "shop", "web", 1) + "-- o/p.yaml --\n" + cm("a", "b"),
			[]string{"o/kustomization.yaml:5:9: the patch matches nothing: no ConfigMap/a among the resources"},
			2, 0,
		},
		{
			"missing resource", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\n- absent.yaml\n" + keep,
			[]string{"o/kustomization.yaml:3:3: absent.yaml does not exist"},
			1, 0,
		},
		{
			"resource in other case", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\n- ../base/web.yaml\n" + keep + "-- Base/Web.yaml --\n" + cm("web", "a"),
			[]string{"o/kustomization.yaml:3:3: ../base/web.yaml does not exist, but ../Base/Web.yaml does, whose letters differ in case"},
			1, 0,
		},
		{
			"resource in several other cases", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\n- web.yaml\n" + keep + "-- o/Web.yaml --\n" + cm("web", "a") + "-- o/WEB.yaml --\n" + cm("web", "a"),
			[]string{"o/kustomization.yaml:3:3: web.yaml does not exist; the rest"},
			1, 0,
		},
		{
			"merge conflict", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\n- web.yaml\n" + keep + "-- o/web.yaml --\nkind: ConfigMap\n<<<<<<< HEAD\na: b\n=======\na: c\n>>>>>>> other\n",
			[]string{"o/web.yaml:2:1: invalid YAML: unresolved merge conflict of Git (<<<<<<<, =======, >>>>>>>), up to line 6; the document was left out"},
			1, 0,
		},
		{
			"empty patch", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\npatchesStrategicMerge:\n- p.yaml\n" + keep + "-- o/p.yaml --\n\n",
			[]string{"o/kustomization.yaml:4:3: patchesStrategicMerge[0]: it is empty; the rest was built without it"},
			1, 0,
		},
		{
			"configuration with an unknown field", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\nconfigurations:\n- names.yaml\n" + keep + "-- o/names.yaml --\napiVersion: builtin\nkind: NameReference\n",
			[]string{"o/kustomization.yaml:4:3: configurations[0]: it has the field apiVersion, which kustomize does not know there; the rest was built without it"},
			1, 0,
		},
		{
			"missing patch file", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\npatches:\n- path: absent.yaml\n" + keep,
			[]string{"o/kustomization.yaml:4:9: absent.yaml does not exist"},
			1, 0,
		},
		{
			"cycle of itself", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\n- ../o\n" + keep,
			[]string{"o/kustomization.yaml:3:3: ../o leads back"},
			1, 0,
		},
		{
			"cycle of two", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\n- ../p\n" + keep + "-- p/kustomization.yaml --\nresources:\n- ../o\n",
			[]string{"p/kustomization.yaml:2:3: ../o leads back"},
			1, 0,
		},
		{
			"patch of nothing", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\npatches:\n- path: p.yaml\n" + keep + "-- o/p.yaml --\n" + cm("other", "b"),
			[]string{"o/kustomization.yaml:4:9: the patch matches nothing: no ConfigMap/other"},
			1, 0,
		},
		{
			"patch of what Flux may add", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\npatches:\n- path: p.yaml\n" + keep + "-- o/p.yaml --\n" + cm("${APP}-other", "b"),
			nil, 1, 1,
		},
		{
			"patch of two", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\n- ../b\npatches:\n- path: p.yaml\n" + keep + "-- b/kustomization.yaml --\nnamePrefix: b-\nresources:\n- keep.yaml\n-- b/keep.yaml --\n" + cm("keep", "c") + "-- o/p.yaml --\n" + cm("keep", "b"),
			[]string{"o/kustomization.yaml:5:9: the patch matches several resources: ConfigMap/keep"},
			2, 0,
		},
		{
			"merge of nothing", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\npatchesStrategicMerge:\n- p.yaml\n" + keep + "-- o/p.yaml --\n" + cm("other", "b"),
			[]string{"o/kustomization.yaml:4:3: the patch matches nothing: no ConfigMap/other"},
			1, 0,
		},
		{
			"bad operation", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\npatches:\n- target: {kind: ConfigMap}\n  patch: |-\n    - op: remove\n      path: /data/none\n" + keep,
			[]string{"o/kustomization.yaml:6:7: patches[0]: remove /data/none cannot be applied"},
			1, 0,
		},
		{
			"operations without target", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\npatchesJson6902:\n- path: p.yaml\n" + keep + "-- o/p.yaml --\n- {op: add, path: /data/x, value: \"y\"}\n",
			[]string{"o/kustomization.yaml:4:3: the patch has no target"},
			1, 0,
		},
		{
			"operations without target beside a remote base", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\n- https://example.com/a//b?ref=v1\npatchesJson6902:\n- path: p.yaml\n  target:\n" + keep + "-- o/p.yaml --\n- {op: add, path: /data/x, value: \"y\"}\n",
			[]string{"o/kustomization.yaml:3:3: https://example.com/a//b?ref=v1 is remote", "o/kustomization.yaml:5:3: the patch has no target"},
			1, 0,
		},
		{
			"patch without target", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\npatches:\n- patch: |-\n    - op: add\n      path: /data/x\n      value: y\n" + keep,
			[]string{"o/kustomization.yaml:4:3: patches[0]: must specify a target"},
			1, 0,
		},
		{
			"broken base", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\n- ../b\n" + keep + "-- b/kustomization.yaml --\nresources:\n- bad.yaml\n- more.yaml\n-- b/more.yaml --\n" + cm("more", "c") + "-- b/bad.yaml --\nkind: A\n---\nx: [\ny: 1\n",
			[]string{"b/bad.yaml:"},
			2, 0,
		},
		{
			"repeated key", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\n- again.yaml\n" + keep + "-- o/again.yaml --\n" + strings.Replace(cm("again", "b"), "\ndata:", "\ndata: {key: a}\ndata:", 1),
			[]string{`o/again.yaml:6:1: duplicate key "data", first at line 5`},
			2, 0,
		},
		{
			"repeated keys in flow style", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\n- again.yaml\n" + keep + "-- o/again.yaml --\n{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"a\", \"name\": \"b\"}}\n",
			[]string{`o/again.yaml:1:69: duplicate key "name"`},
			2, 0,
		},
		{
			"repeated key in a patch", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\npatches:\n- path: p.yaml\n" + keep + "-- o/p.yaml --\n" + cm("keep", "a") + "  key: b\n",
			[]string{`o/p.yaml:7:3: duplicate key "key"`},
			1, 0,
		},
		{
			"broken document beside others", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\n- more.yaml\n" + keep + "-- o/more.yaml --\n" + cm("one", "a") + "---\na: [\n---\n" + cm("two", "b"),
			[]string{"o/more.yaml:8:1: invalid YAML"},
			3, 0,
		},
		{
			"merge of a generator into nothing", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\nconfigMapGenerator:\n- name: other\n  behavior: merge\n  literals: [a=b]\n" + keep,
			[]string{"o/kustomization.yaml:4:3: configMapGenerator[0] has behavior merge, but there is no ConfigMap/other to change"},
			1, 0,
		},
		{
			"generator of what is there", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\nconfigMapGenerator:\n- name: keep\n  literals: [a=b]\n" + keep,
			[]string{"o/kustomization.yaml:4:3: configMapGenerator[0] creates ConfigMap/keep, which is there already"},
			1, 0,
		},
		{
			"broken inline patch", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\npatches:\n- patch: |-\n    kind: ConfigMap\n    a: [\n" + keep,
			[]string{"o/kustomization.yaml:"},
			1, 0,
		},
		{
			"broken kustomization", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\n- ../b\n" + keep + "-- b/kustomization.yaml --\nresources: [\n",
			[]string{"b/kustomization.yaml:"},
			1, 0,
		},
		{
			"broken root", "-- o/kustomization.yaml --\nresources:\n  - a\n b: c\n",
			[]string{"o/kustomization.yaml:"},
			-1, 0,
		},
		{
			"duplicate", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\n- again.yaml\n" + keep + "-- o/again.yaml --\n" + cm("keep", "b"),
			[]string{"o/kustomization.yaml:3:3: again.yaml declares ConfigMap/keep, which is there already"},
			1, 0,
		},
		{
			"duplicate of a base", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\n- ../b\n" + keep + "-- b/kustomization.yaml --\nresources:\n- b.yaml\n-- b/b.yaml --\n" + cm("keep", "b"),
			[]string{"o/kustomization.yaml:3:3: ../b declares ConfigMap/keep"},
			1, 0,
		},
		{
			"unknown field", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\nresource:\n- a\n" + keep,
			[]string{`o/kustomization.yaml:3:1: unknown field "resource"`},
			1, 0,
		},
		{"no kustomization", "-- o/keep.yaml --\n" + cm("keep", "b"), []string{"o: "}, -1, 0},
		{
			"base without one", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\n- ../b\n" + keep + "-- b/x.yaml --\na: b\n",
			[]string{"o/kustomization.yaml:3:3: ../b holds no kustomization.yaml"},
			1, 0,
		},
		{
			"outside the tree", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\n- ../../../secret.yaml\n- /etc/hostname\n" + keep,
			[]string{"o/kustomization.yaml:3:3: ../../../secret.yaml lies outside", "o/kustomization.yaml:4:3: /etc/hostname lies outside"},
			1, 0,
		},
		{
			"outside the directory", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\n- ../x.yaml\n" + keep + "-- x.yaml --\n" + cm("x", "y"),
			[]string{"o/kustomization.yaml:3:3: ../x.yaml lies outside of the kustomization's directory"},
			1, 0,
		},
		{
			"a resource that is no object", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\n- x.yaml\n" + keep + "-- o/x.yaml --\nNot Found\n",
			[]string{"o/kustomization.yaml:3:3: resources[1]: missing Resource metadata; the rest was built without it"},
			1, 0,
		},
		{
			"variable of no object", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\nvars:\n- name: A\n  objref: {kind: Service, version: v1, name: none}\n" + keep,
			[]string{"o/kustomization.yaml:4:3: vars[0]: its objref finds no object of the overlay; the rest was built without it"},
			1, 0,
		},
		{
			"images where there is a list of words", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\n- psp.yaml\nimages:\n- name: a\n  newTag: b\n" + keep +
				"-- o/psp.yaml --\napiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata:\n  name: a\nspec:\n  volumes: [secret]\n",
			[]string{"o/kustomization.yaml:3:3: resources[1]: kustomize cannot go into spec/volumes[]/image/reference of PodSecurityPolicy to replace images: its volumes are names; the rest was built without it"},
			1, 0,
		},
		{
			"component that merges into nothing", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\ncomponents:\n- ../c\n" + keep +
				"-- c/kustomization.yaml --\nkind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nconfigMapGenerator:\n- name: none\n  behavior: merge\n  literals: [a=b]\n",
			[]string{"c/kustomization.yaml:4:3: configMapGenerator[0] has behavior merge, but there is no ConfigMap/none to change"},
			1, 0,
		},
		{
			"component as resource", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\n- ../c\n" + keep + "-- c/kustomization.yaml --\nkind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nnamePrefix: a-\n",
			[]string{"o/kustomization.yaml:3:3: resources[1]: it is a component, whose place is components"},
			1, 0,
		},
		{
			"bad component", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\ncomponents:\n- keep.yaml\n" + keep,
			[]string{"o/kustomization.yaml:4:3: component keep.yaml is a file"},
			1, 0,
		},
		{
			"bad replacement", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\nreplacements:\n- source: {kind: Secret, name: none}\n  targets:\n  - select: {kind: ConfigMap}\n    fieldPaths: [data.key]\n" + keep,
			[]string{"o/kustomization.yaml:4:3: replacements[0]: its source selects nothing: there is no Secret/none"},
			1, 0,
		},
		{
			"types of values", "-- o/kustomization.yaml --\nresources: keep.yaml\nnamePrefix: [a]\nimages:\n- name: a\n  newTag: 1.10\nreplicas:\n- {name: k, count: many}\ngeneratorOptions:\n  disableNameSuffixHash: \"true\"\nconfigMapGenerator:\n- name: b\npatches:\n- p.yaml\n" + keep,
			[]string{
				"o/kustomization.yaml:9:26: generatorOptions.disableNameSuffixHash is a string, want a boolean",
				"o/kustomization.yaml:5:11: images[0].newTag is a number, want a string",
				"o/kustomization.yaml:2:14: namePrefix is a list, want a string",
				"o/kustomization.yaml:13:3: patches[0] is a string, want a mapping",
				"o/kustomization.yaml:7:20: replicas[0].count is a string, want a number",
				"o/kustomization.yaml:1:12: resources is a string, want a list",
			},
			2, 0,
		},
		{
			"kind of a kustomization", "-- o/kustomization.yaml --\napiVersion: kustomize.config.k8s.io/v1\nkind: Kustomisation\nresources: [keep.yaml]\n" + keep,
			[]string{"o/kustomization.yaml:2:7: kind is Kustomisation, want Kustomization or Component", "o/kustomization.yaml:1:13: apiVersion is kustomize.config.k8s.io/v1, want kustomize.config.k8s.io/v1beta1"},
			1, 0,
		},
		{
			"replicas of nothing", "-- o/kustomization.yaml --\nresources: [keep.yaml]\nreplicas:\n- name: other\n  count: 2\n" + keep,
			[]string{"o/kustomization.yaml:3:3: replicas[0] matches nothing: no Deployment, StatefulSet, ReplicaSet or ReplicationController has the name other"},
			1, 0,
		},
		{
			"patch without a kind", "-- o/kustomization.yaml --\nresources: [keep.yaml]\npatchesStrategicMerge: [p.yaml]\n" + keep + "-- o/p.yaml --\nmetadata: {name: k}\n",
			[]string{"o/kustomization.yaml:2:25: patchesStrategicMerge[0]: an object in it has no kind"},
			1, 0,
		},
		{
			"operations in flow style", "-- o/kustomization.yaml --\nresources: [keep.yaml]\npatches:\n- target: {kind: ConfigMap}\n  patch: '[{op: remove, path: /data}]'\n" + keep,
			[]string{"o/kustomization.yaml:3:3: patches[0]: it is neither an object with apiVersion, kind and name nor a list of operations"},
			1, 0,
		},
		{
			"literal without a value", "-- o/kustomization.yaml --\nresources: [keep.yaml]\nsecretGenerator:\n- name: b\n  literals: [hidden]\n" + keep,
			[]string{"o/kustomization.yaml:3:3: secretGenerator[0]: one of its literals is not key=value"},
			1, 0,
		},
		{
			"objects of JSON after each other", "-- o/kustomization.yaml --\nresources: [a.json, b.yaml]\n-- o/a.json --\n{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"a\"}}\n{\"apiVersion\": \"v1\", \"kind\": \"ConfigMap\", \"metadata\": {\"name\": \"b\"}}\n-- o/b.yaml --\n# a comment\n---\n" + cm("c", "d") + "---\n" + cm("e", "f"),
			[]string{"o/a.json:2:1: kustomize does not read what is from here on: no --- is before it"},
			3, 0,
		},
		{
			"patch of what is remote", "-- o/kustomization.yaml --\nresources:\n- keep.yaml\n- https://example.org/a.yaml\npatches:\n- path: p.yaml\n" + keep + "-- o/p.yaml --\n" + cm("other", "b"),
			[]string{"o/kustomization.yaml:3:3: https://example.org/a.yaml is remote"},
			1, 1,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := write(t, tt.files)
			t.Chdir(dir)
			r, _ := Build(t.Context(), openTree(t, dir), "o", Options{LoadRestrictionsRootOnly: tt.name == "outside the directory"})
			n := -1
			if r.Unit != nil {
				n = len(r.Unit.Objects)
			}
			if n != tt.objects || len(r.Problems) != len(tt.want) || len(r.Notes) != tt.notes {
				t.Errorf("%d objects, want %d; problems %v; notes %v", n, tt.objects, r.Problems, r.Notes)
			}
			for i, p := range r.Problems {
				if i < len(tt.want) && !strings.HasPrefix(p.Error(), tt.want[i]) {
					t.Errorf("problem %q\nwant    %q", p.Error(), tt.want[i])
				}
				if strings.Contains(p.Message+p.Help, dir) || p.Help == "" {
					t.Errorf("message %q, help %q", p.Message, p.Help)
				}
			}
		})
	}
}

// TestOffline gives krusty no chance to start a process or to connect: the
// search path holds programs that leave a trace, and so does the transport.
func TestOffline(t *testing.T) {
	sealed(t)
	started := trap(t)
	files := `-- o/kustomization.yaml --
resources:
- keep.yaml
- https://example.org/a.yaml
- HTTP://example.org/a.yaml
- github.com/org/repo/base?ref=v1
- https://github.com/org/repo//base?ref=v1
- git@github.com:org/repo.git
- git::https://example.org/org/repo
- GitHub.com:org/repo
- ssh://git@example.org/org/repo
- file:///etc
- user@host.example:org/repo.git/base
bases:
- http://example.org/base
components:
- https://github.com/org/repo//component
crds:
- https://example.org/crd.json
configurations:
- https://example.org/config.yaml
openapi:
  path: https://example.org/schema.json
patches:
- path: https://example.org/patch.yaml
patchesStrategicMerge:
- https://example.org/patch.yaml
patchesJson6902:
- target: {kind: ConfigMap, name: keep, version: v1}
  path: https://example.org/patch.yaml
replacements:
- path: https://example.org/replacement.yaml
configMapGenerator:
- name: a
  files: [x=https://example.org/x]
- name: b
  envs: [https://example.org/x]
secretGenerator:
- name: c
  env: https://example.org/x
generators:
- https://example.org/generator.yaml
- exec.yaml
- made
- |-
  apiVersion: builtin
  kind: ConfigMapGenerator
  metadata: {name: d}
  files: [a=https://example.org/x]
- |-
  apiVersion: builtin
  kind: HelmChartInflationGenerator
  metadata: {name: e}
  name: chart
  repo: https://example.org/charts
transformers:
- |-
  apiVersion: builtin
  kind: PatchTransformer
  metadata: {name: f}
  path: https://example.org/patch.yaml
validators:
- |-
  apiVersion: example.org/v1
  kind: Validator
  metadata:
    name: g
    annotations:
      config.kubernetes.io/function: |
        container: {image: example.org/image}
helmCharts:
- name: chart
  repo: https://example.org/charts
helmChartInflationGenerator:
- chartName: chart
  chartRepoUrl: https://example.org/charts
-- o/exec.yaml --
apiVersion: example.org/v1
kind: Generator
metadata:
  name: ksops
  annotations:
    config.kubernetes.io/function: |
      exec: {path: plugin}
-- o/made/kustomization.yaml --
resources: [plugin.yaml]
namePrefix: a-
-- o/made/plugin.yaml --
apiVersion: builtin
kind: PatchTransformer
metadata: {name: made}
path: patch.yaml
-- o/keep.yaml --
` + cm("keep", "a")
	dir := write(t, files)
	t.Chdir(dir)
	r, _ := Build(t.Context(), openTree(t, dir), "o", Options{})
	if r.Unit == nil || len(r.Unit.Objects) != 1 {
		t.Errorf("want the one local object, got %v", r.Unit)
	}
	const entries = 31
	if len(r.Problems) != entries {
		t.Errorf("%d problems, want %d", len(r.Problems), entries)
	}
	for _, p := range r.Problems {
		if p.Line == 0 || p.Help == "" || strings.Contains(p.Message, "no network in tests") {
			t.Errorf("problem %v (%s)", p, p.Help)
		}
	}
	if l := started(); l != "" {
		t.Errorf("started: %s", l)
	}
}

// trap fills the search path with programs that only leave a trace. The result
// returns which were started.
func trap(t *testing.T) (started func() string) {
	t.Helper()
	bin, trace := t.TempDir(), filepath.Join(t.TempDir(), "trace")
	for _, name := range []string{"git", "helm", "sh", "docker", "plugin"} {
		script := "#!/bin/sh\necho $0 $* >> " + trace + "\n"
		if err := os.WriteFile(filepath.Join(bin, name), []byte(script), 0o700); err != nil { //nolint:gosec // must be executable
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", bin)
	return func() string {
		b, err := os.ReadFile(trace)
		if err != nil {
			return ""
		}
		return string(b)
	}
}

// TestOfflineTricks hides a repository where a look at the text might miss it.
func TestOfflineTricks(t *testing.T) {
	sealed(t)
	started := trap(t)
	const remote = "resources:\n- https://github.com/org/repo\n- keep.yaml\n"
	for name, files := range map[string]string{
		"a kustomization that is data too":     "-- o/kustomization.yaml --\nresources: [b]\nconfigMapGenerator:\n- name: c\n  files: [b/kustomization.yaml]\n-- o/b/kustomization.yaml --\n" + remote + "-- o/b/keep.yaml --\n" + cm("keep", "a"),
		"a line break at the end":              "-- o/kustomization.yaml --\nresources:\n- \"https://github.com/org/repo\\n\"\n- keep.yaml\n-- o/keep.yaml --\n" + cm("keep", "a"),
		"a broken file of the same name":       "-- o/kustomization.yaml --\nresources:\n- git@github.com:org/repo\n- keep.yaml\n-- o/git@github.com:org/repo --\na: [\n-- o/keep.yaml --\n" + cm("keep", "a"),
		"a value outside of a list of plugins": "-- o/kustomization.yaml --\nresources: [keep.yaml]\ntransformers:\n- t.yaml\n-- o/t.yaml --\napiVersion: v1\nkind: List\nx: &u https://example.org/a\nitems:\n- apiVersion: builtin\n  kind: PatchTransformer\n  metadata: {name: a}\n  path: *u\n-- o/keep.yaml --\n" + cm("keep", "a"),
		"other case of a field":                "-- o/kustomization.yaml --\nRESOURCES:\n- https://github.com/org/repo\n- keep.yaml\n-- o/keep.yaml --\n" + cm("keep", "a"),
		"a link":                               "-- o/real.yaml --\n" + remote + "-- o/keep.yaml --\n" + cm("keep", "a"),
	} {
		t.Run(name, func(t *testing.T) {
			dir := write(t, files)
			if name == "a link" {
				if err := os.Symlink("real.yaml", filepath.Join(dir, "o", "kustomization.yaml")); err != nil {
					t.Skip(err)
				}
			}
			for _, none := range []bool{false, true} {
				r, _ := Build(t.Context(), openTree(t, dir), "o", Options{LoadRestrictionsRootOnly: !none})
				if r.Unit == nil || len(r.Unit.Objects) == 0 || len(r.Problems) != 1 || strings.Contains(r.Problems[0].Message, "no network in tests") {
					t.Errorf("built %v, problems %v", r.Unit, r.Problems)
				}
			}
			if l := started(); l != "" {
				t.Errorf("started: %s", l)
			}
		})
	}
	// The trap works: kustomize itself falls into it.
	dir := write(t, "-- o/kustomization.yaml --\n"+remote)
	if _, err := plain(overlay{dir, "o"}, false); err == nil || !strings.Contains(started(), "git") {
		t.Errorf("kustomize did not start git: %v", err)
	}
}

func TestIsRemote(t *testing.T) {
	for path, want := range map[string]bool{
		"../base": false, "base": false, "github.com": false, "a@b/c": true, "1@b/c": false, "x/github.com/a": false,
		"github.com/a/b": true, "git::../a": true, "https:a": true, "base?ref=x": false, "file://x": true,
	} {
		if isRemote(path) != want {
			t.Errorf("%s: want %v", path, want)
		}
	}
}

// TestText reads the same overlay in other clothes.
func TestText(t *testing.T) {
	files := "-- o/kustomization.yaml --\nresources:\n- a.yaml\npatches:\n- patch: |\n    apiVersion: v1\n    kind: ConfigMap\n    metadata: {name: b}\n    data:\n      more: other\n-- o/a.yaml --\n" + cm("a", "x") + "---\n" + cm("b", "y")
	for name, edit := range map[string]func(file, text string) string{
		"plain": func(_, s string) string { return s },
		"CRLF":  func(_, s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
		"BOM": func(file, s string) string {
			if strings.HasSuffix(file, "a.yaml") {
				return "\ufeff" + s
			}
			return s
		},
		"separator first": func(file, s string) string {
			if strings.HasSuffix(file, "a.yaml") {
				return "---\n" + s
			}
			return s
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := write(t, files)
			for _, f := range []string{"o/kustomization.yaml", "o/a.yaml"} {
				data, err := os.ReadFile(filepath.Join(dir, f))
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(dir, f), []byte(edit(f, string(data))), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var c tally
			c.compare(t, overlay{dir, "o"}, false)
			if c.identical != 1 || c.exact != c.scalars {
				t.Errorf("%+v", c)
			}
		})
	}
}

// TestHelmChart has a chart rendered by the caller pass through the overlay.
func TestHelmChart(t *testing.T) {
	dir := write(t, "-- o/kustomization.yaml --\nnamePrefix: a-\nhelmCharts:\n- name: c\n  releaseName: r\n-- o/charts/c/Chart.yaml --\nname: c\n")
	t.Chdir(dir)
	tr := openTree(t, dir)
	text := cm("made", "v")
	opts := Options{HelmChart: func(_ context.Context, c HelmChart) *lint.Rendered {
		if c.Dir != "o/charts/c" || c.ReleaseName != "r" || c.Kustomization != "o" {
			t.Errorf("asked for %+v", c)
		}
		return &lint.Rendered{Texts: []lint.RenderedText{{Name: "t", Text: text, Origin: func(line int) lint.Origin {
			return lint.Origin{Position: lint.Position{File: "o/charts/c/templates/t.yaml", Line: 10 + line}}
		}}}}
	}}
	r, _ := Build(t.Context(), tr, "o", opts)
	if len(r.Problems) > 0 {
		t.Fatal(r.Problems)
	}
	o, v := value(t, r, "ConfigMap/a-made", "data|key")
	if got := o.Locate(v); got.String() != "o/charts/c/templates/t.yaml:16" {
		t.Errorf("data.key is from %v", got.Position)
	}
	if r, _ = Build(t.Context(), tr, "o", Options{}); len(r.Problems) != 1 || r.Problems[0].Line != 3 {
		t.Errorf("without a renderer: %v", r.Problems)
	}
}

// TestEnded pins that a build whose context has ended is reported as not built.
func TestEnded(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := write(t, "-- kustomization.yaml --\nresources: []\n")
	r, _ := Build(ctx, openTree(t, dir), ".", Options{})
	if r.Unit != nil || len(r.Problems) != 1 || !strings.Contains(r.Problems[0].Message, "not built: context canceled") {
		t.Errorf("got unit %v, problems %v", r.Unit, r.Problems)
	}
}

// TestConcurrent builds many overlays at once: the same bytes as one by one.
func TestConcurrent(t *testing.T) {
	tr := openTree(t, "testdata/shop")
	dirs := []string{"production", "variants/all", "lists", "base"}
	want := map[string]string{}
	for _, d := range dirs {
		r, _ := Build(t.Context(), tr, d, Options{})
		want[d] = r.Texts[0].Text
	}
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			d := dirs[i%len(dirs)]
			r, _ := Build(t.Context(), tr, d, Options{})
			if r.Texts[0].Text != want[d] {
				t.Errorf("%s: other bytes", d)
			}
			for _, o := range r.Unit.Objects {
				o.Locate(o.Root)
			}
		})
	}
	wg.Wait()
}

// TestPluginsOfAFolder checks that the plugins of a kustomization are run which has nothing but files
// and a namespace.
func TestPluginsOfAFolder(t *testing.T) {
	dir := write(t, `-- o/kustomization.yaml --
resources: [pod.yaml]
transformers: [images]
-- o/images/kustomization.yaml --
namespace: web
resources: [tag.yaml]
-- o/images/tag.yaml --
apiVersion: builtin
kind: ImageTagTransformer
metadata: {name: tag}
imageTag: {name: app, newTag: v2}
-- o/pod.yaml --
apiVersion: v1
kind: Pod
metadata: {name: app}
spec: {containers: [{name: app, image: app}]}
`)
	r, _ := Build(t.Context(), openTree(t, dir), "o", Options{})
	if r.Unit == nil || len(r.Problems) > 0 {
		t.Fatal(r.Problems)
	}
	for c := range r.Unit.Objects[0].Root.Get("spec.containers").Items() {
		if image := c.Get("image").Text(); image != "app:v2" {
			t.Errorf("the image is %s", image)
		}
	}
}
