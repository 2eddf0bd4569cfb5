package helmfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/render/tree"
)

// TestUnknown checks that what is not known is printed as ${name}, and so are the values of a branch that may not be executed.
func TestUnknown(t *testing.T) {
	const text = `api:
  url: "https://{{ requiredEnv "DOMAIN" }}/"
  tag: {{ .StateValues.TAG }}
{{ if eq .Environment.Name "production" }}
  replicas: 8
{{- else }}
  replicas: 2
{{ end }}
  port: 80
  labels:
{{ toYaml .StateValues.LABELS | indent 4 }}
  rules: {{- toYaml .StateValues.RULES | nindent 4 }}
`
	const want = `api:
  url: "https://${requiredEnv_DOMAIN}/"
  tag: ${StateValues_TAG}

  replicas: ${8}
  port: 80
  labels:
     ${toYaml_StateValues_LABELS_indent_4}
  rules:
     ${toYaml_StateValues_RULES_nindent_4}
`
	e, err := evaluate([]byte(text), nil, true)
	if err != nil {
		t.Fatal(err)
	}
	if got := e.out.String(); got != want || !e.hasUnsure {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestLeftOut checks that a chart is left out only by a helmfile of which all releases are known, and that none of them leads out of the tree.
func TestLeftOut(t *testing.T) {
	const three = "releases:\n- {name: a, chart: charts/a}\n- {name: b, chart: ./charts/b}\n- {name: c, chart: charts/c}\n"
	for _, c := range []struct {
		name, text string
		want       bool
	}{
		{"all known", three, true},
		{"a public chart", three + "- {name: d, chart: stable/d}\n", true},
		{"outside the tree", three + "- {name: d, chart: ../outside}\n", true},
		{"no chart", three + "- {name: d}\n", false},
		{"a chart by an action", three + "- name: d\n  chart: {{ .Values.chart }}\n", false},
		{"a chart in an if", three + "{{ if .Values.old }}\n- name: d\n  chart: charts/old\n{{ end }}\n", false},
		{"an else", three + "{{ if .Values.new }}\n- name: d\n  chart: stable/d\n{{ else }}\n- name: d\n  chart: charts/old\n{{ end }}\n", false},
		{"an else alone", three + "{{ if .Values.new }}\n{{ else }}\n- name: d\n  chart: charts/old\n{{ end }}\n", false},
		{"a document that is not YAML", three + "---\nreleases: [\n---\nreleases:\n- {name: d, chart: charts/old}\n", false},
		{"other helmfiles", three + "helmfiles: [more.yaml]\n", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			top := t.TempDir()
			write := func(name, text string) {
				t.Helper()
				name = filepath.Join(top, name)
				if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			for _, name := range []string{"outside", "tree/charts/a", "tree/charts/b", "tree/charts/c", "tree/charts/old"} {
				write(name+"/Chart.yaml", "name: x\n")
			}
			write("tree/helmfile.yaml", c.text)
			tr, err := tree.Open(filepath.Join(top, "tree"))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = tr.Close() })
			_, _, got, ok := new(Reader).Of(tr, "charts/old")
			if !ok || got != c.want {
				t.Errorf("left out: got %v (known: %v), want %v", got, ok, c.want)
			}
			if _, releases, _, _ := new(Reader).Of(tr, "../outside"); len(releases) > 0 {
				t.Errorf("releases of a chart outside the tree: %v", releases)
			}
		})
	}
}

// TestFunctions checks what is known of a template, and that what is unknown makes nothing known that is not.
func TestFunctions(t *testing.T) {
	data := map[string]any{"Values": map[string]any{
		"off": false, "empty": "", "name": "web", "list": []any{"a", "b"}, "map": map[string]any{"a": 1}, "lost": unknown{"lost"},
	}}
	for _, c := range []struct{ text, want string }{
		{`{{ .Values.empty | default "" | quote }}`, `""`},
		{`{{ .Values.name | default "x" }}`, "web"},
		{`{{ .Values.lost | default "x" }}`, "${Values_lost_default_x}"},
		{`{{ env "HOME" }}{{ readFile "/etc/passwd" }}{{ exec "id" (list) }}`, "${env_HOME}${readFile_etc_passwd}${exec_id_list}"},
		{`{{ and .Values.off .Values.lost }} {{ and .Values.lost .Values.off }}`, "false false"},
		{`{{ or .Values.lost .Values.name }}`, "${or_Values_lost_Values_name}"},
		{`{{ not .Values.lost }}`, "${not_Values_lost}"},
		{`{{ if or .Values.off (eq .Values.name "web") }}yes{{ else }}no{{ end }}`, "yes"},
		{`{{ dig "map" "a" 2 .Values }} {{ dig "map" "b" 2 .Values }}`, "1 2"},
		{`{{ get "map.a" 2 .Values }} {{ .Values | get "map.b" 3 }}`, "1 3"},
		{`{{ range $i, $x := .Values.list }}{{ $i }}{{ $x }}{{ end }}`, "0a1b"},
		{`{{ range .Values.none }}a: {{ . }}{{ end }}`, "a: ${unknown}"},
		{`{{ toYaml .Values.list | nindent 2 }}`, "\n  - a\n  - b"},
		{`{{ toYaml .Values }}`, "${toYaml_Values}"},
		{`{{ $x := "a" }}{{ if .Values.lost }}{{ $x = "b" }}{{ end }}{{ $x }}`, "${x}"},
		{`{{ index .Values.list 1 }} {{ printf "%s-%s" .Values.name "x" }} {{ printf "%09999999d" 1 }}`, "b web-x ${printf_09999999d_1}"},
		{`{{ define "t" }}[{{ . }}]{{ end }}{{ template "t" .Values.name }}`, "[web]"},
		{`{{ ternary "a" "b" (hasKey .Values "name") }}{{ ternary "a" "b" (hasKey .Values "none") }}`, "ab"},
	} {
		e, err := evaluate([]byte(c.text), data, false)
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
		} else if got := e.out.String(); got != c.want {
			t.Errorf("%s: got %q, want %q", c.text, got, c.want)
		}
	}
}

// TestLimits checks that hostile templates stop.
func TestLimits(t *testing.T) {
	double := `{{ $x := "0123456789" }}` + strings.Repeat(`{{ $x = replace "0" $x $x }}{{ $x = printf "%s%s" $x $x }}`, 60) + "{{ $x }}"
	for name, text := range map[string]string{
		"a long text":               double,
		"a wide indent":             `{{ indent 999999999 "a" }}`,
		"a template of itself":      `{{ define "t" }}{{ template "t" . }}{{ end }}{{ template "t" . }}`,
		"nested parentheses":        "{{ " + strings.Repeat("(", 5000) + "1" + strings.Repeat(")", 5000) + " }}",
		"nested blocks":             strings.Repeat("{{ if true }}", 5000) + strings.Repeat("{{ end }}", 5000),
		"loops in loops":            `{{ $l := list 1 2 3 4 5 6 7 8 9 }}` + strings.Repeat("{{ range $l }}", 9) + "x" + strings.Repeat("{{ end }}", 9),
		"a break":                   `{{ range list 1 2 }}{{ break }}{{ end }}`,
		"a template that is not it": `{{ template "none" }}`,
	} {
		if _, err := evaluate([]byte(text), map[string]any{}, false); err == nil {
			t.Errorf("%s: it was executed", name)
		}
	}
}
