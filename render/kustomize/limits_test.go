package kustomize

import (
	"fmt"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
)

// TestLimits gives kustomize one input each that would exhaust it. The problem
// is at its line, and the rest is built.
func TestLimits(t *testing.T) {
	sealed(t)
	keep := "-- o/keep.yaml --\n" + cm("keep", "a")
	inline := func(format string, n int) string {
		return times(n, func(i int) string { return fmt.Sprintf(format, i) })
	}
	bomb := "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: bomb}\nx0: &x0 [a, a, a]\n" + times(20, func(i int) string {
		return fmt.Sprintf("x%d: &x%d [*x%d, *x%d, *x%d]\n", i+1, i+1, i, i, i)
	})
	const cycle = "apiVersion: v1\nkind: ConfigMap\nmetadata: &m\n  name: cycle\n  annotations: *m\n"
	diamond := times(20, func(i int) string {
		return fmt.Sprintf("-- l%d/kustomization.yaml --\nresources: [../p%d, ../q%d]\n", i, i, i) +
			fmt.Sprintf("-- p%d/kustomization.yaml --\nnamePrefix: p-\nresources: [../l%d]\n-- q%d/kustomization.yaml --\nnamePrefix: q-\nresources: [../l%d]\n", i, i+1, i, i+1)
	}) + "-- l20/kustomization.yaml --\nresources: [x.yaml]\n-- l20/x.yaml --\n" + cm("x", "y")
	const component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
	components := times(14, func(i int) string {
		return fmt.Sprintf("-- c%d/kustomization.yaml --\n%scomponents: [../c%d]\n", i, component, i+1)
	}) + "-- c14/kustomization.yaml --\n" + component + "resources: []\n"
	const few = "resources:\n- keep.yaml\n"
	for _, tt := range []struct {
		name, files string
		limits      Limits // what is not zero replaces the default
		want        string // the start of the problem
		code        lint.ProblemCode
		objects     int // -1: none built
	}{
		{"alias of itself", few + "- b.yaml\n" + keep + "-- o/b.yaml --\n" + cycle, Limits{}, "o/b.yaml:5:1: invalid YAML: anchor \"m\" contains itself; the document was left out", lint.CodeInvalidYAML, 1},
		{"alias of itself in a patch", few + "patches:\n- path: b.yaml\n" + keep + "-- o/b.yaml --\n" + cycle, Limits{}, "o/b.yaml:5:1: invalid YAML: anchor \"m\" contains itself; patches[0]", lint.CodeInvalidYAML, 1},
		{"alias of itself in an inline patch", few + "patches:\n- patch: |\n" + indented(cycle, "    ") + keep, Limits{}, "o/kustomization.yaml:9:5: invalid YAML: anchor", lint.CodeInvalidYAML, 1},
		{"alias of itself in the kustomization", few + "x: &m [*m]\n" + keep, Limits{}, "o/kustomization.yaml:3:1: invalid YAML: anchor", lint.CodeInvalidYAML, -1},
		{"alias of itself in a transformer", few + "transformers:\n- t.yaml\n" + keep + "-- o/t.yaml --\napiVersion: builtin\nkind: LabelTransformer\nmetadata: &m {name: a, annotations: *m}\n", Limits{}, "o/t.yaml:3:1: invalid YAML: anchor", lint.CodeInvalidYAML, 1},
		{"alias of itself in the patch file of a transformer", few + "transformers:\n- t.yaml\n" + keep + "-- o/t.yaml --\napiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: a}\npath: b.yaml\n-- o/b.yaml --\n" + cycle, Limits{}, "o/kustomization.yaml:4:3: transformers[0]", lint.CodeInvalidKustomization, 1},
		{"alias bomb", few + "- b.yaml\n" + keep + "-- o/b.yaml --\n" + bomb, Limits{}, "o/b.yaml:14:1: document was not read: its aliases expand to more than 100000 values; the document was left out", lint.CodeLimit, 1},
		{"large file", few + "- b.yaml\n" + keep + "-- o/b.yaml --\n" + cm("b", strings.Repeat("x", 2<<20)), Limits{FileBytes: 1 << 20}, "o/b.yaml: the file is larger than 1 MB", lint.CodeLimit, 1},
		{"bases by 2 to the power of 20", few + "- ../l0\n" + keep + diamond, Limits{Kustomizations: 100}, "o/kustomization.yaml:3:3: ../l0 needs more than 100 kustomizations", lint.CodeLimit, 1},
		{"objects", few + "- b.yaml\n" + keep + "-- o/b.yaml --\n" + inline("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a%d}\n", 20), Limits{Objects: 10}, "o/kustomization.yaml:3:3: b.yaml needs more than 10 objects", lint.CodeLimit, 1},
		{"values", few + "- b.yaml\n" + keep + "-- o/b.yaml --\n" + cm("b", "["+strings.Repeat("a,", 1000)+"]"), Limits{Nodes: 500}, "o/kustomization.yaml:3:3: b.yaml needs more than 500 YAML values", lint.CodeLimit, 1},
		{"bytes of generators", few + "configMapGenerator:\n- name: g\n  files: [big]\n" + keep + "-- o/big --\n" + strings.Repeat("x", 5000), Limits{Bytes: 4000}, "o/kustomization.yaml:5:11: big needs more than 4000 bytes", lint.CodeLimit, 1},
		{"long documents that cannot be distinguished", few + "- b.yaml\n" + keep + "-- o/b.yaml --\n" + cm("b", "c") + strings.Repeat("# a\n", 1000), Limits{Padding: 1}, "o/kustomization.yaml:3:3: b.yaml needs more long documents than kubevet can distinguish", lint.CodeLimit, 1},
		{"copies of copies", few + "patches:\n- target: {kind: ConfigMap}\n  patch: |\n" + inline("    - {op: copy, from: /data, path: /data/x%d}\n", 40) + keep, Limits{}, "o/kustomization.yaml:5:10: patches[0] needs more than 8 copies of what", lint.CodeLimit, 1},
		{"replacements of replacements", few + "replacements:\n" + inline("- source: {kind: ConfigMap, fieldPath: data}\n  targets: [{select: {kind: ConfigMap}, fieldPaths: [data.x%d], options: {create: true}}]\n", 40) + keep, Limits{}, "o/kustomization.yaml:20:3: replacements[8] needs more than 8 copies of what", lint.CodeLimit, 1},
		{"patch of a transformer", few + "transformers:\n- |-\n  apiVersion: builtin\n  kind: PatchTransformer\n  metadata: {name: a}\n  target: {kind: ConfigMap}\n  patch: |-\n" + inline("    - {op: copy, from: /data, path: /data/x%d}\n", 40) + keep, Limits{}, "o/kustomization.yaml:4:3: transformers[0] needs more than 8 copies of what", lint.CodeLimit, 1},
		{"regular expression", few + "patches:\n- target: {name: '" + strings.Repeat("(a?){900}", 20) + "'}\n  patch: '[{\"op\": \"add\", \"path\": \"/data/x\", \"value\": \"y\"}]'\n" + keep, Limits{Steps: 10_000}, "o/kustomization.yaml:5:10: patches[0] needs more than 10000 steps", lint.CodeLimit, 1},
		{"nested components", few + "components:\n- ../c0\n" + keep + components, Limits{}, "c11/kustomization.yaml:3:14: component ../c12 is nested deeper than 12 components", lint.CodeLimit, 1},
		{"schema that refers to itself", few + "openapi:\n  path: s.json\n" + keep + "-- o/s.json --\n{\"definitions\": {\"a\": {\"$ref\": \"#/definitions/a\"}}}\n", Limits{}, "o/s.json: kustomize cannot use the schema: a definition refers to itself", lint.CodeInvalidKustomization, 1},
		{"CRD that refers to itself", few + "crds:\n- s.json\n" + keep + "-- o/s.json --\n{\"a\": {\"Schema\": {\"properties\": {\"kind\": {}, \"apiVersion\": {}, \"metadata\": {}, \"x\": {\"$ref\": \"a\"}}}}}\n", Limits{}, "o/s.json: kustomize cannot use the schema: a definition refers to itself", lint.CodeInvalidKustomization, 1},
		{"empty file of CRDs", few + "crds:\n- s.json\n" + keep + "-- o/s.json --\n\n", Limits{}, "o/s.json: kustomize cannot use the schema: the file is empty", lint.CodeInvalidKustomization, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := write(t, "-- o/kustomization.yaml --\n"+tt.files)
			t.Chdir(dir)
			limits := DefaultLimits
			override(&limits, tt.limits)
			r, _ := Build(t.Context(), openTree(t, dir), "o", Options{Limits: &limits})
			n := -1
			if r.Unit != nil {
				n = len(r.Unit.Objects)
			}
			if n != tt.objects || len(r.Problems) != 1 {
				t.Fatalf("%d objects, want %d; problems %v", n, tt.objects, r.Problems)
			}
			if p := r.Problems[0]; !strings.HasPrefix(p.Error(), tt.want) || p.Code != tt.code || p.Help == "" {
				t.Errorf("problem %q (%s)\nwant    %q (%s)", p.Error(), p.Code, tt.want, tt.code)
			}
		})
	}
}

// times joins n texts.
func times(n int, text func(i int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(text(i))
	}
	return b.String()
}

func indented(s, by string) string {
	return by + strings.ReplaceAll(strings.TrimSuffix(s, "\n"), "\n", "\n"+by) + "\n"
}

func override(to *Limits, from Limits) {
	for _, f := range [][2]*int{
		{&to.FileBytes, &from.FileBytes},
		{&to.Kustomizations, &from.Kustomizations},
		{&to.Objects, &from.Objects},
		{&to.Nodes, &from.Nodes},
		{&to.Bytes, &from.Bytes},
		{&to.Steps, &from.Steps},
		{&to.Trials, &from.Trials},
		{&to.Padding, &from.Padding},
	} {
		if *f[1] != 0 {
			*f[0] = *f[1]
		}
	}
}

// TestPadding builds without lines that separate documents: the output is
// the same, and no place is wrong.
func TestPadding(t *testing.T) {
	sealed(t)
	limits := DefaultLimits
	limits.Padding = 1
	c := tally{limits: &limits}
	for _, o := range overlaysBelow(t, "testdata") {
		if !strings.Contains(o.dir, "components") {
			c.compare(t, o, false)
		}
	}
	c.log(t)
	if c.identical != c.overlays || c.exact < c.scalars*9/10 {
		t.Errorf("%d of %d identical; %d of %d places exact", c.identical, c.overlays, c.exact, c.scalars)
	}
}

// TestTrials counts how often an overlay is built to find what is broken.
func TestTrials(t *testing.T) {
	var files strings.Builder
	files.WriteString("-- kustomization.yaml --\nresources: [a.yaml]\npatches:\n")
	for i := range 40 {
		fmt.Fprintf(&files, "- target: {kind: ConfigMap}\n  patch: '[{\"op\": \"remove\", \"path\": \"/x%d\"}]'\n", i)
	}
	files.WriteString("- target: {kind: ConfigMap}\n  patch: |\n    apiVersion: v1\n    kind: ConfigMap\n    metadata: {name: a}\n    data: {key: other}\n-- a.yaml --\n" + cm("a", "b"))
	dir := write(t, files.String())
	t.Chdir(dir)
	limits := DefaultLimits
	limits.Trials = 3 // one object: three builds
	r, _ := Build(t.Context(), openTree(t, dir), ".", Options{Limits: &limits})
	if r.Unit == nil || len(r.Problems) != 4 || !strings.HasPrefix(r.Problems[3].Error(), "kustomization.yaml:10:10: patches[3]: remove /x3 cannot be applied to an object that the patch selects") ||
		!strings.Contains(r.Problems[3].Message, "without this and 36 other JSON 6902 patches") {
		t.Fatalf("built %v, problems %v", r.Unit, r.Problems)
	}
	if _, v := value(t, r, "ConfigMap/a", "data|key"); v.Text() != "other" {
		t.Errorf("the patch that is right was not applied: %q", v.Text())
	}
}

// TestOwnSchema has one overlay bring a schema: no other is built with it.
func TestOwnSchema(t *testing.T) {
	const custom = "apiVersion: example.org/v1\nkind: Own\nmetadata: {name: a}\nspec:\n  list:\n  - {id: a, x: old}\n  - {id: b, x: old}\n"
	const overlay = "resources: [a.yaml]\npatches:\n- patch: |\n    apiVersion: example.org/v1\n    kind: Own\n    metadata: {name: a}\n    spec: {list: [{id: b, x: new}]}\n"
	const schema = `{"definitions": {"own": {"x-kubernetes-group-version-kind": [{"group": "example.org", "kind": "Own", "version": "v1"}], "properties": {"spec": {"properties": {"list": {"type": "array", "items": {"type": "object"}, "x-kubernetes-patch-merge-key": "id", "x-kubernetes-patch-strategy": "merge"}}}}}}}`
	dir := write(t, "-- with/kustomization.yaml --\n"+overlay+"openapi: {path: s.json}\n-- with/s.json --\n"+schema+"\n-- with/a.yaml --\n"+custom+
		"-- without/kustomization.yaml --\n"+overlay+"-- without/a.yaml --\n"+custom)
	tr := openTree(t, dir)
	for _, tt := range []struct {
		dir  string
		want int
	}{{"without", 1}, {"with", 2}, {"without", 1}} {
		r, _ := Build(t.Context(), tr, tt.dir, Options{})
		if r.Unit == nil || len(r.Problems) > 0 {
			t.Fatal(r.Problems)
		}
		if _, v := value(t, r, "Own/a", "spec|list"); v.Len() != tt.want {
			t.Errorf("%s: %d elements, want %d", tt.dir, v.Len(), tt.want)
		}
	}
}
