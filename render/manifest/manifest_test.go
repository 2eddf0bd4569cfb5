package manifest

import (
	"fmt"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
)

// object is a Kubernetes object named n.
func object(n string) string {
	return "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " + n + "\n"
}

func TestDocuments(t *testing.T) {
	tests := []struct {
		name, text string
		want       string // line:names of the documents, or error@line
	}{
		{"empty", "", ""},
		{"one", object("a"), "1:a"},
		{"two", object("a") + "---\n" + object("b"), "1:a 5:b"},
		{"leading marker and comments", "# x\n---\n# y\n" + object("a"), "2:a"},
		{"empty between", "---\n---\n# nothing\n---\n" + object("a") + "---\n", "4:a"},
		{"null", "---\nnull\n---\n~\n---\n" + object("a"), "5:a"},
		{"CRLF", strings.ReplaceAll(object("a")+"---\n"+object("b"), "\n", "\r\n"), "1:a 5:b"},
		{"BOM", "\xef\xbb\xbf" + object("a"), "1:a"},
		{"document end", object("a") + "...\n---\n" + object("b"), "1:a 6:b"},
		{"marker with comment", object("a") + "--- # second\n" + object("b"), "1:a 5:b"},
		{"content on the marker's line", "--- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n", "1:a"},
		{"directive", "%YAML 1.1\n---\n" + object("a"), "2:a"},
		{"broken in the middle", object("a") + "---\na: [\n---\n" + object("b"), "1:a error@6 7:b"},
		{"marker in a block scalar is text", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  x: |\n    ---\n    y\n", "1:a"},
		{"dashes longer than a marker", object("a") + "----: x\n", "1:a"},
		{"JSON", `{"apiVersion": "v1", "kind": "ConfigMap",` + "\n\t\"metadata\": {\"name\": \"a\"}}", "1:a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, d := range Documents([]byte(tt.text)) {
				if d.Err != nil {
					got = append(got, fmt.Sprintf("error@%d", d.Err.Line))
					continue
				}
				name := lint.NewValue(d.Node).Get("metadata.name").Text()
				got = append(got, fmt.Sprintf("%d:%s", d.Line, name))
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("documents = %q, want %q", s, tt.want)
			}
		})
	}
}

// Helm splits at markers that have content right behind them.
func TestHelmDocuments(t *testing.T) {
	text := object("a") + "---" + object("b")
	src := NewSource("f.yaml", []byte(text))
	docs := HelmDocuments([]byte(text))
	if len(docs) != 2 || docs[1].Err != nil {
		t.Fatalf("documents = %+v, want two", docs)
	}
	for path, want := range map[string]string{"apiVersion": "5:16", "kind": "6:7", "metadata.name": "8:9"} {
		if o := src.Locate(lint.NewValue(docs[1].Node).Get(path)); fmt.Sprintf("%d:%d", o.Line, o.Column) != want || o.Precision != lint.PrecisionExact {
			t.Errorf("%s at %v, want %s", path, o.Position, want)
		}
	}
}

// Every node must stand where the file says it does, whatever comes before it.
func TestPositions(t *testing.T) {
	tests := []struct{ name, text, path, want string }{
		{"second document", object("a") + "---\n" + object("b"), "metadata.name", "4:9-10 a|9:9-10 b"},
		{"quoted", "apiVersion: v1\nkind: \"Config\\\"Map\" # c\n", "kind", `2:7-20 "Config\"Map"`},
		{"single quoted", "apiVersion: v1\nkind: 'It''s'\n", "kind", `2:7-14 'It''s'`},
		{"wide characters count as one", "apiVersion: v1\nkind: {\"日本\": 値, x: y}\n", "kind.x", "2:20-21 y"},
		{"CRLF", "apiVersion: v1\r\nkind: X\r\n", "kind", "2:7-8 X"},
		{"BOM", "\xef\xbb\xbfapiVersion: v1\nkind: X\n", "apiVersion", "1:13-15 v1"},
		{"block scalar", "apiVersion: v1\nkind: |-\n  Pod\n", "kind", "2:7-9 |-"},
		{"anchor", "apiVersion: v1\nkind: &k Pod\n", "kind", "2:7-13 &k Pod"},
		{"alias stands at its anchor", "apiVersion: v1\nother: &k Pod\nkind: *k\n", "kind", "2:8-14 &k Pod"},
		{"merge key", "apiVersion: v1\nbase: &b {x: 1}\nkind:\n  <<: *b\n  y: 2\n", "kind.x", "2:14-15 1"},
		{"map stands at its key", "apiVersion: v1\nkind: Pod\nspec:\n  a: b\n", "spec", "3:1-5 spec"},
		{"absent stands at its parent", "apiVersion: v1\nkind: Pod\nspec:\n  a: b\n", "spec.c.d", "3:1-5 spec"},
		{"null is absent", "apiVersion: v1\nkind: Pod\nspec: ~\n", "spec", "3:1-5 spec"},
		{"folded plain scalar", "apiVersion: v1\nkind: a b\n  c\n", "kind", "2:7-10 a b"},
		{"line separator in a string", "apiVersion: v1\na: \"x\u2028y\"\nkind: Pod\n", "kind", "3:7-10 Pod"},
		{"next line in a block", "apiVersion: v1\na: |\n  x\u0085  y\nkind: Pod\n", "kind", "4:7-10 Pod"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			src := NewSource("f.yaml", []byte(tt.text))
			var got []string
			for _, d := range Documents([]byte(tt.text)) {
				if d.Err != nil {
					t.Fatal(d.Err)
				}
				o := src.Locate(lint.NewValue(d.Node).Get(tt.path))
				runes := []rune(o.Text)
				got = append(got, fmt.Sprintf("%d:%d-%d %s", o.Line, o.Column, o.EndColumn, string(runes[o.Column-1:o.EndColumn-1])))
			}
			if s := strings.Join(got, "|"); s != tt.want {
				t.Errorf("positions = %q, want %q", s, tt.want)
			}
		})
	}
}

func TestDuplicates(t *testing.T) {
	var many strings.Builder
	for i := range 20 {
		fmt.Fprintf(&many, "k%d: x\n", i)
	}
	for _, tt := range []struct{ name, text, want string }{
		{"none", object("a"), ""},
		{"small", "a: 1\nb: 2\na: 3\n", "a at 3, first at 1"},
		{"large", many.String() + "k3: y\n", "k3 at 21, first at 4"},
		{"nested in a list", "l:\n- {x: 1, x: 2}\n", "x at 2, first at 2"},
		{"merge keys may repeat", "a: &a {x: 1}\nb:\n  <<: *a\n  <<: *a\n", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, d := range Documents([]byte(tt.text)) {
				if d.Err != nil {
					t.Fatal(d.Err)
				}
				for _, dup := range d.Duplicates {
					got = append(got, fmt.Sprintf("%s at %d, first at %d", dup.Key.Value, dup.Key.Line, dup.First))
				}
			}
			if s := strings.Join(got, "; "); s != tt.want {
				t.Errorf("duplicates = %q, want %q", s, tt.want)
			}
		})
	}
}

func TestObjects(t *testing.T) {
	text := `apiVersion: v1
kind: List
items:
- {apiVersion: v1, kind: Pod, metadata: {name: a}}
- apiVersion: v1
  kind: List
  items:
  - {apiVersion: v1, kind: Pod, metadata: {name: b}}
- not: an object
---
apiVersion: example.com/v1
kind: AllowList
metadata: {name: c}
---
kind: no apiVersion
`
	src := NewSource("f.yaml", []byte(text))
	var names []string
	var problems []lint.Problem
	for _, d := range Documents([]byte(text)) {
		objects, p := Objects(d.Node, src)
		for _, o := range objects {
			names = append(names, o.Name)
		}
		problems = append(problems, p...)
	}
	if got := strings.Join(names, " "); got != "a b c" {
		t.Errorf("objects = %q, want a b c", got)
	}
	if len(problems) != 1 || problems[0].Line != 9 {
		t.Errorf("problems = %v, want one at line 9", problems)
	}
}

// Cyclic anchors, deep nesting and alias bombs must end, and cost little.
func TestHostile(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString("a0: &a0 [x]\n")
	for i := 1; i < 40; i++ {
		fmt.Fprintf(&bomb, "a%d: &a%d [*a%d, *a%d, *a%d]\n", i, i, i-1, i-1, i-1)
	}
	for name, text := range map[string]string{
		"cycle":       "apiVersion: v1\nkind: Pod\nspec: &s\n  <<: *s\n  x: *s\n",
		"merge cycle": "apiVersion: v1\nkind: Pod\nspec: &s\n  <<: [*s, *s]\n",
		"bomb":        "apiVersion: v1\nkind: Pod\n" + bomb.String(),
		"deep flow":   strings.Repeat("[", 100000),
		"deep block":  strings.Repeat("- ", 100000) + "x",
		"control":     "apiVersion: v1\nkind: \x00\n",
		"bad UTF-8":   "apiVersion: v1\nkind: \xff\xfe\n",
		"tag":         "!!binary x: y\napiVersion: !foo v1\n",
	} {
		t.Run(name, func(*testing.T) { // it ends, and nothing panics
			src := NewSource("f.yaml", []byte(text))
			for _, d := range Documents([]byte(text)) {
				src.Problems(d)
				if d.Node == nil {
					continue
				}
				objects, _ := Objects(d.Node, src)
				for _, o := range objects {
					v := o.Root.Get("spec.containers")
					v.Strings()
					o.Root.Get("spec").StringMap()
					o.Locate(v)
				}
			}
		})
	}
}

// FuzzDocuments: no panic, every position lies in its file, and a second run
// gives the same.
func FuzzDocuments(f *testing.F) {
	f.Add(object("a") + "---\n" + object("b"))
	f.Add("a: [\n---\nb: &x {<<: *x}\n")
	f.Add("\xef\xbb\xbfa: \"\u2028\"\r\nb: |\r\n  x\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		data := []byte(text)
		src := NewSource("f.yaml", data)
		first, second := Documents(data), Documents(data)
		if len(first) != len(second) {
			t.Fatalf("%d documents, then %d", len(first), len(second))
		}
		lines := strings.Count(text, "\n") + 1
		for _, d := range first {
			if d.Err != nil {
				if d.Err.Line < 1 || d.Err.Line > lines+1 {
					t.Errorf("error at line %d of %d: %v", d.Err.Line, lines, d.Err)
				}
				continue
			}
			inside(t, src, d.Node, lines)
		}
	})
}

func inside(t *testing.T, src *Source, n *yaml.Node, lines int) {
	if n.Line < 1 || n.Line > lines {
		t.Errorf("node %q at line %d of %d", n.Value, n.Line, lines)
	}
	o := src.LocateNode(n)
	if width := len([]rune(o.Text)); o.Column > 0 && (o.Column > width+1 || o.EndColumn > width+1) {
		t.Errorf("node %q at columns %d-%d of %d", n.Value, o.Column, o.EndColumn, width)
	}
	for _, c := range n.Content {
		inside(t, src, c, lines)
	}
}
