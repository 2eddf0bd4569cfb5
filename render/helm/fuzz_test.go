package helm

import (
	"context"
	"io"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/kubevet/kubevet/lint"
)

const fuzzValues = `s: hello
same: hello
flag: true
unset: false
n: 42
zero: 0
empty: ""
none: null
m:
  k: deep
  s: hello
  flag: true
l:
  - first
  - second
  - k: in list
t: '{{ .Values.s }}'
td: '{{ define "in" }}<{{ . }}>{{ end }}{{ template "in" .Values.n }}{{ include "in" .Values.s }}'
`

// grammar writes templates.
type grammar struct {
	*rand.Rand
	b       strings.Builder
	vars    []string
	defines []string
	loops   int
}

func (g *grammar) one(l ...string) string { return l[g.IntN(len(l))] }

// value is an operand.
func (g *grammar) value(depth int) string {
	if depth > 0 && g.IntN(3) == 0 {
		return "(" + g.pipeline(depth-1) + ")"
	}
	if len(g.vars) > 0 && g.IntN(4) == 0 {
		return g.one(g.vars...)
	}
	return g.one(".", "$", ".Values", "$.Values.s", ".Values.s", ".Values.same", ".Values.flag", "$.Values.unset", ".Values.n", ".Values.zero",
		".Values.empty", ".Values.none", "$.Values.m", ".Values.m", ".Values.m.k", ".Values.l", ".k", ".s", `"hello"`, `"x"`, "1", "true",
		".Release.Name", ".Chart.Name", ".Template.Name", ".Files", ".Capabilities.KubeVersion")
}

func (g *grammar) call(depth int) string {
	v := func() string { return g.value(depth) }
	switch g.IntN(22) {
	case 0:
		return "printf " + g.one(`"%v"`, `"%s-%v"`, `"[%v]"`) + " " + v() + " " + v()
	case 1:
		return "include " + g.name() + " " + v()
	case 2:
		return "tpl " + g.one("$.Values.t", "$.Values.td", `"{{ . }}"`, `"{{ .Values.s | quote }}"`, `"{{ range $.Values.l }}{{ . }}{{ break }}{{ end }}"`) + " " + g.one("$", ".", v())
	case 3:
		return "default " + v() + " " + v()
	case 4:
		return "ternary " + v() + " " + v() + " " + g.one("true", "false", ".Values.flag")
	case 5:
		return "coalesce " + v() + " " + v() + " " + v()
	case 6:
		return "dict " + `"k" ` + v() + ` "Values" $.Values`
	case 7:
		return "list " + v() + " " + v()
	case 8:
		return g.one("eq", "ne", "and", "or") + " " + v() + " " + v()
	case 9:
		return g.one("toYaml", "toJson", "quote", "toString", "upper", "len", "not", "first", "last", "kindOf", "empty", "print", "fromYaml", "deepCopy", "int") + " " + v()
	case 10:
		return `index ` + v() + " " + g.one(`"k"`, "0", `"Values"`)
	case 11:
		return "set " + v() + ` "s" ` + v()
	case 12:
		return "merge (dict) " + v() + " " + v()
	case 13:
		return "omit " + v() + ` "s"`
	case 14:
		return `get ` + v() + ` "k"`
	}
	return v()
}

func (g *grammar) pipeline(depth int) string {
	s := g.call(depth)
	for g.IntN(3) == 0 {
		s += " | " + g.one("quote", "upper", "toYaml", "nindent 2", "indent 1", `default "d"`, "toString", "trim", "b64enc", "toJson", "fromYaml", "trunc 3", `replace "l" "L"`, "first", "len", "toYaml | nindent 4")
	}
	return s
}

func (g *grammar) name() string { return strconv.Quote(g.one(g.defines...)) }

func (g *grammar) open() string { return g.one("{{ ", "{{ ", "{{- ") }
func (g *grammar) shut() string { return g.one(" }}", " }}", " -}}") }
func (g *grammar) put(s string) { g.b.WriteString(g.open() + s + g.shut()) }
func (g *grammar) text() string { return g.one("a", "\n", "k: ", "  ", "- ", "hello", "é\r\n", "") }
func (g *grammar) block(depth int) {
	vars := len(g.vars)
	for range g.IntN(4) {
		g.node(depth)
	}
	g.vars = g.vars[:vars]
}

func (g *grammar) node(depth int) {
	kind := g.IntN(12)
	if depth <= 0 {
		kind %= 6
	}
	switch kind {
	case 0, 1:
		g.b.WriteString(g.text())
	case 2, 3:
		g.put(g.pipeline(2))
	case 4:
		name := g.one("$a", "$b")
		g.put(name + " := " + g.pipeline(2))
		g.vars = append(g.vars, name)
	case 5:
		if len(g.vars) > 0 {
			g.put(g.one(g.vars...) + " = " + g.pipeline(1))
		}
	case 6:
		g.put("if " + g.pipeline(1))
		g.block(depth - 1)
		g.elses("if", depth)
	case 7:
		g.put("with " + g.one("", "$w := ") + g.pipeline(1))
		g.block(depth - 1)
		g.elses("with", depth)
	case 8, 9:
		g.put("range " + g.one("", "$i, $v := ") + g.one(".Values.l", ".Values.m", "$.Values.l", "3", "list 1 2", g.value(1)))
		g.loops++
		g.block(depth - 1)
		if g.IntN(2) == 0 {
			g.put("if " + g.value(0))
			g.put(g.one("break", "continue"))
			g.put("end")
			g.block(depth - 1)
		}
		g.loops--
		g.elses("", depth)
	case 10:
		g.put("template " + g.name() + " " + g.pipeline(1))
	case 11:
		g.put("template " + g.name())
	}
}

func (g *grammar) elses(kind string, depth int) {
	if kind != "" && g.IntN(3) == 0 {
		g.put("else " + kind + " " + g.pipeline(1))
		g.block(depth - 1)
	}
	if g.IntN(3) == 0 {
		g.put("else")
		g.block(depth - 1)
	}
	g.put("end")
}

// template writes a file with some defines.
func (g *grammar) template() string {
	g.defines = []string{"d0", "d1", "d2"}
	all := g.defines
	for i, name := range all {
		g.defines = append([]string{"fixed"}, all[:i]...) // none that includes itself
		g.put("define " + strconv.Quote(name))
		g.block(2)
		g.put("end")
	}
	g.defines = append(g.defines, all...)
	for range 1 + g.IntN(8) {
		g.node(3)
	}
	return g.b.String()
}

// FuzzRender renders templates with Helm's engine and with this one: the same
// text, or an error of both, and what is told of a line is there.
func FuzzRender(f *testing.F) {
	log.SetOutput(io.Discard) // Helm warns of odd values there
	f.Add(uint64(1), "")
	f.Add(uint64(2), "{{ .Values.s }}")
	for i := range uint64(40) {
		f.Add(i, "")
	}
	f.Fuzz(func(t *testing.T, seed uint64, text string) {
		if text == "" {
			text = (&grammar{Rand: rand.New(rand.NewPCG(seed, 7))}).template()
		}
		checkLikeHelm(t, text)
	})
}

func checkLikeHelm(t *testing.T, text string) {
	dir := filepath.Join(t.TempDir(), "chart")
	files := map[string]string{
		"Chart.yaml":          "apiVersion: v2\nname: demo\nversion: 0.1.0\n",
		"values.yaml":         fuzzValues,
		"templates/_fix.tpl":  `{{ define "fixed" }}[{{ . }}]{{ end }}`,
		"templates/fuzz.yaml": text,
	}
	for name, data := range files {
		p := filepath.Join(dir, name)
		if os.MkdirAll(filepath.Dir(p), 0o755) != nil || os.WriteFile(p, []byte(data), 0o644) != nil {
			t.Fatal("cannot write " + p)
		}
	}
	c, problems := loadChart(t, dir)
	if c == nil {
		t.Fatal(problems)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	r := newRendering(ctx, c)
	r.render(&Scenario{})
	var failures []string
	for _, p := range r.out.Problems {
		if strings.Contains(p.Message, errBudget.Error()) || strings.Contains(p.Message, "was stopped") {
			return // Helm's engine has no bounds
		}
		if !strings.HasPrefix(p.Message, "renders to invalid YAML") {
			failures = append(failures, p.Error())
		}
	}
	want, err := helmEngine(c)
	switch {
	case err != nil && len(failures) > 0:
		return
	case err != nil || len(failures) > 0:
		t.Fatalf("%s\nHelm: %v\nhere: %v", text, err, failures)
	}
	for _, out := range r.files {
		if out.text != want[out.task.name] {
			t.Fatalf("%s\ngot  %q\nwant %q", text, out.text, want[out.task.name])
		}
		for i := range strings.Split(out.text, "\n") {
			checkOrigin(t, text, files, r, out.lineOrigin(i+1))
		}
	}
	for _, o := range r.out.Unit.Objects {
		checkOrigin(t, text, files, r, o.Locate(o.Root))
	}
}

// checkOrigin checks that positions lie in their files, and that values keys are there.
func checkOrigin(t *testing.T, text string, files map[string]string, r *rendering, o lint.Origin) {
	t.Helper()
	inFile := func(p lint.Position) string {
		if p.Line == 0 {
			return ""
		}
		_, name, _ := strings.Cut(p.File, "chart/")
		lines := strings.Split(files[name], "\n")
		if p.Line > len(lines) {
			t.Fatalf("%s\n%s is not in the file", text, p)
		}
		l := []rune(strings.TrimSuffix(lines[p.Line-1], "\r"))
		if p.Column > len(l)+1 || p.EndColumn > len(l)+1 {
			t.Fatalf("%s\n%s-%d is not on the line %q", text, p, p.EndColumn, string(l))
		}
		return string(l)
	}
	if l := inFile(o.Position); o.Text != "" && o.Text != l {
		t.Fatalf("%s\n%s has %q, want %q", text, o.Position, o.Text, l)
	}
	for _, s := range o.Trail {
		if s.Kind == lint.StepRendered {
			continue
		}
		l := inFile(s.Position)
		if s.Kind != lint.StepValues {
			continue
		}
		name := s.Label[strings.LastIndex(s.Label, ".")+1:]
		if base, _, ok := strings.Cut(name, "["); ok {
			name = base
		} else if !strings.Contains(l, name+":") {
			t.Fatalf("%s\n%s is not at %s: %q", text, s.Label, s.Position, l)
		}
		if _, ok := r.keys.at(strings.Split(name, ".")); name == s.Label && !ok {
			t.Fatalf("%s\n%s is not in the values", text, s.Label)
		}
	}
}
