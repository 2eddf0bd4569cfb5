package trace

import (
	"strings"
	"testing"
)

// compiledAll compiles templates of files.
func compiledAll(t *testing.T, texts ...string) (l []*Compiled) {
	t.Helper()
	functions := Functions()
	functions["include"] = func(string, any) string { return "" }
	for i, text := range texts {
		name := "chart/templates/" + string(rune('a'+i))
		c, err := compileText(name, &Source{File: name, Text: text}, functions)
		if err != nil {
			t.Fatal(err)
		}
		l = append(l, c)
	}
	return l
}

// TestWholeText checks which texts of templates are put in place of the actions that call them.
func TestWholeText(t *testing.T) {
	all := compiledAll(t,
		`{{ define "p" }}kind: Policy{{ end }}{{ define "labels" }}app: x{{ end }}{{ define "both" }}{{ include "p" . }}+{{ include "labels" . }}{{ end }}`+
			`{{ define "loop" }}Policy {{ include "loop" . }}{{ end }}{{ define "twice" }}1{{ end }}{{ define "says" }}{{/* Policy */}}x{{ end }}`,
		`{{ define "twice" }}Policy{{ end }}`)
	w := NewTexts(all).With("Policy")
	for text, want := range map[string]string{
		`a`:                                    `a`,
		`Policy`:                               `Policy`,
		`{{ include "p" . }}`:                  `kind: Policy`,
		`{{- include "p" (dict "a" "}}") -}}x`: `kind: Policyx`,
		`{{ include "print" (include "both" .) }}`:            `kind: Policy+{{ include "labels" . }}`,
		`{{ include "labels" . }}`:                            `{{ include "labels" . }}`,
		`{{ template "p" }}`:                                  `kind: Policy`,
		`{{ range include "p" . | fromYamlArray }}y{{ end }}`: `{{ range include "p" . | fromYamlArray }}kind: Policyy{{ end }}`,
		`{{ include "loop" . }}`:                              `Policy {{ include "loop" . }}`,
		`{{ include "twice" . }}`:                             `Policy`,
		`{{ include "says" . }}`:                              `{{ include "says" . }}`,
		`{{/* include "p" */}}z`:                              `z`,
	} {
		if got := w.Whole(text); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
		if has := strings.Contains(want, "Policy"); w.Has(text) != has && !strings.Contains(text, "/*") {
			t.Errorf("%s: has the word: %v", text, !has)
		}
	}
}

// TestWholeTextIsLimited checks that templates which call each other many times do not make a text without end.
func TestWholeTextIsLimited(t *testing.T) {
	var b strings.Builder
	for i := range 40 {
		b.WriteString(`{{ define "` + strings.Repeat("n", i+1) + `" }}Policy` + strings.Repeat(`{{ include "`+strings.Repeat("n", i+2)+`" . }}`, 20) + `{{ end }}`)
	}
	w := NewTexts(compiledAll(t, b.String())).With("Policy")
	for range 3 {
		if n := len(w.Whole(`{{ include "n" . }}`)); n > 2*maxText {
			t.Errorf("%d bytes", n)
		}
	}
}
