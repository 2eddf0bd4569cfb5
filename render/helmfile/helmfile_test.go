package helmfile

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/kubevet/kubevet/render/tree"
)

func TestApproximate(t *testing.T) {
	const text = `api:
  url: "https://{{ requiredEnv "DOMAIN" }}/"
  tag: {{ .StateValues.TAG }}
{{ if eq .Environment.Name "production" }}
  replicas: 8
{{- else }}
  replicas: 2
{{ end }}
  port: 80
`
	const want = `api:
  url: "https://${requiredEnv_DOMAIN}/"
  tag: ${StateValues_TAG}

  replicas: ${8}



  port: 80
`
	if got := string(Approximate([]byte(text))); got != want {
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
