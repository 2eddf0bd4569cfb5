package helm

import (
	"context"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/render/helm/trace"
)

// TestIdentity checks the ways on which values keep their address through a
// template, and so their key.
func TestIdentity(t *testing.T) {
	const values = "s: hello\nnum: 42\nm:\n  k: deep\nl: [first, second]\n"
	tests := []struct{ template, want string }{
		{`{{ .Values.s }}`, "s"},
		{`{{ .Values.num }}`, "num"},
		{`{{ $x := .Values.s }}{{ $x }}`, "s"},
		{`{{ $x := .Values.m }}{{ $x.k }}`, "m.k"},
		{`{{ with .Values.m }}{{ .k }}{{ end }}`, "m.k"},
		{`{{ range .Values.l }}{{ . }};{{ end }}`, "l[0] l[1]"},
		{`{{ range $k, $v := .Values.m }}{{ $v }}{{ end }}`, "m.k"},
		{`{{ index .Values.l 1 }}`, "l[1]"},
		{`{{ .Values.none | default .Values.s }}`, "s"},
		{`{{ default .Values.num .Values.none }}`, "num"},
		{`{{ coalesce .Values.none .Values.s }}`, "s"},
		{`{{ ternary .Values.s "no" true }}`, "s"},
		{`{{ $d := dict "a" .Values.s }}{{ $d.a }}`, "s"},
		{`{{ get .Values.m "k" }}`, "m.k"},
		{`{{ dig "k" "none" .Values.m }}`, "m.k"},
		{`{{ first .Values.l }}`, "l[0]"},
		{`{{ (merge (dict) .Values.m).k }}`, "m.k"},
		{`{{ (deepCopy .Values.m).k }}`, "m.k"},
		{`{{ (omit .Values "s").m.k }}`, "m.k"},
		{`{{ (fromYaml (toYaml .Values.m)).k }}`, "m.k"},
		{`{{ .Values.m | toYaml | fromYaml | toJson | fromJson | dig "k" "" }}`, "m.k"},
		{`{{ .Values.s | quote | trimAll "\"" }}`, "s"},
		{`{{ .Values.s | trunc 3 }}`, "s"},
		{`{{ .Values.s | upper }}`, "s"},
		{`{{ .Values.s | b64enc }}`, "s"},
		{`{{ .Values.s | sha256sum }}`, "s"},
		{`{{ printf "%s-%v" .Values.s .Values.num }}`, "s num"},
		{`{{ tpl "{{ .Values.s }}" . }}`, "s"},
		{`{{ $x := .Values.s }}{{ $x = "other" }}{{ $x }}`, ""},
		{`{{ join "," .Values.l }}`, "l[0] l[1]"},
		{`{{ (splitList "l" .Values.s) | last }}`, "s"},
		{`{{ int .Values.num }}`, "num"},
		{`{{ range $k, $v := .Values.m }}{{ $k }}{{ end }}`, "m.k"},
		{`{{ define "h" }}{{ .v }}{{ end }}{{ include "h" (dict "v" .Values.m.k) | nindent 4 }}`, "m.k"},
	}
	for _, tt := range tests {
		c, problems := writeChart(t, "-- values.yaml --\n"+values+"-- templates/t.yaml --\n"+tt.template+"\n")
		if c == nil {
			t.Fatal(problems)
		}
		r := newRendering(context.Background(), c)
		r.render(&Scenario{})
		if len(r.files) != 1 {
			t.Fatalf("%s: %v", tt.template, r.out.Problems)
		}
		var got []string
		for _, k := range r.files[0].resolve().Keys() {
			if k.Object() == trace.ValuesObject {
				got = append(got, trace.JoinSteps(k.Steps()))
			}
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("%s: got keys %q, want %q", tt.template, s, tt.want)
		}
	}
}
