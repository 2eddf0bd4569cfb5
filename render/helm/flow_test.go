package helm

import (
	"runtime/debug"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/render/helm/trace"

	"github.com/kubevet/kubevet/lint"
)

// TestFlow checks, for every way on which a value comes to the output, the template
// line and the values keys that are reported; and that none is reported which is not
// verified. Each template prints one line, or the last one counts.
func TestFlow(t *testing.T) {
	const values = `s: hello
same: hello
other: world
n: 42
flag: true
unset: false
also: true
empty: ""
zero: 0
m:
  k: deep
  s: hello
l:
  - first
  - second
t: '{{ .Values.s }}'
tt: '{{ tpl .Values.t . }}'
td: '{{ define "in" }}<{{ . }}>{{ end }}{{ include "in" .Values.s }}'
ti: '{{ include "h" .Values.other }}'
name: k
`
	const helpers = `{{- define "h" }}{{ . }}{{ end }}
{{- define "hs" }}{{ .Values.s }}{{ end }}
{{- define "const" }}hello{{ end }}
{{- define "name" }}h{{ end }}
{{- define "tpl" }}{{ tpl .Values.t . }}{{ end }}
`
	const at = " at t.yaml:1"
	tests := []struct{ template, want string }{
		// loops that are left early
		{`{{ range .Values.l }}{{ if eq . "second" }}{{ . }}{{ break }}{{ end }}{{ end }}`, "l[1]" + at},
		{`{{ range .Values.l }}{{ if eq . "first" }}{{ continue }}{{ end }}{{ . }}{{ end }}`, "l[1]" + at},
		{`{{ range $i, $x := .Values.l }}{{ if $i }}{{ break }}{{ end }}{{ $x }}{{ end }}`, "l[0]" + at},
		{`{{ range .Values.l }}{{ $x := . }}{{ if eq $x "first" }}{{ continue }}{{ end }}{{ $x }}{{ end }}`, "l[1]" + at},
		{`{{ range .Values.l }}{{ break }}{{ end }}hello`, at},
		{`{{ range .Values.l }}{{ with $.Values.flag }}{{ break }}{{ end }}{{ end }}{{ .Values.s }}`, "s" + at},
		{`{{ range .Values.none }}{{ . }}{{ else }}{{ .Values.flag }}{{ end }}`, "flag" + at},
		{`{{ range 2 }}{{ $.Values.flag }};{{ end }}`, "flag" + at},
		{`{{ range $k, $v := .Values.m }}{{ if eq $k "s" }}{{ $k }}{{ end }}{{ end }}`, "m.s" + at},
		// with and its elses
		{`{{ with .Values.empty }}{{ . }}{{ else with .Values.s }}{{ . }}{{ end }}`, "?empty s" + at},
		{`{{ with .Values.empty }}{{ . }}{{ else }}{{ .Values.flag }}{{ end }}`, "?empty flag" + at},
		{`{{ with .Values.m }}{{ $.Values.flag }}{{ end }}`, "flag" + at},
		{`{{ with $x := .Values.flag }}{{ $x }}{{ end }}`, "flag" + at},
		{`{{ with .Values.flag }}{{ . }}{{ end }}`, "flag" + at},
		{`{{ if $x := .Values.s }}{{ $x }}{{ end }}`, "s" + at},
		{`{{ with .Values.m }}{{ with .k }}{{ . }}{{ end }}{{ end }}`, "m.k" + at},
		// templates
		{`{{ template "h" .Values.s }}`, "s at _h.tpl:1 < t.yaml:1"},
		{`{{ template "h" .Values.flag }}`, "flag at _h.tpl:1 < t.yaml:1"},
		{`{{ template "hs" $ }}`, "s at _h.tpl:2 < t.yaml:1"},
		{`{{ with .Values.m }}{{ template "hs" $ }}{{ end }}`, "s at _h.tpl:2 < t.yaml:1"},
		{`{{ template "h" .Values.s | upper }}`, "s at _h.tpl:1 < t.yaml:1"},
		{`{{ template "h" (include "hs" .) }}`, "s at _h.tpl:2 < t.yaml:1"},
		{`{{ template "h" .Values.other }}{{ "\n" }}{{ .Values.flag }}`, "flag" + at},
		{`{{ with .Values.m }}{{ template "h" "x" }}{{ "\n" }}{{ .k }}{{ end }}`, "m.k" + at},
		{`{{ block "b" .Values.m }}{{ .k }}{{ end }}`, "m.k" + at + " < t.yaml:1"},
		{`{{ define "x" }}{{ $.k }}{{ end }}{{ template "x" .Values.m }}`, "m.k" + at + " < t.yaml:1"},
		// includes
		{`{{ include "h" .Values.s }}`, "s at _h.tpl:1 < t.yaml:1"},
		{`{{ include "hs" . | upper }}`, "s at _h.tpl:2 < t.yaml:1"},
		{`{{ include "h" (include "hs" .) }}`, "s at _h.tpl:2 < t.yaml:1"},
		{`{{ printf "%s" (include "hs" .) }}`, "s at _h.tpl:2 < t.yaml:1"},
		{`{{ printf "%s-%s" (include "hs" .) .Values.other }}`, "other s" + at},
		{`{{ include (include "name" .) .Values.s }}`, "s at _h.tpl:1 < t.yaml:1"},
		{`{{ $x := include "hs" . }}{{ $x }}`, "s at _h.tpl:2 < t.yaml:1"},
		{`{{ $x := include (include "name" .) .Values.s }}{{ $x }}`, "s at _h.tpl:1 < t.yaml:1"},
		{`{{ if include "hs" . }}{{ .Values.flag }}{{ end }}`, "flag" + at},
		{"{{ .Values.other }}\n{{ template \"h\" (include (printf \"%s\" \"hs\") .) }}", "s at _h.tpl:2 < t.yaml:2"},
		{"{{ .Values.other }}\n{{ range list (include (printf \"%s\" \"hs\") .) }}{{ . }}{{ end }}", "s at _h.tpl:2 < t.yaml:2"},
		// equal texts of which only one is a value
		{"{{ .Values.s }}\n{{ \"hello\" }}", " at t.yaml:2"},
		{"{{ upper .Values.s }}\n{{ \"HELLO\" }}", " at t.yaml:2"},
		{"{{ include \"hs\" . }}\n{{ include \"const\" . }}", " at _h.tpl:3 < t.yaml:2"},
		{"{{ $x := upper .Values.s }}{{ \"HELLO\" }}", at},
		{"{{ $x := include \"hs\" . }}{{ (list \"hello\") | first }}", at},
		{"{{ $x := \"hello\" }}{{ $y := upper .Values.s | lower }}{{ $x }}", at},
		{"{{ if eq (lower .Values.s) \"hello\" }}{{ print \"hello\" }}{{ end }}", "?s" + at},
		{"{{ .Values.same }}", "same" + at},
		{"{{ .Values.m.s }}", "m.s" + at},
		{"{{ get .Values.m \"s\" | trim }}", "m.s" + at},
		// variables
		{`{{ $x := .Values.flag }}{{ $x }}`, "flag" + at},
		{`{{ $x := .Values.flag }}{{ $x = .Values.also }}{{ $x }}`, "also" + at},
		{`{{ $x := .Values.flag }}{{ $x = true }}{{ $x }}`, at},
		{`{{ $x := "" }}{{ range .Values.l }}{{ $x = . }}{{ end }}{{ $x }}`, "l[1]" + at},
		{`{{ $x := .Values.unset }}{{ with .Values.m }}{{ $x = true }}{{ end }}{{ $x }}`, at},
		{`{{ $x := .Values }}{{ $x.flag }}`, "flag" + at},
		{`{{ $x := .Values.m }}{{ $y := $x }}{{ $y.k }}`, "m.k" + at},
		{`{{ $x := .Values.flag }}{{ $y := $x }}{{ $y }}`, "flag" + at},
		{`{{ range .Values.l }}{{ $x := $.Values.flag }}{{ if eq . "second" }}{{ $x }}{{ end }}{{ end }}`, "flag" + at},
		{`{{ if .Values.unset }}{{ $x := .Values.flag }}{{ $x }}{{ else }}{{ $x := true }}{{ $x }}{{ end }}`, "?unset=true" + at},
		// functions that choose
		{`{{ default .Values.other .Values.s }}`, "s" + at},
		{`{{ .Values.empty | default .Values.other }}`, "?empty other" + at},
		{`{{ .Values.empty | default "hello" }}`, "?empty" + at},
		{`{{ .Values.flag | default .Values.also }}`, "flag" + at},
		{`{{ ternary .Values.s .Values.same (eq 1 2) }}`, "same" + at},
		{`{{ ternary .Values.flag .Values.also (eq 1 2) }}`, "also" + at},
		{`{{ or .Values.empty .Values.s }}`, "?empty s" + at},
		{`{{ or .Values.unset .Values.flag }}`, "flag" + at},
		{`{{ and .Values.flag .Values.s }}`, "s" + at},
		{`{{ coalesce .Values.empty .Values.none .Values.same }}`, "?empty same" + at},
		{`{{ index .Values "m" "k" }}`, "m.k" + at},
		{`{{ index .Values.m .Values.name }}`, "m.k" + at},
		{`{{ (first .Values.l) | quote }}`, "l[0]" + at},
		{`{{ last (list .Values.s .Values.other) }}`, "other" + at},
		{`{{ has "first" .Values.l }}`, at},
		{`{{ eq .Values.s .Values.same }}`, "?s ?same" + at},
		{`{{ .Values.zero }}`, "zero" + at},
		{`{{ .Values.zero | int }}`, "zero" + at},
		// values that templates change
		{`{{ $_ := set .Values "s" .Values.other }}{{ .Values.s }}`, "other" + at},
		{`{{ $_ := set .Values "s" "hello" }}{{ .Values.s }}`, "s" + at},
		{`{{ $_ := set .Values "flag" .Values.unset }}{{ .Values.flag }}`, "unset" + at},
		{`{{ $_ := set .Values.m "new" "x" }}{{ .Values.m.new }}`, at},
		{`{{ $_ := unset .Values "s" }}{{ .Values.s }}x`, at},
		{"{{ .Values.s }}{{ $_ := set .Values \"s\" \"bye\" }}\n{{ .Values.s }}", " at t.yaml:2"},
		{`{{ $_ := set .Values "m" (dict "k" .Values.s) }}{{ .Values.m.k }}`, "s" + at},
		{`{{ $m := merge (dict "k" "mine") .Values.m }}{{ $m.k }}`, at},
		{`{{ $m := mergeOverwrite (dict "k" "mine") .Values.m }}{{ $m.k }}`, "m.k" + at},
		// structures
		{`{{ toYaml .Values.m | nindent 2 }}`, "m.s" + at},
		{`{{ toYaml (list .Values.flag) }}`, "flag" + at},
		{`{{ toYaml (dict "a" .Values.s) }}`, "s" + at},
		{`{{ .Values.m | toJson }}`, "m.k m.s" + at},
		{`{{ omit .Values.m "s" | toYaml }}`, "m.k" + at},
		{`{{ pick .Values.m "k" | toYaml | nindent 2 | trim }}`, "m.k" + at},
		// tpl
		{`{{ tpl .Values.t . }}`, "s" + at},
		{`{{ tpl .Values.tt . }}`, "s" + at},
		{`{{ tpl .Values.td . }}`, "s td" + at},
		{`{{ tpl .Values.ti . }}`, "other at _h.tpl:1 < t.yaml:1"},
		{`{{ tpl .Values.s . }}`, "s" + at},
		{`{{ include "tpl" . }}`, "s at _h.tpl:5 < t.yaml:1"},
		{`{{ tpl (include "tpl" .) . }}`, "s at _h.tpl:5 < t.yaml:1"},
		{`{{ tpl (printf "{{ .Values.%s }}" "flag") . }}`, "flag" + at},
		{`{{ tpl "{{ $x := .Values.flag }}{{ $x }}" . }}`, "flag" + at},
		{`{{ $x := .Values.unset }}{{ tpl "{{ $x := .Values.flag }}{{ $x }}" . }};{{ $x }}`, "flag unset" + at},
		{`{{ tpl .Values.td . }}{{ .Values.flag }}`, "flag s td" + at},
		{`{{ tpl "a{{ .Values.none }}b" . }}`, at},
	}
	for _, tt := range tests {
		c, problems := writeChart(t, "-- values.yaml --\n"+values+"-- templates/_h.tpl --\n"+helpers+"-- templates/t.yaml --\n"+tt.template+"\n")
		if c == nil {
			t.Fatal(problems)
		}
		r := newRendering(t.Context(), c)
		r.render(&Scenario{})
		if len(r.files) != 1 {
			t.Fatalf("%s: %v", tt.template, r.out.Problems)
		}
		text := strings.TrimRight(r.files[0].text, "\n")
		o := r.files[0].lineOrigin(strings.Count(text, "\n") + 1)
		if got := brief(o); got != tt.want {
			t.Errorf("%s\nprints %q\n   got %q\n  want %q", tt.template, text, got, tt.want)
		}
	}
}

// brief is the keys of an origin in order, its place, and from where that was called.
func brief(o lint.Origin) string {
	short := func(p lint.Position) string {
		p.File, p.Column = strings.TrimPrefix(p.File, "chart/templates/"), 0
		return p.String()
	}
	keys := map[string]bool{}
	calls := ""
	for _, s := range o.Trail {
		switch s.Kind {
		case lint.StepValues:
			keys[s.Label] = true
		case lint.StepDecides:
			keys["?"+s.Label+strings.TrimSuffix("="+s.Set, "=")] = true
		default:
		}
		if s.Kind == lint.StepInclude {
			if call := " < " + short(s.Position); !strings.HasSuffix(calls, call) {
				calls += call
			}
		}
	}
	return strings.Join(trace.SortedKeys(keys), " ") + " at " + short(o.Position) + calls
}

// TestSeveralAtOnce checks that renderings of one chart, which share its compiled
// templates and what was read of their output, report the same if they run at the same time.
func TestSeveralAtOnce(t *testing.T) {
	c, problems := loadChart(t, "testdata/charts/web")
	if c == nil {
		t.Fatal(problems)
	}
	report := func(set string) string {
		out := c.Render(t.Context(), Scenario{Set: []string{set}})
		var b strings.Builder
		for _, o := range out.Unit.Objects {
			b.WriteString(show(o.Locate(o.Root.Get("spec.template.spec"))) + "\n")
			b.WriteString(show(o.Locate(get(o.Root, "spec.template.spec.containers[0].securityContext.runAsNonRoot"))) + "\n")
		}
		for _, x := range out.Texts {
			for i := range strings.Split(x.Text, "\n") {
				b.WriteString(show(x.Origin(i+1)) + "\n")
			}
		}
		return b.String()
	}
	sets := []string{"replicas=3", "replicas=4", "image.tag=x", "hostNetwork=false"}
	want := make([]string, len(sets))
	for i, s := range sets {
		want[i] = report(s)
	}
	trace.Parallel(4*len(sets), func(i int) {
		if got := report(sets[i%len(sets)]); got != want[i%len(sets)] {
			t.Errorf("--set %s differs if others run at the same time", sets[i%len(sets)])
		}
	})
}

// TestLongChains checks that strings which are made of each other, over and over,
// cost no stack when they are reported.
func TestLongChains(t *testing.T) {
	for _, template := range []string{
		`a: {{ $s := .Values.a }}{{ range until 50000 }}{{ $s = quote $s | trimAll "\"" | upper }}{{ end }}{{ $s }}`,
		`{{ define "i" }}{{ . }}{{ end }}a: {{ $s := .Values.a }}{{ range until 100000 }}{{ $s = include "i" $s }}{{ end }}{{ $s }}`,
		`a: |{{ repeat 20000 (printf "%s\n" .Values.a) | nindent 2 | upper | nindent 2 }}`,
	} {
		c, _ := writeChart(t, "-- values.yaml --\na: ab\n-- templates/t.yaml --\n"+template+"\n")
		old := debug.SetMaxStack(16 << 20)
		out := c.Render(t.Context(), Scenario{})
		if len(out.Texts) != 1 {
			t.Fatal(out.Problems)
		}
		if o := out.Texts[0].Origin(1); o.Line != 1 {
			t.Errorf("%s: got %s", template, show(o))
		}
		debug.SetMaxStack(old)
	}
}
