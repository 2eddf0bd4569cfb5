package appset

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/tree"
)

type nowhere struct{}

func (nowhere) Locate(lint.Value) lint.Origin { return lint.Origin{} }

// expand gives name, namespace and chart path of each Application that generators make.
func expand(t *testing.T, files []string, isGo, generators, template string) []string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range files {
		name, text, _ := strings.Cut(name, "=")
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tr, err := tree.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close() //nolint:errcheck // read only
	var n yaml.Node
	text := "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: a, namespace: argocd}\nspec: {goTemplate: " + isGo + ", generators: " + generators +
		", template: {metadata: {name: '" + template + "'}}}"
	if err := yaml.Unmarshal([]byte(text), &n); err != nil {
		t.Fatal(err)
	}
	o, ok := lint.NewObject(&n, nowhere{})
	if !ok {
		t.Fatal("no object")
	}
	own := func(url string) bool { return url != "other" }
	made := NewRepository(tr, own).Expand(o, "team/sets/a.yaml")
	var l []string
	for _, app := range made.Applications {
		l = append(l, app.Name)
	}
	if made.IsPartial {
		l = append(l, "…")
	}
	return l
}

func TestExpand(t *testing.T) {
	files := []string{
		"apps/a/config.yaml=name: alpha\nat: {zone: [x, y]}\n", "apps/b/deep/config.yaml=- name: beta\n- name: gamma\n", "apps/b/README.md", "apps/.hidden/config.yaml=name: h\n",
		"team/sets/a.yaml", "team/charts/one/Chart.yaml",
	}
	for _, c := range []struct{ isGo, generators, template, want string }{
		{"true", "[{git: {directories: [{path: apps/*}]}}]", "{{ .path.basename }}-{{ index .path.segments 0 }}", "a-apps b-apps"},
		{"false", "[{git: {directories: [{path: apps/*}, {path: apps/a, exclude: true}]}}]", "{{path.basename}}-{{path[0]}}-{{ path }}", "b-apps-apps/b"},
		{"false", "[{git: {pathParamPrefix: p, directories: [{path: apps/*}]}}]", "{{p.path.basename}}{{path}}", "a{{path}} b{{path}}"},
		{"true", "[{git: {pathParamPrefix: p, directories: [{path: apps/*}]}}]", "{{ .p.path.basename }}", "a b"},
		// * matches slashes in patterns of files, as git has it.
		{"true", "[{git: {files: [{path: apps/*/config.yaml}]}}]", "{{ .name }}-{{ .path.filename }}", "h-config.yaml alpha-config.yaml beta-config.yaml gamma-config.yaml"},
		{"false", "[{git: {files: [{path: apps/a/config.yaml}], values: {n: \"{{name}}!\"}}}]", "{{at.zone.1}}-{{values.n}}-{{path}}", "y-alpha!-apps/a"},
		// A tree that is no checkout may hold several.
		{"false", "[{git: {directories: [{path: charts/*}]}}]", "{{path}}", "charts/one"},
		{"false", "[{git: {directories: [{path: apps/*}]}}, {list: {elements: [{path: x}]}}]", "{{path}}", "apps/a apps/b x"},
		{"true", "[{matrix: {generators: [{list: {elements: [{of: a}, {of: b}]}}, {git: {files: [{path: \"apps/{{ .of }}/config.yaml\"}]}}]}}]", "{{ .of }}-{{ .name }}", "a-alpha {{ .of }}-{{ .name }} …"},
		{"true", "[{matrix: {generators: [{git: {directories: [{path: apps/*}]}}, {clusters: {}}]}}]", "{{ .path.basename }}", "a b …"},
		{"true", "[{git: {repoURL: other, directories: [{path: apps/*}]}}]", "{{ .path.basename }}", "{{ .path.basename }} …"},
		{"true", "[{git: {directories: [{path: none/*}]}}]", "{{ .path.basename }}", "{{ .path.basename }} …"},
		{"true", "[{git: {directories: [{path: apps/*}]}, selector: {matchLabels: {a: b}}}]", "{{ .path.basename }}", "{{ .path.basename }} …"},
		// What it excludes is there, so that it makes nothing.
		{"false", "[{git: {directories: [{path: apps/*}, {path: \"apps/?\", exclude: true}]}}]", "{{path}}", ""},
		{"false", "[{git: {directories: [{path: none/*}, {path: \"apps/?\", exclude: true}]}}]", "{{path}}", "{{path}} …"},
		{"true", "[]", "x", ""},
	} {
		template := strings.ReplaceAll(c.template, "'", "''")
		if got := strings.Join(expand(t, files, c.isGo, c.generators, template), " "); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.generators, c.template, got, c.want)
		}
	}
}

// A checkout has all that a generator may include, if it has the folders.
func TestExpandCheckout(t *testing.T) {
	files := []string{".git/HEAD=", "apps/README.md=", "team/sets/a.yaml="}
	for generators, want := range map[string]string{
		"[{git: {directories: [{path: apps/*}]}}]":                 "",
		"[{git: {directories: [{path: apps/*}, {path: none/*}]}}]": "{{path}} …",
		"[{git: {directories: [{path: apps/one}]}}]":               "{{path}} …",
		"[{git: {files: [{path: apps/*/config.yaml}]}}]":           "",
	} {
		if got := strings.Join(expand(t, files, "false", generators, "{{path}}"), " "); got != want {
			t.Errorf("%s: %s, want %s", generators, got, want)
		}
	}
}

func TestFillTemplate(t *testing.T) {
	values := map[string]any{"a": map[string]any{"b": "Some/Text", "n": 3}, "l": []any{"x"}, "s": strings.Repeat("s", maxText-1)}
	for text, want := range map[string]string{
		"{{ .a.b | lower | replace \"/\" \"-\" }}":                  "some-text",
		"{{ dig \"a\" \"c\" \"none\" . }}{{ .a.n }}":                "none3",
		"{{ if eq .a.n 3 }}{{ index .l 0 }}{{ else }}y{{ end }}":    "x",
		"{{ $x := default \"d\" .a.b }}{{ $x | trimPrefix \"S\" }}": "ome/Text",
		"{{ printf \"%s-%v\" .a.b .a.n | normalize }}":              "some-text-3",
		"{{ .missing }}":                                "",
		"{{ range .l }}{{ . }}{{ end }}":                "",
		"{{ env \"HOME\" }}":                            "",
		"{{ printf \"%9999d\" 1 }}":                     "",
		"{{ define \"x\" }}{{ end }}":                   "",
		"{{ .a | toString }}":                           "",
		"{{ .s }}{{ .s }}":                              "",
		"{{ replace \"s\" .s .s }}":                     "",
		"{{ html .a.b }}":                               "",
		"{{ .a.b":                                       "",
		strings.Repeat("x", maxTemplate) + "{{ .a.b }}": "",
		"{{ with .a }}{{ .b | trimSuffix \"Text\" | upper }}{{ end }}": "SOME/",
	} {
		if got, _ := fillTemplate(parseTemplate(text), values); got != want {
			t.Errorf("%.80s: %.80q, want %q", text, got, want)
		}
	}
}

func TestFillNames(t *testing.T) {
	values := map[string]any{"a.b": 1, "path[0]": "x", "long": strings.Repeat("s", maxText)}
	if got := fillNames("{{a.b}} {{ path[0] }} {{a}} {{long}} {{", values); got != "1 x {{a}} {{long}} {{" {
		t.Error(got)
	}
}

func TestFileGlob(t *testing.T) {
	for _, c := range []struct {
		pattern string
		want    []string
	}{
		{"a/*.yaml", []string{"a/b.yaml", "a/c/d.yaml"}},
		{"a/?.yaml", []string{"a/b.yaml"}},
		{"**/[!b].yaml", []string{"a/c/d.yaml"}},
		{"a/b.yaml", []string{"a/b.yaml"}},
		{"[", nil},
	} {
		glob, err := Glob(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, name := range []string{"a/b.yaml", "a/c/d.yaml", "e.txt"} {
			if glob.MatchString(name) {
				got = append(got, name)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.pattern, got, c.want)
		}
	}
}
