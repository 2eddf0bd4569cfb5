package helm

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"reflect"
	"slices"
	"testing"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/helm/trace"
	"github.com/kubevet/kubevet/render/helm/values"
)

// TestTrialAsRendering gives keys other values. It wants a trial to print and to report what a
// rendering with these values does. KUBEVET_CHARTS names more charts, as for TestLikeHelm.
func TestTrialAsRendering(t *testing.T) {
	log.SetOutput(io.Discard)
	dirs := []string{"testdata/charts/web", "testdata/charts/gates"}
	if root := os.Getenv("KUBEVET_CHARTS"); root != "" {
		dirs = append(dirs, chartsBelow(t, root)...)
	}
	var all trialTally
	for _, d := range dirs {
		if c, _ := loadChart(t, d); c != nil {
			all.compare(t, c, 40)
		}
	}
	t.Log(all)
	for _, tt := range []struct{ name, files, want string }{
		{"subcharts", `
-- values.yaml --
name: web
image: {tag: "1"}
db: {user: own, enabled: true}
other: {user: x}
-- templates/a.yaml --
a: {{ .Values.name }}
b: {{ .Values.image.tag }}{{ .Values.image.digest }}
c: {{ .Values.db.user }} {{ .Subcharts.other.Values.port }}
-- charts/db/Chart.yaml --
apiVersion: v2
name: db
version: 1.0.0
-- charts/db/values.yaml --
user: db
port: 1
-- charts/db/templates/a.yaml --
a: {{ .Values.user }} {{ .Values.port }} {{ .Values.missing }}
-- charts/other/Chart.yaml --
apiVersion: v2
name: other
version: 1.0.0
-- charts/other/values.yaml --
user: other
port: 2
-- charts/other/templates/a.yaml --
a: {{ .Values.user }} {{ .Values.port }}
-- charts/other/templates/failing.yaml --
a: {{ fail "always" }}
`, "tried 25, again 15, templates not executed 51, values not merged 0"},
		{"helpers that execute texts", `
-- values.yaml --
name: web
labels: {app: "{{ .Values.name }}-x", tier: front}
nested: '{{ include "helper" (dict "value" .Values.inner "context" $) }}'
inner: '{{ .Values.deep }}'
deep: 1
list: [{name: a, text: "{{ .Values.port }}"}]
port: 80
kind: one
unused: 1
-- templates/_helpers.tpl --
{{ define "helper" }}
{{- $text := typeIs "string" .value | ternary .value (.value | toYaml) }}
{{- if contains "{{" (toJson .value) }}
{{- if .scope }}{{ tpl (cat "{{- with $.RelativeScope -}}" $text "{{- end }}") (merge (dict "RelativeScope" .scope) .context) }}
{{- else }}{{ tpl $text .context }}{{ end }}
{{- else }}{{ $text }}{{ end }}
{{- end }}
{{ define "kind.one" }}{{ .Values.deep }}{{ end }}
{{ define "kind.other" }}{{ .Values.port }}{{ end }}
{{ define "pair" }}{{ $root := index . 0 }}{{ $root.Values.name }}{{ index . 1 }}{{ end }}
{{ define "late" }}{{ .ctx.Values.deep }}{{ end }}
-- templates/a.yaml --
a: {{ include "helper" (dict "value" .Values.labels "context" $) | quote }}
-- templates/b.yaml --
b: {{ include "helper" (dict "value" .Values.nested "context" $) | quote }}
-- templates/c.yaml --
{{ range .Values.list }}
c: {{ include "helper" (dict "value" .text "context" $ "scope" .) | quote }}
{{ end }}
-- templates/d.yaml --
d: {{ include (printf "kind.%s" .Values.kind) . }}
-- templates/e.yaml --
e: {{ include "pair" (list . "x") | quote }}
-- templates/f.yaml --
{{- $d := dict "x" 1 }}
{{- $_ := set $d "ctx" $ }}
f: {{ include "late" $d }}
-- templates/g.yaml --
g: {{ tpl "{{ define \"own\" }}{{ .Values.port }}{{ end }}{{ include \"own\" . }}" . }}
-- templates/h.yaml --
h: {{ .Values.unused }}
-- templates/i.yaml --
i: {{ range $name, $sub := .Subcharts }}{{ $name }}{{ end }}
`, "tried 23, again 14, templates not executed 71, values not merged 0"},
		{"conditions and globals", `
-- Chart.yaml --
apiVersion: v2
name: chart
version: 1.0.0
dependencies:
- {name: db, version: 1.0.0, condition: db.enabled}
-- values.yaml --
global: {registry: x}
db: {enabled: true, user: own}
enabled: false
-- templates/a.yaml --
a: {{ .Values.global.registry }} {{ .Values.enabled }}
-- charts/db/Chart.yaml --
apiVersion: v2
name: db
version: 1.0.0
-- charts/db/templates/a.yaml --
a: {{ .Values.global.registry }} {{ .Values.user }}
`, "tried 16, again 6, templates not executed 10, values not merged 0"},
		{"imports", `
-- Chart.yaml --
apiVersion: v2
name: chart
version: 1.0.0
dependencies:
- {name: db, version: 1.0.0, import-values: [{child: a, parent: b}]}
-- templates/a.yaml --
a: {{ .Values.b }}
-- charts/db/Chart.yaml --
apiVersion: v2
name: db
version: 1.0.0
-- charts/db/values.yaml --
a: {c: 1}
-- charts/db/templates/a.yaml --
a: {{ .Values.a }}
`, "tried 14, again 0, templates not executed 0, values not merged 0"},
		{"values changed by a template", `
-- values.yaml --
a: 1
db: {a: 1}
-- templates/z/z/z/z.yaml --
a: {{ if eq (toString .Values.a) "1" }}{{ $_ := set .Values.db "a" 7 }}{{ end }}1
` + dbChart, "tried 10, again 0, templates not executed 0, values not merged 6"},
		{"values changed in the trial", `
-- values.yaml --
a: 1
db: {a: 1}
-- templates/z/z/z/z.yaml --
a: {{ if ne (toString .Values.a) "1" }}{{ $_ := set .Values.db "a" 7 }}{{ end }}1
` + dbChart, "tried 10, again 5, templates not executed 6, values not merged 1"},
		{"scope changed by a template", `
-- values.yaml --
a: 1
-- templates/b.yaml --
a: {{ $_ := set $ "x" .Values.a }}1
-- templates/a.yaml --
a: {{ $.x }}
`, "tried 4, again 0, templates not executed 0, values not merged 3"},
	} {
		c, _ := writeChart(t, tt.files[1:])
		var got trialTally
		got.compare(t, c, 1000)
		if s := got.String(); s != tt.want {
			t.Errorf("%s: got %s; want %s", tt.name, s, tt.want)
		}
	}
}

// dbChart is a subchart with one template.
const dbChart = `-- charts/db/Chart.yaml --
apiVersion: v2
name: db
version: 1.0.0
-- charts/db/templates/a.yaml --
a: {{ .Values.a }}
`

// trialTally counts trials, those for which templates were executed again, the templates
// that were not, and trials that executed all templates with the values that were merged before.
type trialTally struct{ tried, again, same, merged int }

func (n trialTally) String() string {
	return fmt.Sprintf("tried %d, again %d, templates not executed %d, values not merged %d", n.tried, n.again, n.same, n.merged)
}

// compare sets keys of a chart, those that exist and some that do not.
func (n *trialTally) compare(t *testing.T, c *Chart, limit int) {
	base := newRendering(context.Background(), c)
	base.render(&base.scenario)
	if base.merged.values == nil {
		return
	}
	for _, set := range settingsOf(base.merged.values, nil) {
		if limit--; limit < 0 {
			return
		}
		n.tried++
		s := Scenario{trial: true, over: []values.Setting{set}}
		again, _ := base.renderAgain(context.Background(), s, nil)
		if again == nil {
			n.compareAll(t, base, s)
			continue
		}
		n.again++
		for _, o := range again.Unit.Objects {
			o.Locate(o.Root) // whose template may not have been executed
		}
		want := c.Render(context.Background(), s)
		if got, want := printedBy(again), printedBy(want); !slices.Equal(got, want) {
			t.Errorf("%s: with %v = %v the trial has\n%q\nwant\n%q", c.Dir, set.Steps, set.Value, got, want)
		}
		trial := newRendering(context.Background(), c)
		trial.of, trial.set, trial.merged = base, []values.Setting{set}, base.merged
		trial.readers = map[string]map[string]bool{}
		for _, of := range base.tasks {
			if trial.before(of) != nil {
				n.same++
			}
		}
	}
}

// compareAll compares a trial that executes all templates.
func (n *trialTally) compareAll(t *testing.T, base *rendering, s Scenario) {
	if base.valuesWith(s.over) == nil {
		return
	}
	all := base.renderAll(context.Background(), s)
	if all.merged.chart == base.merged.chart {
		n.merged++
	}
	if got, want := printedBy(all.out), printedBy(base.chart.Render(context.Background(), s)); !slices.Equal(got, want) {
		t.Errorf("%s: with %v = %v the trial of all templates has\n%q\nwant\n%q", base.chart.Dir, s.over[0].Steps, s.over[0].Value, got, want)
	}
}

// printedBy is what a rendering printed, and its problems.
func printedBy(out *lint.Rendered) (l []string) {
	for _, text := range out.Texts {
		l = append(l, text.Name+": "+text.Text)
	}
	for _, o := range out.Unit.Objects {
		l = append(l, o.Ref().String()+" "+o.Vendored)
	}
	for _, p := range out.Problems {
		l = append(l, fmt.Sprint(p.Position, p.Message))
	}
	for _, k := range out.Unit.Unrendered() {
		l = append(l, fmt.Sprint(k))
	}
	return l
}

// settingsOf are other values for the keys of a mapping, and for a key that it lacks.
func settingsOf(m map[string]any, at []string) (l []values.Setting) {
	for _, name := range trace.SortedKeys(m) {
		steps := trace.Join(at, name)
		switch v := m[name].(type) {
		case map[string]any:
			l = append(l, settingsOf(v, steps)...)
		case bool:
			l = append(l, values.Setting{Steps: steps, Value: !v})
		default:
			if reflect.ValueOf(v).Kind() == reflect.Slice {
				l = append(l, values.Setting{Steps: steps, Value: []any{map[string]any{}}})
				continue
			}
			l = append(l, values.Setting{Steps: steps, Value: "other"}, values.Setting{Steps: steps, Value: map[string]any{"a": "b"}})
		}
	}
	return append(l, values.Setting{Steps: trace.Join(at, "missing"), Value: "set"}, values.Setting{Steps: trace.Join(at, "absent", "below"), Value: "set"})
}
