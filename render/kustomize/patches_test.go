package kustomize

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
)

// patchedPod is built with some patches.
func patchedPod(t *testing.T, patches string) *lint.Rendered {
	t.Helper()
	dir := write(t, `-- pod.yaml --
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  securityContext: {runAsNonRoot: true}
  containers:
  - name: one
    image: a:1
    securityContext: {privileged: false, capabilities: {drop: [ALL]}}
    env: [{name: A, value: x}]
  - name: two
    image: b:1
-- kustomization.yaml --
resources: [pod.yaml]
patches:
`+patches)
	t.Chdir(dir)
	var c tally
	c.compare(t, overlay{dir, "."}, false)
	r, _ := Build(t.Context(), openTree(t, dir), ".", Options{})
	if r.Unit == nil || len(r.Problems) > 0 || c.identical != 1 {
		t.Fatalf("problems %v, %+v", r.Problems, c)
	}
	return r
}

const (
	operations = "- target: {kind: Pod}\n  patch: |-\n"
	merge      = "- patch: |-\n    apiVersion: v1\n    kind: Pod\n    metadata: {name: p}\n    spec:\n"
)

// TestAbsentPlaces has a field that is not there: the place is the patch that removed it, or that
// replaced the map in which it would be. A value in the base would be of no use.
func TestAbsentPlaces(t *testing.T) {
	const one = "spec|containers|one"
	for _, tt := range []struct{ name, patches, path, missing, want, text string }{
		{"replaced by an operation", operations + "    - op: replace\n      path: /spec/containers/0/securityContext\n      value:\n        runAsUser: 1\n", one + "|securityContext", "privileged", "kustomization.yaml:7", "value:"},
		{"below what is replaced", operations + "    - op: replace\n      path: /spec/containers/0/securityContext\n      value:\n        capabilities:\n          add: [X]\n", one + "|securityContext|capabilities", "drop", "kustomization.yaml:8", "capabilities:"},
		{"added map", operations + "    - op: add\n      path: /spec/containers/1/securityContext\n      value:\n        runAsUser: 1\n", "spec|containers|two|securityContext", "privileged", "kustomization.yaml:7", "value:"},
		{"removed", operations + "    - op: remove\n      path: /spec/containers/0/securityContext/privileged\n", one + "|securityContext", "privileged", "kustomization.yaml:6", "path:"},
		{"removed map", operations + "    - op: remove\n      path: /spec/containers/0/securityContext\n", one, "securityContext.privileged", "kustomization.yaml:6", "path:"},
		{"moved away", operations + "    - op: move\n      from: /spec/securityContext\n      path: /spec/containers/1/securityContext\n", "spec", "securityContext.runAsNonRoot", "kustomization.yaml:6", "from:"},
		{"null", merge + "      containers:\n      - name: one\n        securityContext: {privileged: null}\n", one + "|securityContext", "privileged", "kustomization.yaml:10", "privileged: null"},
		{"null map", merge + "      securityContext: null\n", "spec", "securityContext.runAsNonRoot", "kustomization.yaml:8", "securityContext: null"},
		{"replaced by a directive", merge + "      containers:\n      - name: one\n        securityContext:\n          $patch: replace\n          runAsUser: 1\n", one + "|securityContext", "capabilities.drop", "kustomization.yaml:10", "securityContext:"},
		{"removed and added again", operations + "    - op: remove\n      path: /spec/securityContext\n" + merge + "      securityContext:\n        runAsUser: 1\n", "spec|securityContext", "runAsNonRoot", "kustomization.yaml:12", "securityContext:"},
		{"of another container", operations + "    - op: remove\n      path: /spec/containers/0/securityContext\n", "spec|containers|two", "securityContext.privileged", "pod.yaml:11", "name: two"},
		{"never there", merge + "      securityContext: {runAsUser: 1}\n", "spec|securityContext", "seccompProfile", "pod.yaml:5", "securityContext:"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o, v := value(t, patchedPod(t, tt.patches), "Pod/p", tt.path)
			v = v.Get(tt.missing)
			got := o.Locate(v)
			if at := fmt.Sprintf("%s:%d", got.File, got.Line); v.IsSet() || at != tt.want || !strings.Contains(got.Text, tt.text) {
				t.Errorf("%s %q (%s), want %s %q", at, got.Text, got.Precision, tt.want, tt.text)
			}
		})
	}
}

// TestMovedElements has a patch move the elements of a list: an operation before it counts them as
// they were.
func TestMovedElements(t *testing.T) {
	const ports, env = "    - op: add\n      path: /spec/containers/0/ports\n      value: [{containerPort: 80, hostPort: 80}]\n", "    - op: add\n      path: /spec/containers/0/env/-\n      value: {name: PASSWORD, value: x}\n"
	const second = merge + "      containers:\n      - name: two\n        image: b:2\n"
	for _, tt := range []struct{ name, patches, path, want string }{
		{"before the move", operations + ports + second, "spec|containers|one|ports|0|hostPort", "kustomization.yaml:7"},
		{"element of a list in an element", operations + env + second, "spec|containers|one|env|PASSWORD|value", "kustomization.yaml:7"},
		{"after the move", second + operations + ports, "spec|containers|two|ports|0|hostPort", "kustomization.yaml:15"},
		{"after one was added in front", operations + "    - op: add\n      path: /spec/containers/0\n      value: {name: zero, image: z:1}\n" + ports, "spec|containers|zero|ports|0|hostPort", "kustomization.yaml:10"},
		{"after one was removed", operations + "    - op: remove\n      path: /spec/containers/0\n" + ports, "spec|containers|two|ports|0|hostPort", "kustomization.yaml:9"},
		{"after the list was replaced", operations + "    - op: replace\n      path: /spec/containers\n      value: [{name: other, image: o:1}, {name: two, image: o:1}]\n" + ports + second, "spec|containers|other|ports|0|hostPort", "kustomization.yaml:10"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o, v := value(t, patchedPod(t, tt.patches), "Pod/p", tt.path)
			if got := o.Locate(v); fmt.Sprintf("%s:%d", got.File, got.Line) != tt.want || got.Precision != lint.PrecisionExact {
				t.Errorf("%s:%d %q (%s), want %s", got.File, got.Line, got.Text, got.Precision, tt.want)
			}
		})
	}
}

// TestRepeatedKeys has patches with a key twice. Kustomize merges the first one of objects, and takes
// the last one of operations: its output, and the place, are of the one that counts.
func TestRepeatedKeys(t *testing.T) {
	const pod = "resources: [pod.yaml]\npatches:\n"
	for _, tt := range []struct{ name, files, path, want, text string }{
		{"objects", pod + merge + "      hostPID: true\n      hostPID: false\n", "spec|hostPID", "kustomization.yaml:8", "hostPID: true"},
		{"in braces", pod + "- patch: |-\n    {apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {hostPID: true, hostPID: false}}\n", "spec|hostPID", "kustomization.yaml:4", "hostPID: true"},
		{"maps", pod + "- path: patch.yaml\n-- patch.yaml --\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: one\n    securityContext:\n      privileged: true\n    image: b:1\n    securityContext:\n      runAsUser: 1\n", "spec|containers|one|securityContext|privileged", "patch.yaml:8", "privileged: true"},
		{"operations", pod + operations + "    - op: add\n      path: /spec/hostPID\n      value: true\n      value: false\n", "spec|hostPID", "kustomization.yaml:8", "value: false"},
		{"transformer", "resources: [pod.yaml]\ntransformers: [t.yaml]\n-- t.yaml --\napiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: t}\npatch: |-\n  apiVersion: v1\n  kind: Pod\n  metadata: {name: p}\n  spec:\n    hostPID: true\n    hostPID: false\n", "spec|hostPID", "t.yaml:9", "hostPID: true"},
		{"file of a transformer", "resources: [pod.yaml]\ntransformers: [t.yaml]\n-- t.yaml --\napiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: t}\npath: patch.yaml\n-- patch.yaml --\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  hostPID: true\n  hostPID: false\n", "spec|hostPID", "patch.yaml:5", "hostPID: true"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := write(t, "-- pod.yaml --\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  hostPID: false\n  containers:\n  - name: one\n    image: a:1\n    securityContext: {privileged: false}\n-- kustomization.yaml --\n"+tt.files)
			t.Chdir(dir)
			var c tally
			c.compare(t, overlay{dir, "."}, false)
			r, _ := Build(t.Context(), openTree(t, dir), ".", Options{})
			if r.Unit == nil || len(r.Problems) != 1 || r.Problems[0].Code != lint.CodeDuplicateKey || c.identical != 1 {
				t.Fatalf("problems %v, %+v", r.Problems, c)
			}
			o, v := value(t, r, "Pod/p", tt.path)
			got := o.Locate(v)
			if at := fmt.Sprintf("%s:%d", got.File, got.Line); at != tt.want || !strings.Contains(got.Text, tt.text) {
				t.Errorf("%s %q, want %s %q", at, got.Text, tt.want, tt.text)
			}
		})
	}
}
