package trace

import (
	"fmt"
	"testing"
)

// TestReads checks which of the keys a.b, c.b and d a template may read. The templates x, y and z are
// there to be called.
func TestReads(t *testing.T) {
	const helpers = `{{ define "x" }}{{ .Values.a.b }}{{ end }}{{ define "y" }}{{ include "x" . }}{{ end }}{{ define "z" }}{{ .a.b }}{{ end }}` +
		`{{ define "t" }}{{ if contains "{{" (toJson .value) }}{{ tpl .value .context }}{{ end }}{{ end }}{{ define "recursive" }}{{ template "recursive" (dict "of" .) }}{{ end }}`
	const all = "[a.b c.b d]"
	for _, tt := range []struct{ text, want string }{
		{`x`, "[]"},
		{`{{ .Values.a.b }}`, "[a.b]"},
		{`{{ .Values.a }}`, "[a.b]"},
		{`{{ .Values.a.b.e }}`, "[a.b]"},
		{`{{ .Values.a.e }}{{ .Values.e.b }}{{ .Release.Name }}{{ .Chart.Version }}`, "[]"},
		{`{{ with .Values.a }}{{ .e }}{{ toYaml . }}{{ end }}`, "[a.b]"},
		{`{{ with .Values.e }}{{ .d }}{{ toYaml . }}{{ $.Values.d }}{{ end }}`, "[d]"},
		{`{{ range $k, $v := .Values.e }}{{ $k }}{{ $v.d }}{{ . }}{{ else }}{{ .Values.d }}{{ end }}`, "[d]"},
		{`{{ range .Values }}{{ . }}{{ end }}`, all},
		{`{{ if .Values }}{{ end }}`, all},
		{`{{ with $ }}{{ end }}{{ with . }}{{ .Values.d }}{{ end }}`, "[d]"},
		{`{{ toYaml .Values }}`, all},
		{`{{ .Values | toYaml }}`, all},
		{`{{ . }}`, all},
		{`{{ toYaml $ }}`, all},
		{`{{ .Values.AsMap }}`, all},
		{`{{ .Values.YAML }}`, all},
		{`{{ $x := . }}{{ $x.Values.d }}`, "[d]"},
		{`{{ $x := .Values }}{{ $x.d }}`, "[d]"},
		{`{{ $x := "" }}{{ $y := "" }}{{ range .Values.e }}{{ $y }}{{ $y = $x }}{{ $x = $.Values }}{{ end }}`, all},
		{`{{ $x := .Values.e }}{{ $x.d }}{{ toYaml $x }}`, "[]"},
		{`{{ index .Values "d" }}`, "[d]"},
		{`{{ index .Values "a" "e" }}`, "[]"},
		{`{{ get $.Values "d" }}{{ hasKey .Values "c" }}`, "[c.b d]"},
		{`{{ index .Values .Values.e }}`, all},
		{`{{ index . "Values" "d" }}`, "[d]"},
		{`{{ index $ "Values" }}`, all},
		{`{{ "d" | index .Values }}`, all},
		{`{{ dig "d" "" .Values }}`, "[d]"},
		{`{{ dig .Values.e "" .Values }}`, all},
		{`{{ .Subcharts.e.Values.f }}{{ .Subcharts.c.Values.b }}`, "[c.b]"},
		{`{{ include "x" .Subcharts.a }}{{ .Subcharts.c.Subcharts.b.Values.e }}`, "[c.b]"},
		{`{{ toYaml .Subcharts.e }}`, all},
		{`{{ range .Subcharts }}{{ end }}`, all},
		{`{{ (.Values).d }}`, "[d]"},
		{`{{ (index .Values "e").d }}`, "[]"},
		{`{{ tpl "x" . }}`, "[d]"},
		{`{{ tpl .Values.e $ }}`, "[d]"},
		{`{{ tpl (toYaml .Values) $ }}`, all},
		{`{{ tpl .Values.e (dict "root" $) }}`, "[]"},
		{`{{ include "t" (dict "value" .Values.e "context" $) }}`, "[d]"},
		{`{{ include "t" (dict "value" .Values.e "context" .Values.a) }}`, "[a.b]"},
		{`{{ include "x" . }}`, "[a.b]"},
		{`{{ include "y" . | indent 2 }}`, "[a.b]"},
		{`{{ template "y" . }}`, "[a.b]"},
		{`{{ include "z" (dict "a" .Values.e) }}`, "[]"},
		{`{{ include "z" .Values }}`, "[a.b]"},
		{`{{ include "z" (dict "a" .Values) }}`, "[]"},
		{`{{ include (printf "%s" "x") . }}`, "[a.b]"},
		{`{{ include (printf "%s" "x") .Values.e }}`, "[]"},
		{`{{ "x" | include }}`, all},
		{`{{ include (print $.Template.BasePath "/other.yaml") . }}`, "[d]"},
		{`{{ include (print .Values.e "/other.yaml") . }}`, "[a.b]"},
		{`{{ include "missing" (dict "root" $ "x" .Values.d) }}`, "[d]"},
		{`{{ $x := dict "root" $ }}{{ include "x" $x }}{{ $x.root.Values.d }}`, "[d]"},
		{`{{ $x := dict "root" $ }}{{ include "x" $x.root }}{{ $x.other.Values.d }}`, "[a.b]"},
		{`{{ range list . "x" }}{{ .Values.d }}{{ end }}`, "[d]"},
		{`{{ (index (append (list 1) .) 1).Values.d }}{{ (last (list 1 $)).Values.a }}`, "[a.b d]"},
		{`{{ $x := merge (dict "y" 1) . }}{{ $x.Values.d }}`, "[d]"},
		{`{{ $x := merge (dict "Values" .Values.e) . }}{{ $x.Values.d }}`, all},
		{`{{ $x := dict }}{{ $y := merge $x . }}{{ $x.Values.d }}`, all},
		{`{{ with default . .Values.e }}{{ .Values.d }}{{ end }}`, "[d]"},
		{`{{ template "recursive" (dict "of" .) }}`, "[]"},
		{`{{ $x := dict }}{{ $x.root.Values.d }}{{ $_ := set $x "root" $ }}`, "[d]"},
		{`{{ $x := dict }}{{ $y := $x }}{{ $_ := set $y "root" $ }}{{ $x.root.Values.d }}`, all},
		{`{{ $_ := set . "x" 1 }}{{ .x.d }}`, "[]"},
		{`{{ $_ := set $.Values "x" 1 }}`, all},
		{`{{ toYaml (dict "x" $) }}`, all},
		{`{{ if (dict "x" $) }}{{ kindIs "map" . }}{{ end }}`, "[]"},
		{`{{ default .Values.e "x" | quote }}{{ and .Values.e .Release.Name }}`, "[]"},
		{`{{ and .Values.e .Values }}`, all},
		{`{{ .Values.Values.d }}`, "[]"},
		{`{{ .Files.Get .Values.d }}{{ .Capabilities.APIVersions.Has "d" }}`, "[d]"},
		{`{{ .Files }}`, "[]"},
	} {
		l := &Library{ByName: map[string]*Entry{}}
		var compiled []*Compiled
		for _, e := range l.Compile([]TemplateText{
			{"web/templates/t.yaml", &Source{File: "t", Text: tt.text, Owner: "web"}},
			{"web/templates/_h.tpl", &Source{File: "h", Text: helpers, Owner: "web"}},
			{"web/templates/other.yaml", &Source{File: "o", Text: "{{ .Values.d }}", Owner: "web"}},
		}, NewTracer(nil).Funcs(nil)) {
			if e.Err != nil {
				t.Fatal(tt.text, e.Err)
			}
			compiled = append(compiled, e.Compiled)
		}
		readers := NewReaders(compiled, map[string]*Ran{"web/templates/t.yaml": {
			Texts: map[string]bool{`{{ .Values.d }}{{ .b.x }}`: true}, Names: map[string]bool{"x": true},
		}})
		got := []string{}
		for _, key := range [][]string{{"a", "b"}, {"c", "b"}, {"d"}} {
			if readers.Of([][]string{key})["web/templates/t.yaml"] {
				name := key[0]
				if len(key) > 1 {
					name += "." + key[1]
				}
				got = append(got, name)
			}
		}
		if s := fmt.Sprint(got); s != tt.want {
			t.Errorf("%s: got %s, want %s", tt.text, s, tt.want)
		}
	}
	if r := (&reads{}); r.readsOne([][]string{{"a"}}) || !r.readsOne([][]string{{"a", "Values"}}) {
		t.Error("a key named Values may be read by any template")
	}
}
