package affected_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/render/affected"
	"github.com/kubevet/kubevet/render/kustomize"
	"github.com/kubevet/kubevet/render/tree"
)

// roots hold overlays.
var roots = []string{"../kustomize/testdata/shop", "../../examples"}

// everyField makes a tree of an overlay that names files in every field that has any.
func everyField(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	const pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: a}]}\n"
	for name, text := range map[string]string{
		"top/kustomization.yaml": `resources: [../base, pod.yaml]
components: [../component]
generators: [generator.yaml]
transformers: [transformer.yaml, ../plugins]
validators: []
configurations: [names.yaml]
crds: [crd.json]
openapi: {path: openapi.json}
patches: [{path: patch.yaml}, {path: ops.json, target: {kind: Pod, name: a}}]
replacements: [{path: replacement.yaml}]
configMapGenerator:
- name: files
  files: [a.txt, key=b.txt]
  envs: [c.env]
secretGenerator:
- name: secrets
  files: [d.txt]
`,
		"base/kustomization.yaml":      "resources: [pod.yaml]\nnamePrefix: b-\n",
		"base/pod.yaml":                strings.Replace(pod, "name: a", "name: base", 1),
		"component/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [{path: patch.yaml}]\n",
		"component/patch.yaml":         pod,
		"top/pod.yaml":                 pod,
		"top/patch.yaml":               pod,
		"top/ops.json":                 `[{"op": "add", "path": "/metadata/labels", "value": {"a": "b"}}]`,
		"top/names.yaml":               "namePrefix: []\n",
		"top/crd.json":                 "{}",
		"top/openapi.json":             "{}",
		"top/replacement.yaml":         "source: {kind: Pod, name: a, fieldPath: metadata.name}\ntargets: [{select: {kind: Pod}, fieldPaths: [metadata.labels.a], options: {create: true}}]\n",
		"top/generator.yaml":           "apiVersion: builtin\nkind: ConfigMapGenerator\nmetadata: {name: g}\nfiles: [e.txt]\n",
		"top/transformer.yaml":         "apiVersion: builtin\nkind: PatchTransformer\nmetadata: {name: p}\npath: plugin.yaml\ntarget: {kind: Pod}\n",
		"top/plugin.yaml":              pod,
		"plugins/kustomization.yaml":   "resources: [labels.yaml]\n",
		"plugins/labels.yaml":          "apiVersion: builtin\nkind: LabelTransformer\nmetadata: {name: l}\nlabels: {x: y}\nfieldSpecs: [{path: metadata/labels, create: true}]\n",
		"top/a.txt":                    "a", "top/b.txt": "b", "top/c.env": "c=d", "top/d.txt": "d", "top/e.txt": "e",
	} {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestOverlayReadsWhatIsBuilt compares the files that the graph expects an overlay to read
// with those that building it reads: a changed file that is among the latter alone would
// be missed.
func TestOverlayReadsWhatIsBuilt(t *testing.T) {
	all := append(slices.Clip(roots), everyField(t))
	overlays, files := 0, 0
	made := all[len(all)-1]
	for _, root := range all {
		tr, err := tree.Open(root)
		if err != nil {
			t.Fatal(err)
		}
		dirs, names := walk(t, tr)
		for _, dir := range dirs {
			out, read := kustomize.Build(t.Context(), tr, dir, kustomize.Options{})
			expected := affected.NewReads()
			affected.NewGraph(tr, nil, names).Overlay(dir, expected)
			overlays++
			for _, p := range out.Problems {
				t.Logf("%s: %v %s", dir, p.Position, p.Message)
			}
			if root == made && dir == "top" && (len(out.Problems) > 0 || len(read) < len(names)) {
				t.Errorf("%s reads %d of %d files, with %d problems", dir, len(read), len(names), len(out.Problems))
			}
			for _, name := range read {
				files++
				if !expected.Has(name) {
					t.Errorf("%s: %s reads %s, which the graph does not expect", root, dir, name)
				}
			}
		}
		if err := tr.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if overlays < 8 || files < 3*overlays {
		t.Errorf("only %d overlays that read %d files", overlays, files)
	}
	t.Logf("%d overlays, %d files", overlays, files)
}

// walk lists the directories with kustomizations, and all files.
func walk(t *testing.T, tr *tree.Tree) (dirs []string, names map[string]bool) {
	t.Helper()
	names = map[string]bool{}
	err := filepath.WalkDir(tr.Dir(), func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := tree.Below(tr.Dir(), p)
		if !d.IsDir() {
			names[name] = true
		} else if _, ok := kustomize.File(tr, name); ok {
			dirs = append(dirs, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return dirs, names
}
