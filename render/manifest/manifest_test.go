package manifest

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
)

// object is a Kubernetes object named n.
func object(n string) string {
	return "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " + n + "\n"
}

func jsonObject(n string) string {
	return `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "` + n + `"}}`
}

// utf16Text is a text in UTF-16 with a byte order mark.
func utf16Text(s string, order binary.AppendByteOrder) string {
	out := order.AppendUint16(nil, 0xfeff)
	for _, u := range utf16.Encode([]rune(s)) {
		out = order.AppendUint16(out, u)
	}
	return string(out)
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
		{"JSON values behind each other", jsonObject("a") + "\n\n" + jsonObject("b") + jsonObject("c") + " # end\n", "1:a 3:b 3:c"},
		{"JSON and markers", "---\n# x\n" + jsonObject("a") + "\n---\n" + jsonObject("b") + "\n" + jsonObject("c") + "\n", "1:a 4:b 6:c"},
		{"YAML behind JSON", jsonObject("a") + "\n" + object("b"), "1:a 2:b"},
		{"merge conflict", "a: b\n<<<<<<< HEAD\nc: d\n=======\nc: e\n>>>>>>> other\nf: g\n---\n" + object("a"), "error@2 8:a"},
		{"error before a merge conflict", "a: b: c\n\n\n\n<<<<<<< HEAD\nc: d\n=======\nc: e\n>>>>>>> other\n", "error@1"},
		{"half a merge conflict", "a: b\nc: d\n=======\nc: e\n>>>>>>> other\n", "error@3"},
		{"garbage behind JSON", jsonObject("a") + "\n]\n", "1:a error@2"},
		{"JSON cut off", jsonObject("a") + "\n" + `{"apiVersion": "v1", "ki`, "1:a error@2"},
		{"flow YAML, then a block", "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n" + object("b"), "1:a error@2"},
		{"first keys indented", " apiVersion: v1\n metadata: {name: a}\nspec:\n  x: y\n", "1:a error@3"},
		{"markers behind a lone CR", strings.ReplaceAll(object("a")+"---\n"+object("b"), "\n", "\r"), "1:a 1:b"},
		{"UTF-16LE", utf16Text(object("a")+"---\n"+object("b"), binary.LittleEndian), "1:a 5:b"},
		{"UTF-16BE", utf16Text(object("ä𝄞"), binary.BigEndian), "1:ä𝄞"},
		{"half of UTF-16", utf16Text(object("a"), binary.LittleEndian) + "x", "error@5"},
		{"binary scalars", "apiVersion: !!binary djE=\n!!binary bWV0YWRhdGE=: {name: !!binary YQ==}\n", "1:a"},
		{"broken binary", "metadata: {name: !!binary '?'}\n", "error@1"},
		{"alias cycle", "a: 1\nmetadata: &m\n  name: a\n  x: *m\n", "error@4"},
		{"cycle of merge keys", "metadata: &m\n  <<: [*m, *m]\n", "error@2"},
		{"anchors that repeat", "a: &x b\nb: &x a\nmetadata: {name: *x}\n", "1:a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, d := range Documents([]byte(tt.text)) {
				if d.Err != nil {
					got = append(got, fmt.Sprintf("error@%d", d.Err.Line))
					continue
				}
				name := node.NewValue(d.Node).Get("metadata.name").Text()
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
		if o := src.Locate(node.NewValue(docs[1].Node).Get(path)); fmt.Sprintf("%d:%d", o.Line, o.Column) != want || o.Precision != lint.PrecisionExact {
			t.Errorf("%s at %v, want %s", path, o.Position, want)
		}
	}
}

// Every node must be where the file says it does, whatever comes before it.
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
		{"alias is at its anchor", "apiVersion: v1\nother: &k Pod\nkind: *k\n", "kind", "2:8-14 &k Pod"},
		{"merge key", "apiVersion: v1\nbase: &b {x: 1}\nkind:\n  <<: *b\n  y: 2\n", "kind.x", "2:14-15 1"},
		{"map is at its key", "apiVersion: v1\nkind: Pod\nspec:\n  a: b\n", "spec", "3:1-5 spec"},
		{"absent is at its parent", "apiVersion: v1\nkind: Pod\nspec:\n  a: b\n", "spec.c.d", "3:1-5 spec"},
		{"null is absent", "apiVersion: v1\nkind: Pod\nspec: ~\n", "spec", "3:1-5 spec"},
		{"folded plain scalar", "apiVersion: v1\nkind: a b\n  c\n", "kind", "2:7-10 a b"},
		{"line separator in a string", "apiVersion: v1\na: \"x\u2028y\"\nkind: Pod\n", "kind", "3:7-10 Pod"},
		{"JSON", `{"apiVersion": "v1",` + "\n\t" + `"ä": "\ud83d\ude00\/", "kind": "P\u006fd", "n": -1.5e3}`, "kind", `2:33-43 "P\u006fd"`},
		{"second JSON value of a line", `{"kind": "A"} {"kind": "B"}`, "kind", `1:10-13 "A"|1:24-27 "B"`},
		{"UTF-16", utf16Text("a: 値\nkind: 値 # c\n", binary.LittleEndian), "kind", "2:7-8 値"},
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
				o := src.Locate(node.NewValue(d.Node).Get(tt.path))
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
		{"mappings without a key in common", "a: {x: 1}\nb: {}\na: {y: 1}\n", "a at 3, first at 1, split"},
		{"mappings with one", "a: {x: 1}\na: {x: 1, y: 1}\n", "a at 2, first at 1"},
		{"lists without an equal entry", "a: [x, y]\na: [z]\n", "a at 2, first at 1, split"},
		{"lists with one", "a: [x, y]\na: [z, x]\n", "a at 2, first at 1"},
		{"lists of mappings", "a: [{x: 1}]\na: [{y: 1}]\n", "a at 2, first at 1"},
		{"a mapping and none", "a: {x: 1}\na:\n", "a at 2, first at 1"},
		{"large, with mappings", many.String() + "z: {x: 1}\nz: {y: 1}\n", "z at 22, first at 21, split"},
		{"merge keys may repeat", "a: &a {x: 1}\nb:\n  <<: *a\n  <<: *a\n", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, d := range Documents([]byte(tt.text)) {
				if d.Err != nil {
					t.Fatal(d.Err)
				}
				for _, dup := range d.Duplicates {
					text := fmt.Sprintf("%s at %d, first at %d", dup.Key.Value, dup.Key.Line, dup.First)
					if dup.IsSplit {
						text += ", split"
					}
					got = append(got, text)
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

// What a list or a template holds is objects, with the type that they have from it.
func TestLists(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"typed list", "apiVersion: apps/v1\nkind: DeploymentList\nitems:\n- metadata: {name: a}\n", "apps/v1 Deployment/a@4:3"},
		{"typed list as JSON", `{"apiVersion": "v1", "kind": "PodList", "items": [{"metadata": {"name": "a"}}]}`, "v1 Pod/a@1:51"},
		{"own type wins", "apiVersion: v1\nkind: PodList\nitems:\n- {apiVersion: v1, kind: Secret, metadata: {name: a}}\n", "v1 Secret/a@4:3"},
		{"half a type is none", "apiVersion: v1\nkind: PodList\nitems:\n- {kind: Pod, metadata: {name: a}}\n", "problem@4"},
		{"items of a plain List have none", "apiVersion: v1\nkind: List\nitems:\n- {metadata: {name: a}}\n", "problem@4"},
		{"lists in lists", "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: PodList\n  items: [{metadata: {name: a}}]\n", "v1 Pod/a@6:11"},
		{"items of anything", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: b}}\n", "v1 ConfigMap/a@1:1 v1 Pod/b@5:3"},
		{"items that are no objects", "apiVersion: v1\nkind: Menu\nmetadata: {name: a}\nitems: [tea, {kind: cake}]\n", "v1 Menu/a@1:1"},
		{"template", `apiVersion: template.openshift.io/v1
kind: Template
parameters: [{name: NAME, value: web}, {name: HOST, value: "true"}, {name: FREE}]
objects:
- {apiVersion: v1, kind: Pod, metadata: {name: "x-${NAME}-${FREE}"}, spec: {hostPID: "${{HOST}}", hostIPC: "${HOST}"}}
`, "v1 Pod/x-web-${FREE}@5:3 hostPID=true!!bool hostIPC=true!!str"},
		{"template of another system", "apiVersion: scaffolder.example.io/v1\nkind: Template\nobjects: [{a: b}]\n", "scaffolder.example.io/v1 Template/@1:1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			src := NewSource("f.yaml", []byte(tt.text))
			for _, d := range Documents([]byte(tt.text)) {
				objects, problems := Objects(d.Node, src)
				for _, o := range objects {
					at := o.Locate(o.Root)
					got = append(got, fmt.Sprintf("%s %s/%s@%d:%d", o.APIVersion, o.Kind, o.Name, at.Line, at.Column))
					for key, v := range o.Root.Get("spec").Entries() {
						got = append(got, key+"="+v.Text()+v.Node.Tag)
					}
					if kind := o.Locate(o.Root.Get("kind")); kind.Precision != lint.PrecisionExact {
						t.Errorf("kind of %s: %v", o.Name, kind)
					}
				}
				for _, p := range problems {
					got = append(got, fmt.Sprintf("problem@%d", p.Line))
				}
			}
			if s := strings.Join(got, " "); s != tt.want {
				t.Errorf("objects = %q, want %q", s, tt.want)
			}
		})
	}
}

// A document that was meant to be an object does not vanish, and one that was not
// is left alone.
func TestMisspelt(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"apiVersion: v1\nKind: ConfigMap\nmetadata: {name: a}\n", "2: it has no kind; Kind is no field; did you mean kind"},
		{"apiVersion: v1\nknd: Pod\nmetadata: {name: a}\nspec: {}\n", "2: it has no kind; knd is no field; did you mean kind"},
		{"metadata: {name: a}\napiversion: v1\nkind: Pod\n", "2: it has no apiVersion; apiversion is no field; did you mean apiVersion"},
		{"metadata: {name: a}\nkind: Pod\n", "2: it has no apiVersion"},
		{"apiVersion: v1\nmetadata: {name: a}\ndata: {}\n", "1: it has no kind"},
		{"apiVersion: v1\nkind:\nmetadata: {name: a}\n", "1: it has no kind; kind is empty"},
		{"apiVersions: v1\nKind: Pod\nmetadata: {name: a}\nspec: {}\n", "2: it has no apiVersion and no kind; apiVersions is no field; did you mean apiVersion; Kind is no field; did you mean kind"},
		{"metadata: {name: a}\nspec: {a: b}\n", "1: it has no apiVersion and no kind"},
		{"- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n", "1: a list"},
		{"version: 1\nmetadata: {a: b}\n", ""},
		{"version: 1\nkind: lib\n", ""},
		{"kind: pipeline\nsteps: []\n", ""},
		{"apiVersion: v2\nname: chart\n", ""},
		{"metadata: text\nspec: text\n", ""},
		{"kind: Backup\napi_version: '{{ group }}/v1'\nbackup_pvc: ''\n", ""},
		{"api_version: v1\nkind: Pod\nmetadata: {name: a}\n", "1: it has no apiVersion; api_version is no field; did you mean apiVersion"},
		{"apiVersion: v1\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n", "1: it has no kind"},
		{"items:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n", "1: it has no apiVersion and no kind"},
		{"kind: List\nitems:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n", "1: it has no apiVersion"},
		{"items:\n- {apiVersion: v1, kind: Pod, name: a}\n", ""},
		{"items:\n- {apiVersion: v1, kind: Pod, metadata: {name: a}}\nenabled: true\n", ""},
		{"- kind: a\n  metadata: {}\n", ""},
		{object("a"), ""},
	} {
		got := ""
		src := NewSource("f.yaml", []byte(tt.text))
		for _, d := range Documents([]byte(tt.text)) {
			if p, ok := Misspelt(d.Node, src); ok {
				_, why, _ := strings.Cut(p.Message, "not checked: ")
				if strings.Contains(p.Message, "is a list") {
					why = "a list"
				}
				got += fmt.Sprintf("%d: %s", p.Line, why) //nolint:perfsprint // a test
			}
		}
		if got != tt.want {
			t.Errorf("%q: %q, want %q", tt.text, got, tt.want)
		}
		if tt.want != "" && !HasObjectKeys([]byte(tt.text)) {
			t.Errorf("%q: the cheap test finds no object", tt.text)
		}
	}
}

// The cheap tests may only be wrong in one direction.
func TestHasObjectKeys(t *testing.T) {
	pad := strings.Repeat("  - a: b\n", LargeText/8)
	for _, tt := range []struct {
		name, text string
		want       bool
	}{
		{"object", object("a"), true},
		{"escaped key", "apiVersion: v1\n\"k\\u0069nd\": Pod\n", true},
		{"binary key", "apiVersion: v1\n!!binary a2luZA==: Pod\n", true},
		{"large, keys at the end", "x:\n" + pad + "kind: Pod\napiVersion: v1\n", true},
		{"large, second document", "x:\n" + pad + "---\nkind: Pod\napiVersion: v1\n", true},
		{"large, indented", " x:\n" + pad + " kind: Pod\n apiVersion: v1\n", true},
		{"large, quoted", "x:\n" + pad + "\"kind\": Pod\n\"apiVersion\": v1\n", true},
		{"large, merge key", "x: &x {kind: Pod, apiVersion: v1}\ny:\n" + pad + "<<: *x\n", true},
		{"large, braces", "{x: [" + strings.Repeat("{a: b}, ", LargeText/8) + "], kind: Pod, apiVersion: v1}", true},
		{"large, JSON", `{"x": [` + strings.Repeat(`{"a": 1}, `, LargeText/8) + `1], "kind": "Pod", "apiVersion": "v1"}`, true},
		{"large, JSON with nested objects", `{"x": [` + strings.Repeat(`{"kind": "a", "apiVersion": 1}, `, LargeText/8) + `1], "kind": "Pod"}`, false},
		{"large, list of JSON objects", `[` + strings.Repeat(`{"a": 1}, `, LargeText/8) + `{"kind": "Pod", "apiVersion": "v1"}]`, true},
		{"large, list of JSON records", `[` + strings.Repeat(`{"kind": 1, "a": {"spec": "apiVersion"}}, `, LargeText/8) + `1]`, false},
		{"large, JSON stream", `{"x": [` + strings.Repeat(`{"a": 1}, `, LargeText/8) + `1]} {"kind": "Pod", "apiVersion": "v1"}`, true},
		{"large, list at the key's indentation", "items:\n" + strings.Repeat("- kind: a\n  apiVersion: v1\n", LargeText/8), false},
		{"large, nested only", "x:\n  kind: Pod\n  apiVersion: v1\n" + pad, false},
		{"large, one key in each document", "kind: a\nx:\n" + pad + "---\napiVersion: v1\n", false},
		{"a line of an index", "apiVersion: v1\nentries:\n" + pad, false},
		{"words missing", "services: {web: {image: nginx}}\n", false},
	} {
		if got := HasObjectKeys([]byte(tt.text)); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// Limits count what aliases expand to, not what is written.
func TestLimits(t *testing.T) {
	aliases := func(levels, each int) string {
		var b strings.Builder
		b.WriteString("a0: &a0 [x]\n")
		for i := 1; i <= levels; i++ {
			fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), each), ", "))
		}
		return b.String()
	}
	for _, tt := range []struct {
		name, text string
		line       int // of the problem; 0: none
	}{
		{"few aliases", aliases(4, 5), 0},
		{"many aliases", aliases(40, 3), 11},
		{"merge keys", "m0: &m0 {a: b}\n" + func() (s string) {
			for i := 1; i < 30; i++ {
				s += fmt.Sprintf("m%d: &m%d {<<: [*m%d, *m%d, *m%d]}\n", i, i, i-1, i-1, i-1) //nolint:perfsprint // a test
			}
			return s
		}(), 11},
		{"a chain of aliases", aliases(300, 1), 200},
		{"many anchors, each used once", func() (s string) {
			var b strings.Builder
			for i := range 20_000 {
				fmt.Fprintf(&b, "a%d: &a%d x\nb%d: *a%d\n", i, i, i, i)
			}
			return b.String()
		}(), 0},
		{"lists in lists by alias", "apiVersion: v1\nkind: List\nitems:\n- &a0 {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n" + func() (s string) {
			for i := 1; i < 12; i++ {
				s += fmt.Sprintf("- &a%d {apiVersion: v1, kind: List, items: [%s]}\n", i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10), ", ")) //nolint:perfsprint // a test
			}
			return s
		}(), 9},
		{"deep JSON", strings.Repeat("[", 300) + strings.Repeat("]", 300), 1},
		{"deep YAML", "x: " + strings.Repeat("[", 300) + strings.Repeat("]", 300), 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			line := 0
			src := NewSource("f.yaml", []byte(tt.text))
			for _, d := range Documents([]byte(tt.text)) {
				for _, p := range src.Problems(d) {
					if line = p.Line; p.Code != lint.CodeLimit {
						t.Errorf("code %s: %s", p.Code, p.Message)
					}
				}
			}
			if line != tt.line {
				t.Errorf("problem at line %d, want %d", line, tt.line)
			}
		})
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

// TestReadAsText has JSON behind a comment reported, which YAML reads as one text.
func TestReadAsText(t *testing.T) {
	const object = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}` + "\n" // with blanks behind the colons it is an error
	for text, want := range map[string]bool{
		"// comment\n" + object:          true,
		"/* comment */ " + object:        true,
		"# comment\n" + object:           false,
		object:                           false,
		"some words about a kind\n":      false,
		"'" + `{"apiVersion":1}` + "'\n": false,
	} {
		got := false
		src := NewSource("f.json", []byte(text))
		for _, d := range Documents([]byte(text)) {
			if d.Node == nil {
				continue
			}
			p, ok := ReadAsText(d.Node, src)
			if got = got || ok; ok && p.Line != 1 {
				t.Errorf("%q is reported at line %d", text, p.Line)
			}
		}
		if got != want {
			t.Errorf("%q: reported %v, want %v", text, got, want)
		}
	}
}

// TestMisspeltItem has an item of a List say what it lacks.
func TestMisspeltItem(t *testing.T) {
	const text = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  knd: Pod\n  metadata: {name: a}\n  spec: {}\n- a: b\n- [{apiVersion: v1, kind: Pod, metadata: {name: c}}]\n"
	src := NewSource("f.yaml", []byte(text))
	_, problems := Objects(Documents([]byte(text))[0].Node, src)
	if len(problems) != 3 {
		t.Fatal(problems)
	}
	for i, want := range []string{
		"f.yaml:5:3 items[0] of List is no Kubernetes object and was not checked: it has no kind; knd is no field; did you mean kind",
		"f.yaml:8:3 items[1] of List has no apiVersion and kind",
		"f.yaml:9:3 items[2] of List is a list, and its objects were not checked: kubectl refuses it",
	} {
		if got := problems[i].String() + " " + problems[i].Message; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	for i, want := range []string{"give the item kind: the API server refuses it without", "give the item both, or remove it", "make each of its objects an item"} {
		if problems[i].Help != want {
			t.Errorf("help: got %s, want %s", problems[i].Help, want)
		}
	}
}

// Each finding on a line, which may be a whole file, shares the text.
func TestLineIsShared(t *testing.T) {
	s := NewSource("a", []byte(strings.Repeat("x", 100)+"\r\nb"))
	if first, second := s.Line(1), s.Line(2); first != strings.Repeat("x", 100) || second != "b" {
		t.Errorf("lines %q and %q", first, second)
	}
	if n := testing.AllocsPerRun(10, func() { s.Line(2) }); n != 0 {
		t.Errorf("the same line again takes %v allocations", n)
	}
}

// Keys are found where these patterns find them.
func TestLooksLikeManifest(t *testing.T) {
	pattern := func(key string) func(string) bool {
		return regexp.MustCompile(`(?im)^(?: ?[^\w#\s]{0,4}|\s*[{,]\s*["']?|.*[{,]\s*["'])` + key + `["']?\s*:`).MatchString
	}
	apiVersion, kind, metadata := pattern("apiVersion"), pattern("kind"), pattern("metadata")
	texts := []string{
		"apiVersion: v1\nkind: Pod\n", "kind : Pod\n'APIVERSION': v1\n", "{\"kind\"\n:\n\"Pod\", \"metadata\": {}}",
		"kind: x\n", "a kind of: metadata: {}\n", "apiVersion\nkind\n", "apiVersion v1: kind: x\n", "",
	}
	parts := []string{"apiVersion", "kind", "kind", "metadata", "KIND", ":", ":", ":", ":", " ", " ", "\n", "\n", "{", ",", "\"", "\"", "'", "-", "#", "x", "_", "\ufeff", "\t", "\r", "é", "\xff"}
	random := rand.New(rand.NewPCG(1, 2))
	for range 50_000 {
		var text strings.Builder
		for range 4 + random.IntN(16) {
			text.WriteString(parts[random.IntN(len(parts))])
		}
		texts = append(texts, text.String())
	}
	found := 0
	for _, text := range texts {
		a, k := apiVersion(text), kind(text)
		want := a && k || (a || k) && metadata(text)
		if want {
			found++
		}
		if got := LooksLikeManifest([]byte(text)); got != want {
			t.Errorf("LooksLikeManifest(%q) is %t", text, got)
		}
	}
	if found < 100 {
		t.Errorf("only %d texts look like manifests", found)
	}
}
