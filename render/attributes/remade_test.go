package attributes

import (
	"slices"
	"testing"
)

// A script or a rule of a Makefile that writes a manifest anew from files of the tree makes it. What only adds to a file does not, nor what
// writes to another folder.
func TestRemade(t *testing.T) {
	for what, c := range map[string]struct {
		file, text string
		line       int
		source     string
		bases      []string
	}{
		"program after rm": {
			"hack/gen.sh", "DIR=\"$(cd \"$(dirname \"${BASH_SOURCE[0]}\")\" &>/dev/null && pwd)\"\npushd \"$DIR\" &>/dev/stderr\nOUT=\"$DIR/../deploy/all.yaml\"\nrm -f \"$OUT\"\ncat head.txt >>\"$OUT\"\n./render.sh >>\"$OUT\"\npopd\n",
			6, "",
			[]string{"charts/web/Chart.yaml"},
		},
		"filled in":      {"hack/gen.sh", "sed -e \"s/@V@/$V/\" deploy/all.yaml.in > deploy/all.yaml\n", 1, "deploy/all.yaml.in", nil},
		"tee":            {"hack/gen.sh", "cat deploy/all.yaml.in | tee deploy/all.yaml\n", 1, "deploy/all.yaml.in", nil},
		"joined":         {"hack/gen.sh", "cat deploy/a.yaml deploy/b.yaml > deploy/all.yaml\n", 1, "", []string{"deploy/a.yaml", "deploy/b.yaml"}},
		"added":          {"hack/gen.sh", "cat deploy/all.yaml.in >> deploy/all.yaml\n", 0, "", nil},
		"here-document":  {"hack/gen.sh", "cat > deploy/all.yaml <<EOF\nkind: Pod\nEOF\n", 0, "", nil},
		"changed":        {"hack/gen.sh", "cat deploy/all.yaml deploy/a.yaml > deploy/all.yaml\n", 0, "", nil},
		"elsewhere":      {"hack/gen.sh", "cd $1\nsed s/a/b/ deploy/all.yaml.in > deploy/all.yaml\n", 0, "", nil},
		"read":           {"hack/gen.sh", "sed s/a/b/ deploy/all.yaml > /tmp/all.yaml\n", 0, "", nil},
		"rule":           {"Makefile", "OUT = deploy\n$(OUT)/all.yaml: deploy/all.yaml.in\n\tsed s/a/b/ $< > $@\n", 2, "deploy/all.yaml.in", nil},
		"pattern":        {"build/x.mk", "$(TOP_DIR)/deploy/%.yaml: $(TOP_DIR)/deploy/%.yaml.in $(TOP_DIR)/deploy/a.yaml\n\tcd $(@D) && m4 < $(<F) > $(@F)\n", 1, "deploy/all.yaml.in", []string{"deploy/a.yaml"}},
		"static pattern": {"Makefile", "deploy/all.yaml: deploy/%.yaml: deploy/%.yaml.in\n\tm4 $< > $@\n", 1, "deploy/all.yaml.in", nil},
		"all of one":     {"Makefile", "deploy/all.yaml: deploy/all.yaml.in | tools\n\tm4 $^ > $@\n", 1, "deploy/all.yaml.in", nil},
		"overlay": {
			"hack/gen.sh", "TOP=\"$( CDPATH='' cd -- \"$(dirname \"$0\")/..\" && pwd -P )\"\necho '# Made' > \"${TOP}/deploy/all.yaml\"\n$KUSTOMIZE build \"${TOP}/web\" >> \"${TOP}/deploy/all.yaml\"\n",
			3, "web/kustomization.yaml", nil,
		},
		"overlay added":    {"hack/gen.sh", "TOP=$(git rev-parse --show-toplevel)\nkustomize build $TOP/web >> $TOP/deploy/all.yaml\n", 0, "", nil},
		"overlay and file": {"hack/gen.sh", "TOP=$(git rev-parse --show-toplevel)\nkustomize build $TOP/web > $TOP/deploy/all.yaml\ncat $TOP/deploy/a.yaml >> $TOP/deploy/all.yaml\n", 3, "", []string{"web/kustomization.yaml", "deploy/a.yaml"}},
		"no such source":   {"Makefile", "deploy/%.yaml: deploy/%.jsonnet\n\tm4 $< > $@\n", 0, "", nil},
		"another folder":   {"Makefile", "$(OUT_DIR)/deploy/all.yaml: deploy/all.yaml.in\n\tm4 $< > $@\n", 0, "", nil},
		"copy of the file": {"Makefile", "$(TOP)/deploy/all.yaml: deploy/all.yaml\n\tsed s/a/b/ $< > $@\n", 0, "", nil},
	} {
		in := treeOf(t, map[string]string{
			"deploy/all.yaml": "kind: Pod\n", "deploy/all.yaml.in": "kind: @V@\n", "deploy/a.yaml": "kind: A\n", "deploy/b.yaml": "kind: B\n", "hack/head.txt": "", "web/kustomization.yaml": "resources: [a.yaml]\n",
			"charts/web/Chart.yaml": "name: web\n", "hack/render.sh": "# helm template\necho helm template\n${HELM} template ../charts/web --debug | ./keep.sh\n", c.file: c.text,
		})
		display := func(name string) string {
			if name == "" {
				return ""
			}
			return in.Display(name)
		}
		var bases []string
		for _, name := range c.bases {
			bases = append(bases, display(name))
		}
		var f Files
		at, source, got := f.Written(in, "deploy/all.yaml")
		if at.Line != c.line || source != display(c.source) || !slices.Equal(got, bases) {
			t.Errorf("%s: line %d, %q, %q; want %d, %q, %q", what, at.Line, source, got, c.line, c.source, bases)
		}
		for _, name := range []string{"deploy/a.yaml", "deploy/b.yaml"} {
			if at, _, _ := f.Written(in, name); at.File != "" {
				t.Errorf("%s: %s at %v", what, name, at)
			}
		}
	}
}
