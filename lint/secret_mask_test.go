package lint

import (
	"slices"
	"strings"
	"testing"
)

func TestMask(t *testing.T) {
	for _, tt := range []struct {
		text   string
		column int
		want   string
	}{
		{`  value: hunter2 # my dog`, 10, `  value: ‹masked›`},
		{`  "schlüssel": "hunter2"`, 16, `  "schlüssel": ‹masked›`},
		{`- {name: A, value: hunter2, x: {y: hunter3}}`, 20, `- ‹masked›`},
		{`command: ["a", "hunter2"]`, 16, `command: ‹masked›`},
		{`{"data":{"a":"hunter2","b":"hunter3"}}`, 28, `‹masked›`},
		{`    hunter2`, 0, `    ‹masked›`},
		{`short`, 40, `short‹masked›`},
		{`  password: {{ .Values.password | b64enc | quote }}`, 13, `  password: {{ .Values.password | b64enc | quote }}`},
		{`  password: "{{ .Values.password }}"`, 13, `  password: "{{ .Values.password }}"`},
		{`{{- .Values.password -}}`, 1, `{{- .Values.password -}}`},
		{`  password: {{ default "hunter2" .Values.password }}`, 13, `  password: ‹masked›`},
		{`  password: hunter2{{ .Values.suffix }}`, 13, `  password: ‹masked›`},
		{`  password: {{ .Values.password }} # hunter2`, 13, `  password: ‹masked›`},
		{`  password: {{/* hunter2 */}}{{ .Values.password }}`, 13, `  password: ‹masked›`},
		{`  password: {{ .Values.password`, 13, `  password: ‹masked›`},
		{`  {a: hunter3, password: {{ .Values.password }}}`, 27, `  ‹masked›`},
		{``, 3, ``},
	} {
		o := Origin{Text: tt.text, Position: Position{Column: tt.column}}
		if mask(&o); o.Text != tt.want {
			t.Errorf("%q at %d is masked as %q; want %q", tt.text, tt.column, o.Text, tt.want)
		}
	}
}

// source is a Locator that has the text.
type source struct{ lines []string }

func (s source) LocateLine(n int) Origin {
	return Origin{Position: Position{File: "f.yaml", Line: n}, Text: s.lines[n-1]}
}

func (s source) Locate(v Value) Origin {
	n, _ := v.Anchor()
	o := s.LocateLine(n.Line)
	o.Column, o.EndColumn = n.Column, len(o.Text)+1
	return o
}

const configMap = `apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data:
  literal: |
    one: 1

    two: hunter2
  folded: >
    one: 1
    two: hunter2
  quoted: "one: 1\ntwo: hunter2\n"
  flow: {a: hunter2, b: c}
`

func TestSecret(t *testing.T) {
	u := newUnit(t, "u", configMap)
	u.Objects[0].locator = source{strings.Split(configMap, "\n")}
	data := func(p *Pass, key string) Value { return p.Unit.Objects[0].Root.Get("data").Child(key) }
	rules := []*Rule{
		{ID: "secret", Fix: "f", Check: UnitCheck(func(p *Pass) {
			for _, d := range []Diagnostic{
				{At: data(p, "literal"), Line: 3, Part: "two"},
				{At: data(p, "literal"), Line: 1, Part: "one"},
				{At: data(p, "literal"), Line: 9},
				{At: data(p, "folded"), Line: 2},
				{At: data(p, "quoted"), Line: 2},
				{At: data(p, "flow").Get("a")},
			} {
				d.Object, d.Secret, d.Message = p.Unit.Objects[0], true, "m"
				p.Report(d)
			}
		})},
		{ID: "other", Fix: "f", Check: UnitCheck(func(p *Pass) {
			p.Report(Diagnostic{Object: p.Unit.Objects[0], At: data(p, "flow").Get("b"), Message: "m"})
		})},
	}
	findings, problems := (&Checker{Rules: rules}).Check(u)
	var got []string
	prints := map[string]bool{}
	for _, f := range NewReport(findings, problems, nil, Summary{}).Findings {
		got = append(got, f.Rule.ID+" "+f.Origin.String()+" "+f.Origin.Text)
		prints[f.Fingerprint] = true
	}
	want := []string{
		"secret f.yaml:5:12   literal: ‹masked›",
		"secret f.yaml:6:5     ‹masked›",
		"secret f.yaml:8:5     ‹masked›",
		"secret f.yaml:9:11   folded: ‹masked›",
		"secret f.yaml:12:11   quoted: ‹masked›",
		"secret f.yaml:13:13   flow: ‹masked›",
		"other f.yaml:13:25   flow: ‹masked›",
	}
	if !slices.Equal(got, want) || len(problems) > 0 {
		t.Errorf("got  %s\nwant %s\nproblems %v", strings.Join(got, "\n     "), strings.Join(want, "\n     "), problems)
	}
	if len(prints) != len(want) {
		t.Errorf("%d fingerprints for %d defects", len(prints), len(want))
	}
}
