package branch

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"text/template/parse"

	"github.com/kubevet/kubevet/render/helm/trace"
)

// file is a template of a chart named c.
func file(name, text string) ChartFile {
	return ChartFile{Name: "templates/" + name, Path: "c/templates/" + name, Text: []byte(text)}
}

// reached is a rendering that reached the nodes that start with some texts.
func reached(t *testing.T, name, values string, files *ChartFiles, starts ...string) *Reached {
	t.Helper()
	r := &Reached{Name: name, Nodes: map[string][]int{}, Printed: map[string]bool{}, Keys: indexOf(t, values)}
	for _, start := range starts {
		found := false
		for _, f := range files.Files {
			if at := strings.Index(string(f.Text), start); at >= 0 {
				r.Nodes[f.Path] = append(r.Nodes[f.Path], at)
				r.Printed[f.Path] = true
				found = true
			}
		}
		if !found {
			t.Fatalf("no file has %q", start)
		}
	}
	return r
}

// TestNewCoverage checks the lines that count as reached, and the blocks that are listed.
func TestNewCoverage(t *testing.T) {
	sub := &ChartFiles{Dir: "c/charts/sub", Files: []ChartFile{{Name: "templates/s.yaml", Path: "c/charts/sub/templates/s.yaml", Text: []byte("s: 1\nt: 2\n")}}}
	files := &ChartFiles{Dir: "c", Subs: []*ChartFiles{sub}, Files: []ChartFile{
		file("a.yaml", "a: 1\n{{ if .Values.metrics.enabled }}b: 2\n{{ if .Values.rules }}c: 3\n{{ end }}{{ else }}d: 4\n{{ end }}"),
		file("b.yaml", "{{/* only\na comment */}}\n"),
		file("bad.yaml", "{{ if }}"),
		file("_h.tpl", "{{ define \"used\" }}u{{ end }}\n{{ define \"unused\" }}v{{ end }}"),
		file("NOTES.txt", "n"),
		file("c.yaml", "{{ with .Values.labels }}e: 5\n{{ end }}{{ range .Values.list }}f: 6\n{{ end }}{{ if eq .Values.mode \"x\" }}g: 7\n{{ end }}"),
		{Name: "values.yaml", Path: "c/values.yaml", Text: []byte("a: 1")},
	}}
	one := reached(t, "one", "metrics: {enabled: false}\nlabels: {}\nmode: w\nlist: [1]\n", files, "a: 1", "d: 4", "u{{")
	two := reached(t, "two", "metrics: {enabled: false}\nlabels: {a: b}\nmode: z\n", files, "a: 1", "d: 4", "e: 5")
	c := NewCoverage("demo", files, []*Reached{one, two})
	var out strings.Builder
	c.Print(&out)
	const want = `c: 7 of 10 template lines reached (70.0 %) in: one, two
  0.0 %          0/1  templates/NOTES.txt
 50.0 %          1/2  templates/_h.tpl
                          line 2: define "unused" (1 line)
 75.0 %          3/4  templates/a.yaml
                          line 2: if .Values.metrics.enabled (2 lines, metrics.enabled is false)
100.0 %          0/0  templates/b.yaml
100.0 %          3/3  templates/c.yaml
                          line 2: range .Values.list (1 line, list is set | unset)
                          line 3: if eq .Values.mode "x" (1 line, mode is w | z)
  0.0 %          0/2  charts/sub: subchart
`
	if got := out.String(); got != want {
		t.Errorf("got\n%s", got)
	}
	if l := c.Unrendered(); !slices.Equal(l, []string{"c/templates/bad.yaml"}) {
		t.Errorf("unrendered: %v", l)
	}
	var blocks []string
	for _, b := range c.Blocks() {
		blocks = append(blocks, fmt.Sprintf("%s:%d %d lines, %d conditions", b.File, b.Line, b.Lines, len(b.Conditions)))
	}
	if l := strings.Join(blocks, "\n"); l != `c/templates/a.yaml:2 2 lines, 1 conditions
c/templates/a.yaml:3 1 lines, 2 conditions
c/templates/c.yaml:2 1 lines, 1 conditions
c/templates/c.yaml:3 1 lines, 1 conditions` {
		t.Errorf("blocks\n%s", l)
	}
}

// TestAdds checks that of two renderings that reach the same, only the first one counts.
func TestAdds(t *testing.T) {
	files := &ChartFiles{Dir: "c", Files: []ChartFile{file("a.yaml", "a{{ if .Values.x }}b{{ end }}")}}
	c := NewCoverage("demo", files, []*Reached{reached(t, "", "x: false", files, "a{{")})
	before, _ := c.Count()
	more := reached(t, "x", "x: true", files, "a{{", "b{{")
	if c.Adds(reached(t, "y", "{}", files, "a{{")) || !c.Adds(more) || c.Adds(more) {
		t.Error("Adds is wrong")
	}
	if after, lines := c.Count(); after != before || lines != 1 || c.Percent() != 100 {
		t.Errorf("%d of %d lines, before %d", after, lines, before)
	}
	if p := (&FileCoverage{}).Percent(); p != 100 {
		t.Errorf("no lines: %v %%", p)
	}
}

// TestEnable checks which changes are tried for a block.
func TestEnable(t *testing.T) {
	const vals = "a: {enabled: false}\nb: true\nhelper: {flag: false}\nlist: []\ndeep: {p: false, q: true}\n"
	nested := strings.Repeat("{{ if .Values.b }}", maxConditions)
	for _, tt := range []struct{ template, want string }{
		{`{{ if .Values.a.enabled }}x{{ end }}`, `a.enabled=true`},
		{`{{ if .Values.a.enabled }}x{{ if not .Values.b }}y{{ end }}{{ end }}`, `a.enabled=true; b=false a.enabled=true`},
		{`{{ if .Values.b }}x{{ else }}y{{ end }}`, `; b=false`},
		{`{{ if include "is.on" . }}x{{ end }}`, `helper.flag=true`},
		{`{{ if gt (len .Values.deep.p) (len .Values.deep.q) }}x{{ end }}`, `deep.p=true | deep.q=false`},
		{`{{ range .Values.list }}x{{ end }}`, ``},
		{`{{ if .Capabilities.APIVersions.Has "a/v1" }}x{{ end }}`, `API a/v1`},
		{nested + `{{ if .Values.a.enabled }}x` + strings.Repeat("{{ end }}", maxConditions+1), strings.Repeat("; ", maxConditions)},
	} {
		files := &ChartFiles{Dir: "c", Files: []ChartFile{file("a.yaml", tt.template), file("_h.tpl", `{{ define "is.on" }}{{ if .Values.helper.flag }}true{{ end }}{{ end }}`)}}
		c := NewCoverage("demo", files, nil)
		var got []string
		for _, b := range c.Blocks() {
			if strings.HasSuffix(b.File, "_h.tpl") {
				continue
			}
			var l []string
			for _, s := range b.Enable(indexOf(t, vals)) {
				l = append(l, solutionText(s, true))
			}
			got = append(got, strings.Join(l, " | "))
		}
		if s := strings.Join(got, "; "); s != tt.want {
			t.Errorf("%.60s: got %q, want %q", tt.template, s, tt.want)
		}
	}
}

// TestKeysIn checks on which keys a condition depends, through helpers too.
func TestKeysIn(t *testing.T) {
	all := parseTemplates(&ChartFiles{Files: []ChartFile{file("_h.tpl", `
{{ define "a" }}{{ .Values.x }}{{ include "b" . }}{{ end }}
{{ define "b" }}{{ with .Values.y }}{{ .z }}{{ include "a" $ }}{{ end }}{{ end }}
{{ define "c" }}{{ if .Values.p }}{{ range .Values.q }}{{ .r }}{{ end }}{{ else }}{{ include "d" . }}{{ end }}{{ end }}
{{ define "d" }}{{ include "e" . }}{{ end }}{{ define "e" }}{{ include "f" . }}{{ end }}{{ define "f" }}{{ .Values.far }}{{ end }}
{{ define "many" }}{{ .Values.a }}{{ .Values.b }}{{ .Values.c }}{{ .Values.d }}{{ .Values.e }}{{ .Values.f }}{{ .Values.g }}{{ .Values.h }}{{ .Values.i }}{{ end }}`)}})
	for _, tt := range []struct{ pipe, want string }{
		{`.Values.a.b`, "a.b"},
		{`and .Values.a (not .Values.b) .Values.a`, "a b"},
		{`index .Values "a"`, "a"},
		{`not (.Values.a).b`, "a.b"},
		{`include "a" .`, "x y"},
		{`include "c" .`, "p q"},
		{`eq (include "a" .) .Values.z`, "x y z"},
		{`include .Values.name .`, "name"},
		{`include "none" .`, ""},
		{`include "many" .`, "a b c d e f g h"},
		{`.Release.Name`, ""},
	} {
		trees, err := parseAlone("p", "{{ "+tt.pipe+" }}")
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		pipe := trees["p"].Root.Nodes[0].(*parse.ActionNode).Pipe
		for _, steps := range all.keysIn(pipe, scope{dot: place{kind: topLevel}}) {
			got = append(got, trace.JoinSteps(steps))
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%s: got %q, want %q", tt.pipe, s, tt.want)
		}
	}
}

// TestScope checks which keys dot and variables refer to.
func TestScope(t *testing.T) {
	for _, tt := range []struct{ template, want string }{
		{`{{ if .Values.a }}{{ end }}`, "a"},
		{`{{ if $.Values.a }}{{ end }}`, "a"},
		{`{{ with .Values.m }}{{ if .a }}{{ end }}{{ end }}`, "m m.a"},
		{`{{ with .Values.m }}{{ with .n }}{{ if .a }}{{ end }}{{ end }}{{ end }}`, "m m.n m.n.a"},
		{`{{ with .Values.m }}{{ if $.Values.a }}{{ end }}{{ else }}{{ if .Values.b }}{{ end }}{{ end }}`, "m a b"},
		{`{{ $m := .Values.m }}{{ if $m.a }}{{ end }}`, "m.a"},
		{`{{ $m := .Values.m | default dict }}{{ if $m.a }}{{ end }}`, "m.a"},
		{`{{ $m := include "h" . }}{{ if $m.a }}{{ end }}`, "?"},
		{`{{ $m := . }}{{ if $m.Values.a }}{{ end }}`, "a"},
		{`{{ range .Values.l }}{{ if .a }}{{ end }}{{ if $.Values.b }}{{ end }}{{ end }}`, "l ? b"},
		{`{{ range $k, $v := .Values.m }}{{ if $v.a }}{{ end }}{{ end }}`, "m ?"},
		{`{{ define "h" }}{{ if .Values.a }}{{ end }}{{ if .b }}{{ end }}{{ end }}`, "a ?"},
		{`{{ if .Release.a }}{{ end }}`, "?"},
		{`{{ if .Values }}{{ end }}`, "?"},
	} {
		text := strings.NewReplacer("{{ end }}", "x{{ end }}", "{{ else }}", "x{{ else }}").Replace(tt.template) // empty blocks are skipped
		trees, err := parseAlone("a", text)
		if err != nil {
			t.Fatal(err)
		}
		w := &walker{all: &templates{}, src: &trace.Source{Text: text}, lines: map[int]bool{}}
		f := &templateFile{src: w.src}
		for _, name := range []string{"a", "h"} {
			if trees[name] != nil {
				f.trees = append(f.trees, trees[name])
			}
		}
		w.file(f)
		slices.SortStableFunc(w.blocks, func(a, b Block) int { return a.Compare(b.Position) })
		var got []string
		for _, b := range w.blocks {
			key := "?"
			if c := b.Conditions[0]; c.Kind == trace.TruthTest && c.Want {
				if steps, ok := c.Key(c.Condition); ok {
					key = trace.JoinSteps(steps)
				}
			} else if c.Kind == trace.OtherTest && c.Want {
				if l := b.keys(); len(l) > 0 {
					key = trace.JoinSteps(l[0])
				}
			} else {
				continue // an else
			}
			got = append(got, key)
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%s: got %q, want %q", tt.template, s, tt.want)
		}
	}
}

// TestDescribe checks that values are described without the texts that may be secrets.
func TestDescribe(t *testing.T) {
	keys := indexOf(t, "t: true\nnum: 3\ns: text\ne: ''\nm: {a: 1}\nem: {}\nel: []\nnone: null\nlong: "+strings.Repeat("x", 50)+"\npassword: hunter2\nlines: |\n  a\n  b\n")
	for _, tt := range []struct {
		key      string
		compared bool
		want     string
	}{
		{"t", false, "true"},
		{"num", false, "3"},
		{"s", false, "set"},
		{"s", true, "text"},
		{"e", false, "empty"},
		{"m", true, "set"},
		{"em", false, "empty"},
		{"el", false, "empty"},
		{"none", false, "unset"},
		{"other", false, "unset"},
		{"long", true, "set"},
		{"lines", true, "set"},
		{"password", true, "set"},
	} {
		if got := describe(keys, []string{tt.key}, tt.compared); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.key, got, tt.want)
		}
	}
}

// TestParseTemplates checks which files are templates, and that the outer chart's
// definitions win.
func TestParseTemplates(t *testing.T) {
	sub := &ChartFiles{Library: true, Files: []ChartFile{
		{Name: "templates/_h.tpl", Text: []byte(`{{ define "h" }}sub{{ end }}`)},
		{Name: "templates/a.yaml", Text: []byte(`a`)},
	}}
	root := &ChartFiles{Subs: []*ChartFiles{sub}, Files: []ChartFile{
		{Name: "templates/_h.tpl", Text: []byte(`{{ define "h" }}root{{ end }}`)},
		{Name: "files/x.yaml", Text: []byte(`x`)},
		{Name: "templates/bad.yaml", Text: []byte(`{{ if }}`)},
	}}
	all := parseTemplates(root)
	if len(all.files[root]) != 1 || len(all.files[sub]) != 1 || all.defines["h"].Root.String() != "root" {
		t.Errorf("files %v, h is %v", all.files, all.defines["h"])
	}
	for name, want := range map[string]bool{"templates/_h.tpl": true, "_x": true, "templates/a.yaml": false, "templates/_dir/a.yaml": false} {
		if IsPartial(name) != want {
			t.Errorf("%s: got %v", name, !want)
		}
	}
}
