package kustomize

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
)

// TestPlaces has each value set by something else than a patch or an entry of the
// kustomization: the place is where a person changes it.
func TestPlaces(t *testing.T) {
	const pod = `-- pod.yaml --
apiVersion: v1
kind: Pod
metadata:
  name: p
spec:
  hostNetwork: false
  containers:
  - name: one
    image: a:1
    securityContext:
      privileged: true
  - name: two
    image: b:1
`
	const settings = `-- settings.yaml --
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data:
  host: "true"
  pid: "true"
  image: registry.example.org/a
`
	builtin := func(kind, rest string) string {
		return "apiVersion: builtin\nkind: " + kind + "\nmetadata: {name: t}\n" + rest
	}
	transformer := func(kind, rest string) string {
		return "-- kustomization.yaml --\nresources: [pod.yaml]\ntransformers: [t.yaml]\n-- t.yaml --\n" + builtin(kind, rest) + pod
	}
	inline := func(field, kind, rest string) string {
		return "-- kustomization.yaml --\nresources: [pod.yaml]\n" + field + ":\n- |-\n" + indented(builtin(kind, rest), "  ") + pod
	}
	replaced := "-- kustomization.yaml --\nresources: [pod.yaml, settings.yaml]\nreplacements:\n- path: r.yaml\n- source: {kind: ConfigMap, name: settings, fieldPath: data.host}\n  targets:\n  - select: {kind: Pod}\n    fieldPaths: [spec.hostNetwork]\n" +
		"- source: {kind: ConfigMap, name: settings, fieldPath: data.pid}\n  targets:\n  - select: {kind: Pod}\n    fieldPaths:\n    - spec.hostPID\n    options: {create: true}\n" +
		"-- r.yaml --\n- source: {kind: ConfigMap, name: settings, fieldPath: data.image}\n  targets:\n  - select: {kind: Pod, name: p}\n    fieldPaths:\n    - spec.containers.[name=one].image\n    options: {delimiter: \":\"}\n" + pod + settings
	copied := "-- kustomization.yaml --\nresources: [pod.yaml]\npatches:\n- target: {kind: Pod}\n  patch: |-\n    - op: copy\n      from: /spec/containers/0/securityContext\n      path: /spec/containers/1/securityContext\n    - op: move\n      from: /spec/containers/0/image\n      path: /spec/containers/1/image\n" + pod
	renamed := "-- kustomization.yaml --\nnamespace: prod\nresources: [d.yaml]\ncomponents: [c]\n-- c/kustomization.yaml --\napiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n- path: p.yaml\n  target: {kind: StatefulSet, name: a}\n  options: {allowKindChange: true}\n" +
		"- target: {kind: Deployment}\n  patch: |-\n    - op: add\n      path: /spec/template/spec/hostPID\n      value: true\n-- c/p.yaml --\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a, namespace: x}\nspec: {replicas: 1}\n" +
		"-- d.yaml --\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: a, namespace: x}\nspec:\n  selector: {matchLabels: {a: b}}\n  template:\n    metadata: {labels: {a: b}}\n    spec:\n      containers:\n      - name: one\n        image: a:latest\n"
	const roleKind = "- target: {group: rbac.authorization.k8s.io, kind: ClusterRole}\n  patch: |-\n    - op: replace\n      path: /kind\n      value: Role\n"
	rekinded := "-- kustomization.yaml --\nnamespace: prod\nresources: [role.yaml]\ncomponents: [c]\n-- c/kustomization.yaml --\napiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n" + roleKind +
		"-- role.yaml --\napiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: b}\nrules: []\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: a\nrules:\n- apiGroups: [\"\"]\n  resources:\n  - nodes\n  verbs: [get]\n"
	rekindedAndRenamed := strings.NewReplacer(roleKind, roleKind+"    - op: replace\n      path: /metadata/name\n      value: other\n", "namespace: prod", "namePrefix: shop-").Replace(rekinded)
	vars := "-- kustomization.yaml --\nresources: [d.yaml, settings.yaml]\nvars:\n- name: IMAGE\n  objref: {kind: ConfigMap, name: settings, apiVersion: v1}\n  fieldref: {fieldpath: data.image}\n-- d.yaml --\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: one\n    image: x:1\n    args: [\"--image=$(IMAGE):1\"]\n" + settings
	for _, tt := range []struct{ name, files, object, path, want, text string }{
		{"patch", transformer("PatchTransformer", "target: {kind: Pod}\npatch: |-\n  - op: add\n    path: /spec/hostIPC\n    value: true\n"), "Pod/p", "spec|hostIPC", "t.yaml:8", "value: true"},
		{"patch of two", transformer("PatchTransformer", "target: {kind: Pod}\npatch: |-\n  apiVersion: v1\n  kind: Pod\n  metadata: {name: p}\n  spec:\n    hostIPC: true\n"), "Pod/p", "spec|hostIPC", "t.yaml:10", "hostIPC: true"},
		{"patch file", transformer("PatchTransformer", "target: {kind: Pod}\npath: p.yaml\n") + "-- p.yaml --\n- op: add\n  path: /spec/hostIPC\n  value: true\n", "Pod/p", "spec|hostIPC", "p.yaml:3", "value: true"},
		{"JSON patch", transformer("PatchJson6902Transformer", "target: {kind: Pod, name: p, version: v1}\njsonOp: |-\n  - op: add\n    path: /spec/hostIPC\n    value: true\n"), "Pod/p", "spec|hostIPC", "t.yaml:8", "value: true"},
		{"kind by an operation", rekinded, "Role/a", "rules|0|resources|0", "role.yaml:13", "- nodes"},
		{"kind and name by operations", rekindedAndRenamed, "Role/shop-other", "rules|0|resources|0", "role.yaml:13", "- nodes"},
		{"the kind itself", rekinded, "Role/a", "kind", "c/kustomization.yaml:8", "value: Role"},
		{"image", transformer("ImageTagTransformer", "imageTag:\n  name: b\n  newTag: latest\n"), "Pod/p", "spec|containers|two|image", "t.yaml:6", "newTag: latest"},
		{"label", transformer("LabelTransformer", "labels:\n  team: shop\nfieldSpecs: [{path: metadata/labels, create: true}]\n"), "Pod/p", "metadata|labels|team", "t.yaml:5", "team: shop"},
		{"annotation", transformer("AnnotationsTransformer", "annotations:\n  owner: shop\nfieldSpecs: [{path: metadata/annotations, create: true}]\n"), "Pod/p", "metadata|annotations|owner", "t.yaml:5", "owner: shop"},
		{"prefix", transformer("PrefixTransformer", "prefix: a-\nfieldSpecs: [{path: metadata/name}]\n"), "Pod/a-p", "metadata|name", "t.yaml:4", "prefix: a-"},
		{"suffix", transformer("SuffixTransformer", "suffix: -a\nfieldSpecs: [{path: metadata/name}]\n"), "Pod/p-a", "metadata|name", "t.yaml:4", "suffix: -a"},
		{"namespace", strings.Replace(transformer("NamespaceTransformer", "fieldSpecs: [{path: metadata/namespace, create: true}]\n"), "{name: t}", "{name: t, namespace: shop}", 1), "Pod/p", "metadata|namespace", "t.yaml:3", "namespace: shop"},
		{"replacement", transformer("ReplacementTransformer", "replacements:\n- source: {kind: Pod, name: p, fieldPath: spec.containers.0.image}\n  targets:\n  - select: {kind: Pod}\n    fieldPaths: [spec.containers.1.image]\n"), "Pod/p", "spec|containers|two|image", "t.yaml:8", "spec.containers.1.image"},
		{"inline patch", inline("transformers", "PatchTransformer", "target: {kind: Pod}\npatch: |-\n  - op: add\n    path: /spec/hostIPC\n    value: true\n"), "Pod/p", "spec|hostIPC", "kustomization.yaml:11", "value: true"},
		{"inline generator", inline("generators", "ConfigMapGenerator", "literals: [password=a-b-c]\n"), "ConfigMap/t-", "data|password", "kustomization.yaml:7", "password=a-b-c"},
		{"generator", "-- kustomization.yaml --\ngenerators: [g.yaml]\n-- g.yaml --\n" + builtin("SecretGenerator", "literals:\n- password=a-b-c\n"), "Secret/t-", "data|password", "g.yaml:5", "password=a-b-c"},
		{"object of a generator", "-- kustomization.yaml --\ngenerators: [g.yaml]\n-- g.yaml --\n" + builtin("SecretGenerator", "literals:\n- password=a-b-c\n"), "Secret/t-", "", "g.yaml:3", "name: t"},
		{"replacement over a field", replaced, "Pod/p", "spec|hostNetwork", "kustomization.yaml:7", "spec.hostNetwork"},
		{"replacement that adds a field", replaced, "Pod/p", "spec|hostPID", "kustomization.yaml:12", "spec.hostPID"},
		{"replacement in a file", replaced, "Pod/p", "spec|containers|one|image", "r.yaml:5", "spec.containers.[name=one].image"},
		{"copy", copied, "Pod/p", "spec|containers|two|securityContext|privileged", "kustomization.yaml:6", "from: /spec/containers/0/securityContext"},
		{"original of a copy", copied, "Pod/p", "spec|containers|one|securityContext|privileged", "pod.yaml:11", "privileged: true"},
		{"move", copied, "Pod/p", "spec|containers|two|image", "kustomization.yaml:9", "from: /spec/containers/0/image"},
		{"change of kind", renamed, "Deployment/a", "spec|template|spec|containers|one|image", "d.yaml:11", "image: a:latest"},
		{"patch of a change of kind", renamed, "Deployment/a", "spec|template|spec|hostPID", "c/kustomization.yaml:11", "value: true"},
		{"changed kind", renamed, "Deployment/a", "kind", "c/p.yaml:2", "kind: Deployment"},
		{"namespace of a change of kind", renamed, "Deployment/a", "metadata|namespace", "kustomization.yaml:1", "namespace: prod"},
		{"variable", vars, "Pod/p", "spec|containers|one|args|0", "d.yaml:8", "--image=$(IMAGE):1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := write(t, tt.files)
			t.Chdir(dir)
			var c tally
			c.compare(t, overlay{dir, "."}, false)
			r, _ := Build(t.Context(), openTree(t, dir), ".", Options{})
			if r.Unit == nil || len(r.Problems) > 0 || c.identical != 1 {
				t.Fatalf("problems %v, %+v", r.Problems, c)
			}
			if strings.HasSuffix(tt.object, "-") { // a hash follows
				for _, o := range r.Unit.Objects {
					if strings.HasPrefix(o.Kind+"/"+o.Name, tt.object) {
						tt.object = o.Kind + "/" + o.Name
					}
				}
			}
			o, v := value(t, r, tt.object, cmpOr(tt.path, "kind"))
			if tt.path == "" {
				v = o.Root
			}
			o.Locate(v.Get("none.below")) // at the key
			got := o.Locate(v)
			if at := fmt.Sprintf("%s:%d", got.File, got.Line); at != tt.want || !strings.Contains(got.Text, tt.text) || tt.path != "" && got.Precision != lint.PrecisionExact {
				t.Errorf("%s %q (%s), want %s %q; trail %s", at, got.Text, got.Precision, tt.want, tt.text, steps(got))
			}
		})
	}
}
