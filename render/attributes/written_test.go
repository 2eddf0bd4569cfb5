package attributes

import "testing"

// What jsonnet writes into a folder is made from its source. Beside it may be files that are edited by hand.
func TestWrittenByJsonnet(t *testing.T) {
	const byProgram = "apiVersion: v1\nkind: Service\nmetadata:\n  name: web\n  namespace: web\nspec:\n  ports:\n  - name: http\n    port: 80\n"
	for what, c := range map[string]struct {
		file, text string
		line       int
	}{
		"rule":            {"Makefile", "out: src/main.jsonnet\n\tjsonnetfmt -i src/main.jsonnet\n\tjsonnet -J vendor -m out src/main.jsonnet | xargs -I{} sh -c 'cat {} | gojsontoyaml > {}.yaml' -- {}\n", 3},
		"variable":        {"Makefile", "out:\n\t@$(JSONNET) --multi out/ src/main.jsonnet\n", 2},
		"another folder":  {"gen.sh", "jsonnet -m other src/main.jsonnet\n", 0},
		"tanka":           {"gen.sh", "tk export out env/web --format '{{.kind}}'\n", 1},
		"tanka to itself": {"gen.sh", "tk export out\n", 0},
		"unknown source":  {"gen.sh", "jsonnet -m out $1\n", 0},
		"another program": {"gen.sh", "jsonnet src/main.jsonnet | split -m out src/main.jsonnet\n", 0},
		"comment":         {"gen.sh", "# jsonnet -m out src/main.jsonnet\n", 0},
	} {
		in := treeOf(t, map[string]string{
			"out/setup/web.yaml": byProgram, "out/by-hand.yaml": "kind: Service\napiVersion: v1\nmetadata:\n  name: web\n", "other/web.yaml": "", "src/main.jsonnet": "{}", "env/web/main.jsonnet": "{}", c.file: c.text,
		})
		var f Files
		at, source, _ := f.Written(in, "out/setup/web.yaml")
		if at.Line != c.line || (source == in.Display("src/main.jsonnet") || source == in.Display("env/web/main.jsonnet")) != (c.line > 0) {
			t.Errorf("%s: line %d from %q; want line %d", what, at.Line, source, c.line)
		}
		if at, _, _ := f.Written(in, "out/by-hand.yaml"); at.File != "" {
			t.Errorf("%s: a file that is written by hand", what)
		}
	}
}
