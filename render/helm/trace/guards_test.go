package trace

import (
	"slices"
	"testing"
)

// TestFailing checks for which of the keys a.b, c and d.x a template may fail. The templates stop, check and name are there to be called.
func TestFailing(t *testing.T) {
	const helpers = `{{ define "stop" }}{{ fail . }}{{ end }}{{ define "check" }}{{ if not .b }}{{ fail "x" }}{{ end }}{{ end }}` +
		`{{ define "name" }}{{ .Values.c }}{{ end }}{{ define "message" }}{{ if not .Values.a.b }}set it{{ end }}{{ end }}`
	for _, tt := range []struct {
		text string
		want []string
	}{
		{`{{ .Values.a.b }}{{ if .Values.c }}x{{ end }}`, nil},
		{`{{ .Values.a.b }}{{ if not .Values.c }}{{ fail "x" }}{{ end }}`, []string{"c"}},
		{`{{ .Values.c }}{{ if and .Values.a.b (eq .Values.e "x") }}{{ .Values.f | required "x" }}{{ end }}`, []string{"a.b"}},
		{`{{ if .Values.c }}{{ if .Values.e }}{{ include "stop" "x" }}{{ end }}{{ end }}`, []string{"c"}},
		{`{{ if .Values.e }}{{ else if .Values.c }}{{ else }}{{ fail "x" }}{{ end }}`, []string{"c"}},
		{`{{ include "check" .Values.a }}{{ .Values.c }}`, []string{"a.b"}},
		{`{{ include "check" .Values.d }}{{ .Values.c }}`, nil},
		{`{{ include "check" (dict "b" .Values.c "root" $) }}{{ .Values.d.x }}`, []string{"c"}},
		{`{{ with .Values.d }}{{ if .x }}{{ fail "x" }}{{ end }}{{ end }}`, []string{"d.x"}},
		{`{{ range .Values.d }}{{ .y }}{{ if .z }}{{ fail "x" }}{{ end }}{{ end }}`, []string{"d.x"}},
		{`{{ $v := .Values.a.b }}{{ if not $v }}{{ fail "x" }}{{ end }}`, []string{"a.b"}},
		{`{{ if eq (include "name" .) "x" }}{{ fail "x" }}{{ end }}{{ .Values.d.x }}`, []string{"c"}},
		{`{{ $l := list }}{{ $l = append $l (include "message" .) }}{{ $m := without $l "" | join "\n" }}{{ if $m }}{{ fail $m }}{{ end }}`, []string{"a.b"}},
	} {
		c, err := compileText("file", &Source{File: "file", Text: tt.text + helpers}, map[string]any{
			"fail": 1, "required": 1, "include": 1, "dict": 1, "list": 1, "append": 1, "without": 1, "join": 1,
		})
		if err != nil {
			t.Fatal(err)
		}
		r := NewReaders([]*Compiled{c}, nil)
		var got []string
		for _, key := range [][]string{{"a", "b"}, {"c"}, {"d", "x"}} {
			if r.Failing([][]string{key})["file"] {
				got = append(got, JoinSteps(key))
			}
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v; want %v", tt.text, got, tt.want)
		}
	}
}
