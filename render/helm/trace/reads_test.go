package trace

import (
	"fmt"
	"testing"
)

// TestReads checks which of the keys a.b, c.b and d a template may read. The templates x, y and z are
// there to be called.
func TestReads(t *testing.T) {
	const helpers = `{{ define "x" }}{{ .Values.a.b }}{{ end }}{{ define "y" }}{{ include "x" . }}{{ end }}{{ define "z" }}{{ .a.b }}{{ end }}`
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
		{`{{ with $ }}{{ end }}`, all},
		{`{{ toYaml .Values }}`, all},
		{`{{ .Values | toYaml }}`, all},
		{`{{ . }}`, all},
		{`{{ toYaml $ }}`, all},
		{`{{ .Values.AsMap }}`, all},
		{`{{ .Values.YAML }}`, all},
		{`{{ $x := . }}{{ $x.Values.d }}`, "[d]"},
		{`{{ $x := .Values }}{{ $x.d }}`, all},
		{`{{ $x := "" }}{{ $y := "" }}{{ range .Values.e }}{{ $y }}{{ $y = $x }}{{ $x = $.Values }}{{ end }}`, all},
		{`{{ $x := .Values.e }}{{ $x.d }}{{ toYaml $x }}`, "[]"},
		{`{{ index .Values "d" }}`, "[d]"},
		{`{{ index .Values "a" "e" }}`, "[]"},
		{`{{ get $.Values "d" }}{{ hasKey .Values "c" }}`, "[c.b d]"},
		{`{{ index .Values .Values.e }}`, all},
		{`{{ index . "Values" "d" }}`, all},
		{`{{ index $ "Values" }}`, all},
		{`{{ "d" | index .Values }}`, all},
		{`{{ dig "d" "" .Values }}`, all},
		{`{{ .Subcharts.e.Values.f }}`, all},
		{`{{ (.Values).d }}`, all},
		{`{{ (index .Values "e").d }}`, "[]"},
		{`{{ tpl "x" . }}`, all},
		{`{{ tpl .Values.e $ }}`, all},
		{`{{ include "x" . }}`, "[a.b]"},
		{`{{ include "y" . | indent 2 }}`, "[a.b]"},
		{`{{ template "y" . }}`, "[a.b]"},
		{`{{ include "z" (dict "a" .Values.e) }}`, all},
		{`{{ include (printf "%s" "x") . }}`, all},
		{`{{ "x" | include }}`, all},
		{`{{ include (print $.Template.BasePath "/other.yaml") . }}`, "[d]"},
		{`{{ include (print .Values.e "/other.yaml") . }}`, all},
		{`{{ include "missing" (dict "root" $ "x" .Values.d) }}`, "[d]"},
		{`{{ $x := dict "root" $ }}{{ include "x" $x }}{{ $x.root.Values.d }}`, "[a.b d]"},
		{`{{ $x := dict }}{{ $_ := set $x "root" $ }}`, all},
		{`{{ default .Values.e "x" | quote }}{{ and .Values.e .Release.Name }}`, "[]"},
		{`{{ and .Values.e .Values }}`, all},
		{`{{ .Values.Values.d }}`, "[]"},
		{`{{ .Files.Get .Values.d }}{{ .Capabilities.APIVersions.Has "d" }}`, "[d]"},
		{`{{ .Files }}`, all},
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
		readers := NewReaders(compiled)
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
