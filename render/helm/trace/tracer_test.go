package trace

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"text/template"

	"helm.sh/helm/v3/pkg/chart"
	"sigs.k8s.io/yaml"
)

// run executes a template with values in YAML.
func run(t *testing.T, text, vals string) (*Tracer, *Frame, error) {
	t.Helper()
	var v map[string]any
	if err := yaml.Unmarshal([]byte(vals), &v); err != nil {
		t.Fatal(err)
	}
	return runIn(t, NewTracer(NewBudget(context.Background(), DefaultLimits, 0)), text, v)
}

func runIn(t *testing.T, tr *Tracer, text string, v map[string]any) (*Tracer, *Frame, error) {
	t.Helper()
	tm := template.New("gotpl").Option("missingkey=zero")
	f := tr.Funcs(tm)
	tm.Funcs(f)
	src := &Source{File: "a.yaml", Text: text}
	e := (&Library{ByName: map[string]*Entry{}}).Compile([]TemplateText{{"a", src}}, f)[0]
	if e.Err != nil {
		t.Fatal(e.Err)
	}
	tr.Sources["a"] = src
	tr.Compiled = append(tr.Compiled, e.Compiled)
	if err := tr.Use(e.Compiled, tm.New("a")); err != nil {
		t.Fatal(err)
	}
	tr.IDs.Snapshot = v
	data := map[string]any{
		"Values": tr.IDs.Clone(v, &Key{Name: ValuesObject}),
		"Files":  tr.NewFiles([]*chart.File{{Name: "files/b.txt", Data: []byte("one\ntwo\n")}, {Name: "files/empty"}}, map[*chart.File]string{}, "c"),
	}
	frame, err := tr.Execute(tm, "a", data)
	return tr, frame, err
}

// describe lists pieces with their kind, line and keys.
func describe(t *Traced) string {
	var l []string
	for i := range t.Pieces {
		p := &t.Pieces[i]
		words := []string{[]string{"function", "text", "value", "disabled", "decision"}[p.Kind]}
		if p.Start < p.End {
			words = append(words, fmt.Sprintf("%q", t.Text[p.Start:p.End]))
		}
		for _, k := range p.Keys {
			words = append(words, JoinSteps(k.Steps()))
		}
		for c := p.Call; c != nil; c = c.Up {
			words = append(words, "in", c.name)
		}
		l = append(l, strings.Join(words, " "))
	}
	return strings.Join(l, "; ")
}

// TestPieces checks into which pieces the output of a template is split.
func TestPieces(t *testing.T) {
	const vals = "s: hello\nnum: 42\nup: true\ndown: false\nempty: ''\nm: {k: deep, e: {}}\nl: [one, two]\nt: '<{{ .Values.s }}>'\n"
	for _, tt := range []struct{ template, want string }{
		{`a`, `text "a"`},
		{`a: {{ .Values.s }}`, `text "a: "; value "hello" s`},
		{`{{ .Values.num }}`, `value "42" num`},
		{`{{ .Values.s | quote }}`, `function "\""; value "hello" s; function "\""`},
		{`{{ .Values.s | upper }}`, `value "HELLO" s`},
		{`{{ printf "%s-%s" .Values.s .Values.m.k }}`, `value "hello" s; function "-"; value "deep" m.k`},
		{`{{ toYaml .Values.m }}`, `value "e" m.e; function ": "; value "{}" m.e; function "\n"; value "k" m.k; function ": "; value "deep" m.k`},
		{`{{ "x" }}`, `value "x"`},
		{`{{ define "h" }}<{{ . }}>{{ end }}{{ include "h" .Values.s }}`, `text "<" in h; value "hello" s in h; text ">" in h`},
		{`{{ define "h" }}<{{ . }}>{{ end }}{{ template "h" .Values.s }}`, `text "<" in h; value "hello" s in h; text ">" in h`},
		{`{{ tpl .Values.t . }}`, `value "<" t; value "hello" s; value ">" t`},
		{`{{ tpl "plain" . }}`, `value "plain"`},
		{`{{ range .Values.l }}{{ . }}{{ end }}`, `value "one" l[0]; value "two" l[1]`},
		{`{{ .Values.empty | default "d" }}`, `decision empty; value "d"`},
		{`{{ .Values.none }}`, `value "<no value>" none`},
		{`{{ not .Values.down }}`, `decision down; value "true"`},
		// blocks
		{`{{ if .Values.up }}x{{ end }}`, `text "x"`},
		{`{{ if .Values.down }}x{{ end }}`, `disabled down`},
		{`{{ if .Values.down }}x{{ else }}y{{ end }}`, `disabled down; text "y"`},
		{`{{ if and .Values.up .Values.down }}x{{ end }}`, `disabled up down`},
		{`{{ with .Values.empty }}x{{ end }}`, `disabled empty`},
		{`{{ with .Values.m }}{{ if .none }}x{{ end }}{{ end }}`, `disabled m.none`},
		{`{{ $x := .Values.down }}{{ if $x }}x{{ end }}`, `disabled down`},
		{`{{ if eq .Values.s "x" }}x{{ end }}`, `disabled s`},
		{`{{ if ne .Values.s "hello" }}x{{ end }}`, `disabled s`},
		{`{{ if and .Values.down .Capabilities }}x{{ end }}`, `disabled down`},
		{`{{ if include "h" . }}x{{ end }}{{ define "h" }}{{ end }}`, `disabled`},
		{`{{ if and .Values.down (include "h" .) }}x{{ end }}{{ define "h" }}{{ end }}`, ``},
		{`{{ if and .Values.up .Values.num .Values.s .Values.m .Values.down }}x{{ end }}`, ``},
		{`{{ range .Values.none }}x{{ end }}`, ``},
		{`{{ define "h" }}{{ if .Values.down }}x{{ end }}{{ end }}{{ include "h" . }}y`, `disabled down in h; text "y"`},
		{`{{ define "h" }}{{ if .Values.down }}x{{ end }}{{ end }}{{ $x := include "h" . }}y`, `text "y"`},
		{`{{ define "h" }}a{{ if .Values.down }}x{{ end }}{{ end }}{{ include "h" . }}`, `text "a" in h; disabled down in h`},
		// files
		{`{{ .Files.Get "files/b.txt" }}`, `text "one\ntwo\n"`},
		{`{{ range .Files.Lines "files/b.txt" }}{{ . }},{{ end }}`, `text "one"; text ","; value "two"; text ","`},
	} {
		_, f, err := run(t, tt.template, vals)
		if err != nil {
			t.Errorf("%s: %v", tt.template, err)
			continue
		}
		traced := f.Pieces()
		if traced.Text != f.Out.String() {
			t.Errorf("%s: the text of the pieces is %q, the output %q", tt.template, traced.Text, f.Out.String())
		}
		if got := describe(traced); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.template, got, tt.want)
		}
	}
}

// TestDisabledBlock checks the keys and the text of a block that was not entered.
func TestDisabledBlock(t *testing.T) {
	_, f, err := run(t, `{{ if and .Values.a (or .Values.b (eq .Values.c "x")) }}{{ .Values.d }} y{{ end }}`, "a: true\nb: false\nc: z\nd: 1\n")
	if err != nil {
		t.Fatal(err)
	}
	block := f.Pieces().Pieces[0].Block
	var got []string
	for _, test := range block.Tests {
		got = append(got, test.text()+" at "+JoinSteps(block.Key(test).Steps()))
	}
	if l := strings.Join(got, ", "); l != `.Values.a at a, .Values.b at b, .Values.c == "x" at c` {
		t.Errorf("tests %s", l)
	}
	if block.Text != "{{ .Values.d }} y" {
		t.Errorf("text %q", block.Text)
	}
	if block.Key(&Condition{}) != nil {
		t.Error("another test has a key")
	}
	// The text contains a block that is last in it, and no more.
	for _, text := range []string{
		"x: {{- with .Values.b }}{{ . }}{{ end }}",
		"{{ if .Values.b }}x{{ else if .Values.c }}y{{- end }}",
		"{{ if .Values.b }}{{ range .Values.c }}y{{ end }}{{ else }}{{ with .Values.d }}{{ . }}{{ end }}{{ end }}",
	} {
		_, f, err := run(t, "{{ if .Values.a }}"+text+"{{ end }}{{ if .Values.a }}{{ end }}", "a: false")
		if err != nil {
			t.Fatal(err)
		}
		if got := f.Pieces().Pieces[0].Block.Text; got != text {
			t.Errorf("text %q, want %q", got, text)
		}
	}
}

// TestReached checks which sites are counted as reached.
func TestReached(t *testing.T) {
	tr, _, err := run(t, "a{{ if .Values.a }}b{{ else }}c{{ end }}{{ if .Values.b }}d{{ end }}{{ range .Values.l }}e{{ end }}", "a: true\nl: []\n")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range tr.Compiled[0].Numbered {
		if tr.Reached.Has(s.Number) {
			got = append(got, tr.Compiled[0].Src.Text[s.Pos:s.Pos+1])
		}
	}
	if l := strings.Join(got, ""); l != "ab" {
		t.Errorf("reached %q", l)
	}
}

// TestFailures checks the errors of templates.
func TestFailures(t *testing.T) {
	for _, tt := range []struct{ template, want string }{
		{`{{ required "give it" .Values.none }}`, "give it"},
		{`{{ fail "no" }}`, "no"},
		{`{{ include "none" . }}`, `template "none"`},
		{`{{ tpl .Values.bad . }}`, "cannot parse as a template the value of bad"},
		{`{{ tpl .Values.fails . }}`, "executing as a template the value of fails"},
		{`{{ tpl "{{ fail \"no\" }}" . }}`, "executing as a template: "},
		{`{{ tpl .Values.password . }}`, "cannot parse as a template the value of password"},
		{`{{ define "h" }}{{ include "h" . }}{{ end }}{{ include "h" . }}`, "nested"},
		{`{{ index .Values.l 3 }}`, "out of range"},
	} {
		_, _, err := run(t, tt.template, "bad: '{{ if }}'\nfails: '{{ fail \"no\" }}'\npassword: '{{ \"hunter2\" }'\nl: []\n")
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: got %v, want %s", tt.template, err, tt.want)
		}
	}
	_, _, err := run(t, `{{ required "give it" .Values.none }}`, "{}")
	var missing *RequiredError
	if !errors.As(err, &missing) || missing.Message != "give it" {
		t.Errorf("got %v", err)
	}
}

// TestMarkErrors checks that an error at a mark names its site.
func TestMarkErrors(t *testing.T) {
	limits := DefaultLimits
	limits.Steps = 10
	_, _, err := runIn(t, NewTracer(NewBudget(context.Background(), limits, 0)), `{{ range until 100 }}{{ end }}`, map[string]any{})
	var mark *MarkError
	if !errors.As(err, &mark) || mark.Site.Src.File != "a.yaml" || !errors.Is(err, ErrBudget) {
		t.Errorf("got %v", err)
	}
}

// TestCompileOnce checks that a template is compiled once, unless its text or file differs.
func TestCompileOnce(t *testing.T) {
	l := &Library{ByName: map[string]*Entry{}}
	compile := func(file, text string) *Entry {
		return l.Compile([]TemplateText{{"a", &Source{File: file, Text: text}}}, Functions())[0]
	}
	first := compile("a", "x{{ .a }}")
	if compile("a", "x{{ .a }}") != first {
		t.Error("the same template is compiled again")
	}
	if compile("b", "x{{ .a }}") == first || compile("a", "y") == first {
		t.Error("another template is not compiled")
	}
	if e := compile("a", "{{ if }}"); e.Err == nil {
		t.Error("a template with an error compiles")
	}
	seen := map[int]bool{}
	for _, s := range first.Numbered {
		if s.Number == 0 || seen[s.Number] {
			t.Errorf("number %d", s.Number)
		}
		seen[s.Number] = true
	}
}

func TestParallel(t *testing.T) {
	done := make([]int, 100)
	Parallel(len(done), func(i int) { done[i]++ })
	for i, n := range done {
		if n != 1 {
			t.Errorf("%d is called %d times", i, n)
		}
	}
	Parallel(0, func(int) { t.Error("called for nothing") })
}

func TestFiles(t *testing.T) {
	b := NewBudget(context.Background(), DefaultLimits, 0)
	f := b.limit(Files{"d/a.txt": []byte("1\n2"), "d/b.yaml": []byte("x"), "e/b.yaml": []byte("y"), "empty": nil})
	defer b.Close()
	if got := f.Get("d/a.txt") + f.Get("none") + string(f.GetBytes("d/b.yaml")) + string(f.GetBytes("none")); got != "1\n2x" {
		t.Errorf("got %q", got)
	}
	g, err := f.Glob("d/*")
	if err != nil || len(g) != 2 || g.Get("d/b.yaml") != "x" {
		t.Errorf("got %v, %v", g, err)
	}
	if g, err := f.Glob("[x"); err != nil || len(g) != len(f) { // as in Helm
		t.Errorf("got %v, %v", g, err)
	}
	if _, err := f.Glob(strings.Repeat("a", maxPattern+1)); !errors.Is(err, ErrBudget) {
		t.Errorf("got %v", err)
	}
	if got, err := f.AsConfig(); err != nil || got != "a.txt: |-\n  1\n  2\nb.yaml: \"y\"\nempty: \"\"" {
		t.Errorf("got %q, %v", got, err)
	}
	if got, err := g.AsSecrets(); err != nil || got != "a.txt: MQoy\nb.yaml: eA==" {
		t.Errorf("got %q, %v", got, err)
	}
	if got, err := Files(nil).AsConfig(); err != nil || got != "" {
		t.Errorf("got %q, %v", got, err)
	}
	if l, err := f.Lines("d/a.txt"); err != nil || strings.Join(l, ",") != "1,2" {
		t.Errorf("got %v, %v", l, err)
	}
	if l, err := f.Lines("none"); err != nil || len(l) != 0 {
		t.Errorf("got %v, %v", l, err)
	}
}
