package helm

import (
	"io"
	"log"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/render/helm/trace"

	"github.com/kubevet/kubevet/lint"
)

const fuzzValues = `s: hello
same: hello
flag: true
unset: false
num: 42
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
td: '{{ define "in" }}<{{ . }}>{{ end }}{{ template "in" .Values.num }}{{ include "in" .Values.s }}'
`

// grammar writes templates that rarely fail.
type grammar struct {
	*rand.Rand
	b       strings.Builder
	vars    []string
	defines []string
	// rebound counts the blocks around in which dot may be anything.
	rebound int
}

func (g *grammar) one(l ...string) string { return l[g.IntN(len(l))] }

// root is what holds everything.
func (g *grammar) root() string {
	if g.rebound > 0 {
		return "$"
	}
	return g.one("$", "")
}

// top is the same as an argument.
func (g *grammar) top() string {
	if g.rebound > 0 {
		return "$"
	}
	return g.one("$", ".")
}

// text is an operand that is a string.
func (g *grammar) text(depth int) string {
	if depth <= 0 {
		return g.one(g.root()+".Values.s", g.root()+".Values.same", g.root()+".Values.m.k", g.root()+".Values.m.s", g.root()+".Values.empty",
			`"hello"`, `"x"`, g.root()+".Release.Name", g.root()+".Chart.Name", g.root()+".Template.Name", "(index $.Values.l 0)", `(get $.Values.m "k")`)
	}
	d := depth - 1
	switch g.IntN(13) {
	case 0:
		return "(printf " + g.one(`"%v"`, `"%s-%v"`, `"[%v]"`) + " " + g.text(d) + " " + g.value(d) + ")"
	case 1:
		return "(include " + g.name() + " " + g.top() + ")"
	case 2:
		return `(include "fixed" ` + g.value(d) + ")"
	case 3:
		return "(tpl " + g.one("$.Values.t", "$.Values.td", `"{{ .Values.s | quote }}"`, `"{{ range $.Values.l }}{{ . }}{{ break }}{{ end }}"`,
			`"{{ $a := .Values.flag }}{{ $a }}"`, `"{{ template \"fixed\" .Values.num }}"`, g.text(d)) + " " + g.top() + ")"
	case 4:
		return "(default " + g.text(d) + " " + g.text(d) + ")"
	case 5:
		return "(ternary " + g.text(d) + " " + g.text(d) + " " + g.flag(d) + ")"
	case 6:
		return "(coalesce " + g.text(d) + " " + g.text(d) + ` "z")`
	case 7, 8:
		return "(" + g.one("toYaml", "toJson", "quote", "toString", "print", "kindOf", "toPrettyJson") + " " + g.value(d) + ")"
	case 9:
		return "(join \",\" " + g.list(d) + ")"
	}
	return "(" + g.text(d) + " | " + g.one("upper", "nindent 2", "indent 1", "trim", "b64enc", "trunc 3", `replace "l" "L"`, "title", "sha256sum", "squote",
		`trimSuffix "o"`, "toYaml | nindent 4", `trimAll "h"`) + ")"
}

func (g *grammar) flag(depth int) string {
	if depth <= 0 {
		return g.one("true", "false", "(eq 1 1)", "(not $.Values.flag)", "(empty $.Values.empty)")
	}
	return g.one("(not "+g.value(depth-1)+")", "(eq "+g.text(depth-1)+" "+g.text(depth-1)+")", "(empty "+g.value(depth-1)+")", "(contains \"l\" "+g.text(depth-1)+")")
}

func (g *grammar) list(depth int) string {
	if depth <= 0 {
		return g.one("$.Values.l", "(list 1 2)", `(splitList "l" $.Values.s)`)
	}
	return g.one("(list "+g.value(depth-1)+" "+g.value(depth-1)+")", "(append $.Values.l "+g.text(depth-1)+")", "(reverse "+g.list(depth-1)+")",
		"(fromYamlArray (toYaml "+g.list(depth-1)+"))", "(rest "+g.list(depth-1)+")")
}

func (g *grammar) dict(depth int) string {
	if depth <= 0 {
		return g.one(g.root()+".Values.m", "$.Values.m", `(dict "k" 1)`, "(omit $.Values.m \"k\")")
	}
	d := depth - 1
	return g.one(`(dict "k" `+g.value(d)+` "s" `+g.text(d)+")", "(merge (dict) "+g.dict(d)+" "+g.dict(d)+")", "(omit "+g.dict(d)+` "s")`,
		"(deepCopy "+g.dict(d)+")", "(fromYaml (toYaml "+g.dict(d)+"))", "(set "+g.dict(d)+` "s" `+g.value(d)+")", "(mergeOverwrite (dict) "+g.dict(d)+" "+g.dict(d)+")",
		"(unset "+g.dict(d)+` "k")`, "(set $.Values.m \"flag\" "+g.value(0)+")")
}

// value is any operand.
func (g *grammar) value(depth int) string {
	switch {
	case len(g.vars) > 0 && g.IntN(4) == 0:
		return g.one(g.vars...)
	case g.IntN(2) == 0:
		return g.text(depth)
	case depth > 0 && g.IntN(2) == 0:
		return g.dict(depth - 1)
	case depth > 0 && g.IntN(4) == 0:
		return g.list(depth - 1)
	case g.IntN(8) == 0:
		return "(" + g.one("and", "or") + " " + g.value(0) + " " + g.value(0) + ")"
	}
	return g.one(g.root()+".Values.flag", "$.Values.unset", g.root()+".Values.num", "$.Values.zero", "$.Values.none", "$.Values.m.flag", "1", "true",
		g.dot(), g.dict(0)+".k", "(len $.Values.l)", "(int $.Values.num)", "$.Capabilities.KubeVersion")
}

// dot is dot where that is not everything: which prints addresses.
func (g *grammar) dot() string {
	if g.rebound > 0 {
		return "."
	}
	return "$.Values.flag"
}

// pipeline is a value, mostly a text.
func (g *grammar) pipeline(depth int) string {
	s := g.value(depth)
	if g.IntN(2) == 0 {
		s = g.text(depth)
	}
	if strings.HasPrefix(s, "(") && g.IntN(2) == 0 && strings.Count(s, "(") == 1 {
		s = s[1 : len(s)-1]
	}
	l := []string{s}
	for g.IntN(3) == 0 {
		l = append(l, g.one("quote", "toString | upper", "toYaml", "toString | nindent 2", `default "d"`, "toString", "toJson", "toYaml | nindent 4", `include "fixed"`))
	}
	return strings.Join(l, " | ")
}

func (g *grammar) name() string { return strconv.Quote(g.one(g.defines...)) }

func (g *grammar) left() string  { return g.one("{{ ", "{{ ", "{{- ") }
func (g *grammar) right() string { return g.one(" }}", " }}", " -}}") }
func (g *grammar) put(s string)  { g.b.WriteString(g.left() + s + g.right()) }

func (g *grammar) literal() string { return g.one("a", "\n", "k: ", "  ", "- ", "hello", "é\r\n", "") }

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
		g.b.WriteString(g.literal())
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
		g.rebound++
		g.block(depth - 1)
		g.rebound--
		g.elses("with", depth)
	case 8, 9:
		g.put("range " + g.one("", "$i, $v := ") + g.one("$.Values.l", "$.Values.m", "3", g.list(1), g.dict(1)))
		g.rebound++
		g.block(depth - 1)
		if g.IntN(2) == 0 {
			g.put("if " + g.value(0))
			g.put(g.one("break", "continue"))
			g.put("end")
			g.block(depth - 1)
		}
		g.rebound--
		g.elses("", depth)
	case 10:
		g.put("template " + g.name() + " " + g.top())
	case 11:
		g.put(`template "fixed" ` + g.one("", g.value(1)))
	}
}

func (g *grammar) elses(kind string, depth int) {
	if kind != "" && g.IntN(3) == 0 {
		g.put("else " + kind + " " + g.pipeline(1))
		if kind == "with" {
			g.rebound++
		}
		g.block(depth - 1)
		if kind == "with" {
			g.rebound--
		}
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
		g.defines = append([]string{"d"}, all[:i]...) // none that includes itself
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
// text, or an error of both, and what is reported for a line is there.
func FuzzRender(f *testing.F) {
	log.SetOutput(io.Discard) // Helm warns of odd values there
	f.Add(uint64(2), "{{ .Values.s }}")
	for i := range uint64(300) {
		f.Add(i, "")
	}
	f.Fuzz(func(t *testing.T, seed uint64, text string) {
		if text == "" {
			text = (&grammar{Rand: rand.New(rand.NewPCG(seed, 7))}).template()
		}
		checkLikeHelm(t, text)
	})
}

// printedAddress is what templates print of a pointer.
var printedAddress = regexp.MustCompile(`0x[0-9a-f]{6,}`)

func checkLikeHelm(t *testing.T, text string) {
	dir := filepath.Join(t.TempDir(), "chart")
	files := map[string]string{
		"Chart.yaml":          "apiVersion: v2\nname: demo\nversion: 0.1.0\n",
		"values.yaml":         fuzzValues,
		"templates/_fix.tpl":  `{{ define "fixed" }}[{{ . }}]{{ end }}{{ define "d" }}{{ .Values.flag }}{{ $.Values.s }}{{ end }}`,
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
	r := newRendering(t.Context(), c) // its steps are limited
	r.render(&Scenario{})
	var failures []string
	for _, p := range r.out.Problems {
		if strings.Contains(p.Message, trace.ErrBudget.Error()) || strings.Contains(p.Message, "was stopped") {
			return // Helm's engine has no limits
		}
		if p.Code != lint.CodeInvalidYAML && p.Code != lint.CodeNotAnObject { // the engine reads no document
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
		if printedAddress.ReplaceAllString(out.text, "") != printedAddress.ReplaceAllString(want[out.task.name], "") {
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
		line := strings.TrimSuffix(lines[p.Line-1], "\r")
		if n := len([]rune(line)); p.Column > n+1 || p.EndColumn > n+1 {
			t.Fatalf("%s\n%s-%d is not on the line %q", text, p, p.EndColumn, line)
		}
		return line // its bytes: a template need not be UTF-8
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
		if _, ok := r.keys.At(strings.Split(name, ".")); name == s.Label && !ok {
			t.Fatalf("%s\n%s is not in the values", text, s.Label)
		}
	}
}
