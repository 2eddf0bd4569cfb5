package helm

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
)

const gatesChart = `-- values.yaml --
metrics:
  enabled: false
  rules: {enabled: false}
kind: Deployment
password: secret
extra: []
labels: {}
sub: {enabled: false}
-- templates/_helpers.tpl --
{{- define "used" -}}
x
{{- end }}
{{- define "unused" }}
y
{{- end }}
{{- define "is.on" }}{{ .Values.helper.enabled }}{{ end }}
-- templates/main.yaml --
{{- $m := .Values.metrics }}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ include "used" . }}
  {{- with .Values.labels }}
  labels:
    {{- toYaml . | nindent 4 }}
  {{- end }}
data:
  {{- if .Values.password }}
  a: b
  {{- else }}
  c: d
  {{- end }}
  {{- if eq .Values.kind "DaemonSet" }}
  e: f
  {{- end }}
  {{- range .Values.extra }}
  g: {{ . }}
  {{- end }}
  {{- if $m.enabled }}
  h: i
  {{- if $m.rules.enabled }}
  j: {{ required "never" .Values.nothing }}
  {{- end }}
  {{- end }}
-- templates/other.yaml --
{{- if not (ne (include "is.on" .) "true") }}
k: l
{{- end }}
{{- if .Capabilities.APIVersions.Has "example.com/v1" }}
m: n
{{- end }}
-- charts/sub/Chart.yaml --
apiVersion: v2
name: sub
version: 0.1.0
-- charts/sub/values.yaml --
helper: {enabled: false}
-- charts/sub/templates/a.yaml --
o: p
-- Chart.yaml --
apiVersion: v2
name: demo
version: 0.1.0
dependencies: [{name: sub, version: 0.1.0, condition: sub.enabled}]
`

// TestCoverage checks what is counted, and why blocks are said not to render.
func TestCoverage(t *testing.T) {
	c, _ := writeChart(t, strings.Replace(gatesChart, "kind: Deployment\n", "kind: Deployment\nhelper: {enabled: false}\n", 1))
	_, one := c.RenderReach(context.Background(), Scenario{})
	_, two := c.RenderReach(context.Background(), Scenario{Name: "other", Set: []string{"kind=StatefulSet"}})
	cov := c.Coverage(one, two)
	var b strings.Builder
	cov.Print(&b)
	want := `chart: 16 of 27 template lines reached (59.3 %) in: default values, other
 66.7 %          2/3  templates/_helpers.tpl
                          line 4: define "unused" (1 line)
 60.0 %        12/20  templates/main.yaml
                          line 6: with .Values.labels (2 lines, labels is empty)
                          line 13: else of if .Values.password (1 line, password is set)
                          line 16: if eq .Values.kind "DaemonSet" (1 line, kind is Deployment | StatefulSet)
                          line 19: range .Values.extra (1 line, extra is empty)
                          line 22: if $m.enabled (3 lines, metrics.enabled is false)
 50.0 %          2/4  templates/other.yaml: nothing was printed
                          line 1: if not (ne (include "is.on" .) "true") (1 line, helper.enabled is false)
                          line 4: if .Capabilities.APIVersions.Has "example.com/v1" (1 line)
  0.0 %          0/1  charts/sub: subchart
`
	if got := b.String(); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	if l := cov.Unrendered(); len(l) != 1 || l[0] != "chart/templates/other.yaml" {
		t.Errorf("not rendered: %v", l)
	}
}

// TestExplore checks which scenarios are made, in which order, and what happens to
// those that fail or add nothing.
func TestExplore(t *testing.T) {
	c, _ := writeChart(t, strings.Replace(gatesChart, "kind: Deployment\n", "kind: Deployment\nhelper: {enabled: false}\n", 1))
	_, base := c.RenderReach(context.Background(), Scenario{})
	cov := c.Coverage(base)
	l, notes := c.Explore(cov, base)
	if len(notes) > 0 {
		t.Errorf("notes %v", notes)
	}
	var got []string
	all := []*Reach{base}
	for _, s := range l {
		out, reach := c.RenderReach(context.Background(), s)
		all = append(all, reach)
		if len(out.Problems) > 0 {
			t.Errorf("%s: problems %v", s.Name, out.Problems)
		}
		got = append(got, fmt.Sprint(s.Name, " ", cov.Adds(&reach.Reached)))
		for _, n := range out.Notes {
			if n.Code != lint.CodeNotAnObject { // the blocks of the chart print parts of objects
				got = append(got, n.Error())
			}
		}
	}
	want := []string{
		"exploring: metrics.enabled=true true",
		"exploring: metrics.enabled=true, metrics.rules.enabled=true true",
		"chart/templates/main.yaml:25:9: exploring: metrics.enabled=true, metrics.rules.enabled=true: required value nothing is missing: never",
		"exploring: helper.enabled=true true",
		"exploring: API example.com/v1 true",
		"exploring: sub.enabled=true true",
		"exploring: metrics.rules.enabled=true false",
		"exploring: password=\"\" true",
		"exploring: kind=DaemonSet true",
		"exploring: labels={example: example} true",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("\n got %s\nwant %s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	reached, lines := c.Coverage(all...).Count()
	if reached != 25 || lines != 27 {
		t.Errorf("reached %d of %d lines", reached, lines)
	}
}

// TestExploreLimit checks that a chart of very many switches is cut, and that
// this is said.
func TestExploreLimit(t *testing.T) {
	var values, template strings.Builder
	for i := range 100 {
		fmt.Fprintf(&values, "a%d: {enabled: false}\n", i)
		fmt.Fprintf(&template, "{{ if .Values.a%d.enabled }}a: b{{ end }}\n", i)
	}
	c, _ := writeChart(t, "-- values.yaml --\n"+values.String()+"-- templates/a.yaml --\n"+template.String())
	_, base := c.RenderReach(context.Background(), Scenario{})
	l, notes := c.Explore(c.Coverage(base), base)
	if len(l) != maxExplored || len(notes) != 1 || notes[0].Error() != "chart: exploring: 36 of 100 scenarios are left out, those that enable the smallest blocks" {
		t.Errorf("%d scenarios, notes %v", len(l), notes)
	}
}

// TestExploredProblems checks that problems which the chart has anyway are not reported again.
func TestExploredProblems(t *testing.T) {
	c, _ := writeChart(t, "-- values.yaml --\na: {enabled: false}\n-- templates/a.yaml --\n{{ if .Values.a.enabled }}# a{{ end }}\n-- templates/b.yaml --\n{{ fail \"no\" }}\n")
	out, base := c.RenderReach(context.Background(), Scenario{})
	if len(out.Problems) != 1 {
		t.Fatal(out.Problems)
	}
	l, _ := c.Explore(c.Coverage(base), base)
	if len(l) != 1 {
		t.Fatal(l)
	}
	if out := c.Render(context.Background(), l[0]); len(out.Problems) > 0 || len(out.Notes) > 0 {
		t.Errorf("problems %v, notes %v", out.Problems, out.Notes)
	}
}

// TestLookup checks what lookup finds.
func TestLookup(t *testing.T) {
	const template = `-- templates/a.yaml --
a: {{ with lookup "v1" "Secret" "prod" "db" }}{{ .data.password }}{{ end }}
b: {{ lookup "v1" "Secret" "prod" "other" }}
c: {{ range (lookup "v1" "Secret" "" "").items }}{{ .metadata.name }} {{ end }}
d: {{ lookup "v1" "ConfigMap" "" "" }}
e: {{ len (lookup "v1" "Secret" "test" "") }}
`
	c, _ := writeChart(t, template)
	file := ValuesFile{Name: "cluster.yaml", Data: []byte("apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: prod}\ndata: {password: eA==}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: tls, namespace: prod}\n")}
	for _, tt := range []struct {
		lookup []ValuesFile
		want   string
	}{
		{nil, "a: \nb: map[]\nc: \nd: map[]\ne: 0\n"},
		{[]ValuesFile{file}, "a: eA==\nb: map[]\nc: db tls \nd: map[]\ne: 0\n"},
	} {
		out := c.Render(context.Background(), Scenario{Lookup: tt.lookup})
		if len(out.Texts) != 1 || strings.TrimSpace(out.Texts[0].Text) != strings.TrimSpace(tt.want) {
			t.Errorf("got %v, want %q; problems %v", out.Texts, tt.want, out.Problems)
		}
	}
	file.Data = []byte("a: b\n")
	if p := c.Render(context.Background(), Scenario{Lookup: []ValuesFile{file}}).Problems; len(p) != 2 || p[0].Error() != "cluster.yaml:1: no Kubernetes object: lookup cannot find it" {
		t.Errorf("problems %v", p)
	}
}
