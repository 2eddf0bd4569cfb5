package helm

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint/node"
)

// TestLocateLineIn checks which place is found for a line of a text that a chart prints.
func TestLocateLineIn(t *testing.T) {
	const values = `-- Chart.yaml --
apiVersion: v2
name: demo
version: 0.1.0
-- values.yaml --
text: |
  # comment
  one = 1
  two = 2
config:
  db: {host: h, password: p-1}
user: u
password: p-2
json: '{"a": 1}'
`
	for _, tt := range []struct{ name, template, line, want string }{
		{"text of the template", "x: |\n  a = 1\n  b = 2", "b = 2", "a.yaml:3:3"},
		{"text of the template in a block", "x: |\n  a = 1\n  {{- if .Values.user }}\n  b = 2\n  {{- end }}", "b = 2", "a.yaml:4:3"},
		{"text of the template, folded", "x: >\n  a = 1\n\n  b = 2", "b = 2", ""},
		{"a key", "x: |\n  a = 1\n  b = {{ .Values.user }}", "b = u", "values.yaml:7:7 user"},
		{"a key in quotes", "x: |\n  a = 1\n  b: {{ .Values.user | quote }}", "b: \"u\"", "values.yaml:7:7 user"},
		{"a key beside text", "x: |\n  a = 1\n  b = c-{{ .Values.user }}", "b = c-u", "a.yaml:3:3"},
		{"several keys, one of a secret", "x: |\n  a = 1\n  u://{{ .Values.user }}:{{ .Values.password }}@h", "u://u:p-2@h", "values.yaml:8:11 password"},
		{"a key of a map", "x: |\n  {{- toYaml .Values.config | nindent 2 }}", "password: p-1", "values.yaml:6:27 config.db.password"},
		{"a variable of a helper", "{{ define \"h\" }}{{ .Values.password }}{{ end }}{{ $p := include \"h\" . }}x: |\n  a = 1\n  u://{{ .Values.user }}:{{ $p }}@h", "u://u:p-2@h", "values.yaml:8:11 password"},
		{"text of a key", "x: |\n  {{- .Values.text | nindent 2 }}", "two = 2", "values.yaml:4:3 text"},
		{"text of a key below more", "x: |\n  zero = 0\n  {{- .Values.text | nindent 2 }}", "two = 2", "values.yaml:4:3 text"},
		{"text of a key in quotes", "x: {{ .Values.text | quote }}", "two = 2", "values.yaml:4:3 text"},
		{"text of a key as JSON", "x: {{ .Values.text | toJson }}", "one = 1", "values.yaml:3:3 text"},
		{"text of a key of one line", "x: {{ .Values.json | quote }}", `{"a": 1}`, "values.yaml:9:7 json"},
		{"text of a key and more, in quotes", "x: {{ printf \"%s-\" .Values.text | quote }}", "two = 2", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, problems := writeChart(t, values+"-- templates/a.yaml --\n"+tt.template+"\n")
			if c == nil {
				t.Fatal(problems)
			}
			r := newRendering(context.Background(), c)
			r.render(&Scenario{})
			if len(r.files) != 1 {
				t.Fatal(r.out.Problems)
			}
			v := node.NewValue(r.files[0].documents[0].Node).Get("x")
			n := 0
			for i, l := range strings.Split(v.Text(), "\n") {
				if strings.TrimSpace(l) == tt.line {
					n = i + 1
				}
			}
			if n == 0 {
				t.Fatalf("no line %q in %q", tt.line, v.Text())
			}
			got := ""
			if o, ok := r.files[0].LocateLineIn(v, n); ok {
				p, key := o.Position, ""
				if o.Entry != nil {
					p, key = o.Entry.Position, " "+o.Entry.Key
				}
				got = fmt.Sprintf("%s:%d:%d%s", p.File[strings.LastIndex(p.File, "/")+1:], p.Line, p.Column, key)
			}
			if got != tt.want {
				t.Errorf("got %q, want %q\n%s", got, tt.want, r.files[0].text)
			}
		})
	}
}
