package helm

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/helm/trace"
)

// writeChart writes files in txtar form to a new folder named chart, and loads it.
func writeChart(t testing.TB, files string) (*Chart, []lint.Problem) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "chart")
	if !strings.Contains(files, "-- Chart.yaml --") {
		files += "\n-- Chart.yaml --\napiVersion: v2\nname: demo\nversion: 0.1.0\n"
	}
	for _, f := range txtar.Parse([]byte(files)).Files {
		p := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(filepath.Dir(dir))
	return loadChart(t, "chart")
}

// TestProblems checks the problems of charts that cannot be rendered, and that
// their other templates are.
func TestProblems(t *testing.T) {
	const good = "\n-- templates/good.yaml --\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: good\n"
	tests := []struct{ name, files, want, help string }{
		{
			"syntax", "-- templates/bad.yaml --\na: 1\nb: {{ if }}\n",
			"chart/templates/bad.yaml:2: invalid template: missing value for if", "correct the template",
		},
		{
			"namespace", "-- templates/bad.yaml --\n{{ if ne .Release.Namespace \"web\" }}{{ fail \"install it in the namespace web\" }}{{ end }}\n",
			"chart/templates/bad.yaml:1:40: install it in the namespace web", "--namespace NAMESPACE",
		},
		{
			"function", "-- templates/bad.yaml --\nb: {{ nosuch 1 }}\n",
			"chart/templates/bad.yaml:1: invalid template: function \"nosuch\" not defined", "",
		},
		{
			"nil pointer", "-- templates/bad.yaml --\na: 1\nb: {{ .Values.a.b }}\n",
			"chart/templates/bad.yaml:2:14: at <.Values.a.b>: nil pointer evaluating interface {}.b; the value a is not set", "",
		},
		{
			"in a helper", "-- templates/_h.tpl --\n{{ define \"h\" }}\n  {{ index .Values.l 3 }}{{ end }}\n-- values.yaml --\nl: []\n-- templates/bad.yaml --\nb: {{ include \"h\" . }}\n",
			"chart/templates/_h.tpl:2:6: at <index .Values.l 3>: index out of range: 3, rendering chart/templates/bad.yaml", "",
		},
		{
			"no template", "-- templates/bad.yaml --\nb: {{ include \"common.name\" . }}\n",
			`chart/templates/bad.yaml:1:7: there is no template "common.name"`, "",
		},
		{
			"required", "-- templates/bad.yaml --\nb: {{ required \"a password is needed\" .Values.db.password }}\n-- values.yaml --\ndb: {}\n",
			"chart/templates/bad.yaml:1:7: required value db.password is missing: a password is needed", "--set db.password=VALUE",
		},
		{
			"required in a subchart", "-- charts/sub/Chart.yaml --\napiVersion: v2\nname: sub\nversion: 0.1.0\n-- charts/sub/templates/bad.yaml --\nb: {{ .Values.key | required \"give a key\" }}\n",
			"chart/charts/sub/templates/bad.yaml:1:21: required value sub.key is missing: give a key", "--set sub.key=VALUE",
		},
		{
			"required behind parentheses", "-- templates/bad.yaml --\nb: {{ required \"name a host\" (.Values.global).host }}\n",
			"chart/templates/bad.yaml:1:7: required value global.host is missing: name a host", "--set global.host=VALUE",
		},
		{
			"required below with", "-- templates/bad.yaml --\nb: {{ with .Values.db }}{{ required \"name it\" .name }}{{ end }}\n-- values.yaml --\ndb: {port: 1}\n",
			"chart/templates/bad.yaml:1:28: required value db.name is missing: name it", "--set db.name=VALUE",
		},
		{
			"required of a variable", "-- templates/bad.yaml --\n{{ $db := .Values.db }}b: {{ required \"name it\" $db.name }}\n-- values.yaml --\ndb: {name: \"\"}\n",
			"chart/templates/bad.yaml:1:30: required value db.name is missing: name it", "--set db.name=VALUE",
		},
		{
			"required of what a helper is given", "-- templates/_h.tpl --\n{{ define \"h\" }}{{ .db.name | required \"name it\" }}{{ end }}\n-- templates/bad.yaml --\nb: {{ include \"h\" (dict \"db\" .Values.db) }}\n-- values.yaml --\ndb: {port: 1}\n",
			"chart/templates/_h.tpl:1:31: required value db.name is missing: name it, rendering chart/templates/bad.yaml", "--set db.name=VALUE",
		},
		{
			"required in a condition, after one that has its value", "-- templates/bad.yaml --\na: {{ required \"name it\" .Values.a }}\n{{ if required \"name the other\" (list .Values.b | first) }}b: 1{{ end }}\n-- values.yaml --\na: 1\n",
			"chart/templates/bad.yaml:2:7: name the other", "",
		},
		{
			"required in a list", "-- templates/_h.tpl --\n{{ define \"h\" }}{{ $g := index . 0 }}{{ $g.size | required \"name it\" }}{{ end }}\n-- values.yaml --\ngroups: [{name: a}]\ndefaults: {size: null}\n" +
				"-- templates/bad.yaml --\n{{ range $o := .Values.groups }}{{ $g := deepCopy $.Values.defaults | mustMerge $o }}b: {{ include \"h\" (list $g) }}{{ end }}\n",
			"chart/templates/_h.tpl:1:51: required value groups[0].size is missing: name it, rendering chart/templates/bad.yaml", "give it with -f FILE that has the whole list, in groups[0]: Helm merges no lists",
		},
		{
			"a full stop", "-- templates/_h.tpl --\n{{ define \"h\" }}{{ fail \"Not like this.\" }}{{ end }}\n-- templates/bad.yaml --\n{{ include \"h\" . }}\n",
			"chart/templates/_h.tpl:1:20: Not like this, rendering chart/templates/bad.yaml", "",
		},
		{
			"several values, and no values.yaml", "-- templates/bad.yaml --\na: {{ .Values.a.b }}\n-- templates/other.yaml --\na: {{ .Values.c.d }}\n-- templates/same.yaml --\na: {{ .Values.c.e }}\n",
			"chart/Chart.yaml: the chart has no values.yaml, and its templates need values: chart/templates/bad.yaml, chart/templates/other.yaml and chart/templates/same.yaml could not be rendered", "with -f FILE",
		},
		{
			"an API", "-- templates/bad.yaml --\n{{ if not (.Capabilities.APIVersions.Has \"policy/v1beta1\") }}{{ fail \"install it first\" }}{{ end }}\n",
			"chart/templates/bad.yaml:1:65: install it first", "--api-versions policy/v1beta1",
		},
		{
			"a key that the message names", "-- values.yaml --\ndb: {auth: {}}\n-- templates/bad.yaml --\n{{ $auth := .Values.db.auth }}{{ if not $auth.secret }}{{ required \"db.auth.secret is required (see example.com)\" \"\" }}{{ end }}\n",
			"chart/templates/bad.yaml:1:59: db.auth.secret is required (see example.com)", "--set KEY=VALUE, such as --set db.auth.secret=VALUE",
		},
		{
			"a version", "-- templates/bad.yaml --\n{{ if semverCompare \">1.0\" .Capabilities.KubeVersion.Version }}{{ fail \"too new\" }}{{ end }}\n",
			"chart/templates/bad.yaml:1:67: too new", "--kube-version VERSION",
		},
		{
			"a name", "-- templates/bad.yaml --\n{{ if ne .Release.Name \"web\" }}{{ fail \"call it web\" }}{{ end }}\n",
			"chart/templates/bad.yaml:1:35: call it web", "--release-name NAME",
		},
		{
			"text in crds/", "-- crds/notes.yaml --\nhow to install it\n",
			"chart/crds/notes.yaml:1:1: holds text, which is no Kubernetes object: helm install fails", "out of crds/",
		},
		{
			"a misspelt key in crds/", "-- crds/a.yaml --\nApiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n",
			"chart/crds/a.yaml:1:1: document is no Kubernetes object and was not checked: it has no apiVersion; ApiVersion is no field; did you mean apiVersion", "",
		},
		{
			"a function in a pipeline", "-- templates/bad.yaml --\nb: {{ .Values.password | b64enc }}\n",
			"chart/templates/bad.yaml:1:26: at <b64enc>: invalid value; expected string; the value password is not set", "",
		},
		{
			"fail", "-- templates/bad.yaml --\n{{ fail \"not like this\" }}\n",
			"chart/templates/bad.yaml:1:4: not like this", "",
		},
		{
			"panic", "-- templates/bad.yaml --\n{{ repeat -1 \"x\" }}\n",
			`chart/templates/bad.yaml:1:4: at <repeat -1 "x">: strings: negative Repeat count`, "",
		},
		{
			"yaml", "-- templates/bad.yaml --\na: 1\nb: {{ \"x: y: z\" }}\n",
			"chart/templates/bad.yaml:2:1: renders to invalid YAML (line 2 of the output): mapping values are not allowed in this context", "",
		},
		{
			"notes", "-- templates/NOTES.txt --\n{{ .Values.a.b }}\n",
			"chart/templates/NOTES.txt:1:11: at <.Values.a.b>: nil pointer evaluating interface {}.b; the value a is not set", "",
		},
		{
			"schema", "-- values.yaml --\nweb:\n  replicas: many\n-- values.schema.json --\n{\"properties\":{\"web\":{\"properties\":{\"replicas\":{\"type\":\"integer\"}}}}}\n",
			"chart/values.yaml:2:3: values break the chart's schema: web.replicas: got string, want integer", "",
		},
		{
			"dependency", "-- Chart.yaml --\napiVersion: v2\nname: demo\nversion: 0.1.0\ndependencies:\n  - name: redis\n    version: 1.x.x\n    repository: https://charts.example.com\n",
			"chart/Chart.yaml:5:11: dependency redis 1.x.x is missing from charts/", "run helm dependency build chart",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, problems := writeChart(t, tt.files+good)
			if c == nil {
				t.Fatal(problems)
			}
			out := c.Render(context.Background(), Scenario{})
			problems = append(problems, out.Problems...)
			if len(problems) != 1 {
				t.Fatalf("got %d problems, want one: %v", len(problems), problems)
			}
			if got := problems[0].Error(); got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
			if !strings.Contains(problems[0].Help, tt.help) {
				t.Errorf("help: got %q, want %q in it", problems[0].Help, tt.help)
			}
			object(t, out.Unit, "ConfigMap", "good")
		})
	}
}

// TestIncomplete checks that the templates which need a missing dependency are
// part of the problem of the dependency.
func TestIncomplete(t *testing.T) {
	c, problems := writeChart(t, "-- Chart.yaml --\napiVersion: v2\nname: demo\nversion: 0.1.0\ndependencies:\n  - name: common\n    version: 1.x.x\n    repository: oci://example.com\n"+
		"-- templates/a.yaml --\nx: {{ include \"common.name\" . }}\n-- templates/b.yaml --\nx: {{ template \"common.name\" . }}\n-- templates/c.yaml --\nx: {{ .Values.a.b }}\n-- templates/d.yaml --\n{{ if .Values.more }}x: {{ include \"common.name\" . }}{{ end }}\n")
	if len(problems) != 1 {
		t.Fatal(problems)
	}
	got := c.Render(context.Background(), Scenario{}).Problems
	if len(got) != 2 || !strings.Contains(got[0].Error(), "c.yaml:1:14: at <.Values.a.b>: nil pointer") ||
		got[1].Error() != problems[0].Error() || !strings.Contains(got[1].Detail, "chart/templates/a.yaml\nchart/templates/b.yaml") {
		t.Errorf("got %v", got)
	}
	more := c.Render(context.Background(), Scenario{Set: []string{"more=true"}}).Problems
	if len(more) != 2 || more[1].Error() != got[1].Error() || more[1].Detail == got[1].Detail {
		t.Errorf("another scenario, with another template: got %v", more)
	}
}

// TestLackedSubchart checks that a template which reads a missing dependency is part of the problem of that one.
func TestLackedSubchart(t *testing.T) {
	c, problems := writeChart(t, "-- Chart.yaml --\napiVersion: v2\nname: demo\nversion: 0.1.0\ndependencies:\n"+
		"  - {name: web, version: 1.x.x, repository: \"oci://example.com\"}\n  - {name: data, version: 1.x.x, repository: \"oci://example.com\"}\n"+
		"-- templates/_h.tpl --\n{{ define \"port\" }}{{ .Subcharts.data.Values.port }}{{ end }}\n"+
		"-- templates/a.yaml --\nx: {{ include \"port\" . }}\n-- templates/b.yaml --\nx: {{ keys .Subcharts.data }}\n-- templates/c.yaml --\nx: {{ .Subcharts.other.port }}\n")
	if len(problems) != 2 {
		t.Fatal(problems)
	}
	got := c.Render(context.Background(), Scenario{}).Problems
	if len(got) != 2 || !strings.Contains(got[0].Error(), "c.yaml:1:17: at <.Subcharts.other.port>: nil pointer") ||
		got[1].Error() != problems[1].Error() || got[1].Stopped != "chart/templates/a.yaml\nchart/templates/b.yaml" {
		t.Errorf("got %v", got)
	}
}

// TestSteady checks that two renderings are the same, to the last step of a trail.
func TestSteady(t *testing.T) {
	all := func() string {
		var b strings.Builder
		for _, s := range renderWeb(t, Scenario{}).Texts {
			for i, l := range strings.Split(s.Text, "\n") {
				fmt.Fprintln(&b, l, show(s.Origin(i+1)))
			}
		}
		return b.String()
	}
	first := all()
	for range 5 {
		if all() != first {
			t.Fatal("two renderings differ")
		}
	}
}

// TestBrokenCharts checks the problems of charts that cannot be loaded.
func TestBrokenCharts(t *testing.T) {
	tests := []struct{ name, files, want string }{
		{"values", "-- values.yaml --\na: 1\nb: [\n", "chart/values.yaml:3: invalid YAML: did not find expected node content"},
		{"metadata", "-- Chart.yaml --\nname: demo\nversion: x\n", "chart/Chart.yaml: invalid chart: chart.metadata.version \"x\" is invalid"},
		{"no chart", "-- Chart.yaml --\n: [\n", "chart/Chart.yaml: invalid YAML: did not find expected key"},
		{"filled in by a program", "-- Chart.yaml --\nname: {{ .Name }}\nversion: 1.0.0\n", "chart/Chart.yaml:1: invalid YAML: a mapping is the key of another one"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, problems := writeChart(t, tt.files)
			if c != nil || len(problems) != 1 {
				t.Fatalf("got %v, %v; want one problem", c, problems)
			}
			if got := problems[0].Error(); got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
			if isTemplate := strings.Contains(problems[0].Help, "seems to be a template"); isTemplate != (tt.name == "filled in by a program") {
				t.Errorf("help %q", problems[0].Help)
			}
		})
	}
}

// TestHostile renders charts that are made to hang or to blow up.
func TestHostile(t *testing.T) {
	tests := []struct{ name, template, want string }{
		{"include of itself", `{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}`, "nested"},
		{"template of itself", `{{ define "a" }}{{ template "a" . }}{{ end }}{{ template "a" . }}`, "nested deeper"},
		{"tpl of itself", `{{ tpl .Values.loop . }}`, "nested deeper"},
		{"includes each other", `{{ range $i := until 50 }}{{ end }}{{ define "a" }}{{ include "b" . }}{{ end }}{{ define "b" }}{{ template "a" . }}{{ end }}{{ include "a" . }}`, "nested"},
		{"printed dict in itself", `{{ $d := dict }}{{ $_ := set $d "self" $d }}{{ $d }}`, "may hold itself"},
		{"toYaml of dict in itself", `{{ $d := dict }}{{ $_ := set $d "self" $d }}{{ toYaml $d }}`, "may hold itself"},
		{"printf of dict in itself", `{{ $d := dict }}{{ $_ := set $d "self" $d }}{{ printf "%v" $d }}`, "may hold itself"},
		{"deepCopy of dict in itself", `{{ $d := dict }}{{ $_ := set $d "self" $d }}{{ deepCopy $d }}`, "may hold itself"},
		{"merge of dict in itself", `{{ $d := dict }}{{ $_ := set $d "self" $d }}{{ merge (dict "self" (dict)) $d }}`, "may hold itself"},
		{"join of list in itself", `{{ $d := dict }}{{ $_ := set $d "self" (list $d) }}{{ join "," $d.self }}`, "may hold itself"},
		{"ternary cycle in values", `{{ $_ := set .Values "self" .Values }}{{ .Values | toJson }}`, "may hold itself"},
		{"toString in chain", `{{ $d := dict }}{{ $_ := set $d "self" $d }}{{ $d | toString | quote }}`, "may hold itself"},
		{"html", `{{ $d := dict }}{{ $_ := set $d "self" $d }}{{ html $d }}`, "may hold itself"},
		{"fail with", `{{ $d := dict }}{{ $_ := set $d "self" $d }}{{ toStrings (list $d) }}`, "may hold itself"},
		{"int", `{{ $d := dict }}{{ $_ := set $d "self" $d }}{{ int $d }}`, "may hold itself"},
		{"add", `{{ $d := dict }}{{ $_ := set $d "self" $d }}{{ add 1 $d }}`, "may hold itself"},
		{"key of a dict", `{{ $d := dict }}{{ $_ := set $d "self" $d }}{{ dict $d 1 }}`, "may hold itself"},
		{"sorted", `{{ $d := dict }}{{ $_ := set $d "self" $d }}{{ sortAlpha (list $d) }}`, "may hold itself"},
		{"compared", `{{ $d := dict }}{{ $_ := set $d "self" $d }}{{ if eq $d $d }}{{ end }}`, "non-comparable"},
		{"laughs", `{{ $l := list 1 2 3 4 5 6 7 8 9 }}{{ range until 12 }}{{ $l = list $l $l $l $l $l $l $l $l }}{{ end }}{{ toYaml $l }}`, "parts"},
		{"repeat", `{{ repeat 1000000000 "xx" }}`, "more than"},
		{"doubling", `{{ $s := "xxxxxxxx" }}{{ range until 60 }}{{ $s = printf "%s%s" $s $s }}{{ end }}`, "was stopped"},
		{"doubling list", `{{ $l := list 1 2 3 4 5 6 7 8 }}{{ range until 40 }}{{ $l = concat $l $l }}{{ end }}`, "elements"},
		{"replace", `{{ $s := repeat 100000 "a" }}{{ replace "a" $s $s }}`, "more than"},
		{"indent", `{{ indent 100000000 (repeat 1000 "\n") }}`, "more than"},
		{"until", `{{ range until 2000000000 }}x{{ end }}`, "list of"},
		{"untilStep", `{{ untilStep 0 2000000000 1 }}`, "list of"},
		{"random", `{{ randAlphaNum 2000000000 }}`, "random"},
		{"output", `{{ $s := repeat 1000000 "x" }}{{ range until 1000000 }}{{ $s }}{{ end }}`, "was stopped"},
		{"loop without output", `{{ range until 1000000 }}{{ range until 1000000 }}{{ end }}{{ end }}`, "more than 100000 rounds"},
		{"loop over an integer", `{{ range 1000000000000 }}{{ end }}`, "more than 100000 rounds"},
		{"deep ifs", strings.Repeat("{{if 1}}", 300000) + strings.Repeat("{{end}}", 300000), "nested deeper"},
		{"deep elses", "{{if 1}}" + strings.Repeat("{{else if 1}}", 300000) + "{{end}}", "nested deeper"},
		{"deep ifs in tpl", `{{ tpl (printf "%s%s" (repeat 300000 "{{if 1}}") (repeat 300000 "{{end}}")) . }}`, "nested deeper"},
		{"many strings", `{{ range until 1000000 }}{{ range until 100 }}{{ $x := printf "%d" . }}{{ end }}{{ end }}`, "was stopped"},
		{"many lists", `{{ $d := dict }}{{ $l := until 100000 }}{{ range until 1000000 }}{{ $_ := set $d (toString .) (reverse $l) }}{{ end }}`, "was stopped"},
		{"deep ifs in includes", `{{ define "a" }}` + strings.Repeat("{{if 1}}", 900) + `{{ include "a" . }}` + strings.Repeat("{{end}}", 900) + `{{ end }}{{ include "a" . }}`, "blocks of templates in each other"},
		{"deep ranges in templates", `{{ define "a" }}` + strings.Repeat("{{range 1}}", 900) + `{{ template "a" . }}` + strings.Repeat("{{end}}", 900) + `{{ end }}{{ include "a" . }}`, "blocks of templates in each other"},
		{"deep parentheses in includes", `{{ define "a" }}{{ ` + strings.Repeat("(", 9000) + `include "a" .` + strings.Repeat(")", 9000) + ` }}{{ end }}{{ include "a" . }}`, "blocks of templates in each other"},
		{"deep TOML", `{{ fromToml (print "x = " (repeat 3000000 "[")) }}`, "nested deeper"},
		{"long key in TOML", `{{ fromToml (print (repeat 1000000 "a.") "a = 1") }}`, "nested deeper"},
		{"deep TOML and strings", `{{ fromToml (print "x = [ '''\"''', " (repeat 3000000 "[")) }}`, "nested deeper"},
		{"long YAML", `{{ fromYamlArray (repeat 10000000 "- a\n") }}`, "document of more than"},
		{"uniq", `{{ uniq (until 100000) }}`, "are compared"},
		{"untilStep past the integers", `{{ untilStep 9223372036854775800 9223372036854775807 5 }}`, "list of"},
		{"untilStep across the integers", `{{ untilStep -9223372036854775808 9223372036854775807 1 }}`, "list of"},
		{"split", `{{ len (split "" (repeat 30000000 "a")) }}`, "list of"},
		{"splitn", `{{ len (splitn "" 60000000 (repeat 30000000 "a")) }}`, "list of"},
		{"found", `{{ len (regexFindAll "" (repeat 60000000 "a") -1) }}`, "list of"},
		{"one text many times", `{{ $s := repeat 60000000 "x" }}{{ $l := list $s $s $s $s $s $s $s $s $s $s $s $s $s $s $s $s $s $s $s $s $s $s }}{{ len (join "" (concat $l $l $l $l $l)) }}`, "more than 64 MiB"},
		{"one argument many times", `{{ len (printf (repeat 1000000 "%[1]s") (repeat 1000000 "x")) }}`, "more than 64 MiB"},
		{"files", `{{ range until 1000000 }}{{ range until 1000000 }}{{ $x := $.Files.AsConfig }}{{ end }}{{ end }}`, "was stopped"},
		{"regular expression", `{{ $s := repeat 1000000 "a" }}{{ range until 100 }}{{ regexMatch "(a{1,1000}b){1,1000}" $s }}{{ end }}`, "long arguments"},
		{"found by a long expression", `{{ regexFindAll (repeat 1000 "a?") (repeat 1000000 "a") -1 }}`, "long arguments"},
		{"hashes", `{{ $s := repeat 10000000 "a" }}{{ range until 1000000 }}{{ $x := sha256sum $s }}{{ end }}`, "long arguments"},
		{"contained", `{{ $s := repeat 10000000 "a" }}{{ range until 1000000 }}{{ $x := contains "b" $s }}{{ end }}`, "long arguments"},
		{"pattern", `{{ .Files.Glob (repeat 200000 "{a,") }}`, "pattern of more than"},
		{"deep parentheses", `{{ ` + strings.Repeat("(", 200000) + `1` + strings.Repeat(")", 200000) + ` }}`, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, problems := writeChart(t, "-- values.yaml --\nloop: '{{ tpl .Values.loop . }}'\n-- templates/hostile.yaml --\n"+tt.template+"\n")
			if c == nil {
				t.Fatal(problems)
			}
			c.limits = trace.Limits{Output: 128 << 20, Steps: 100_000, Work: 100 << 20, Chart: 100_000}
			out := c.Render(context.Background(), Scenario{}) // what does not end runs into the time limit of the tests
			if len(out.Problems) == 0 {
				t.Fatal("there is no problem")
			}
			p := out.Problems[0]
			if !strings.Contains(p.Error(), tt.want) || !strings.Contains(p.Error(), "hostile.yaml") && !strings.Contains(p.Error(), "chart") {
				t.Errorf("got %s, want %q in it, and the template", p.Error(), tt.want)
			}
		})
	}
}

// TestHostileFiles loads and renders charts whose other files are made to hang or
// to blow up.
func TestHostileFiles(t *testing.T) {
	refs := make([]string, 23)
	for i := range refs {
		refs[i] = fmt.Sprintf(`"d%d":{"allOf":[{"$ref":"#/$defs/d%d"},{"$ref":"#/$defs/d%d"}]}`, i, i+1, i+1)
	}
	tests := []struct{ name, files, want string }{
		{"schema", "-- values.schema.json --\n{\"$defs\":{" + strings.Join(refs, ",") + ",\"d23\":{}},\"$ref\":\"#/$defs/d0\"}\n", "chart/values.schema.json: validating the values was stopped: a schema that is compared with the values more than 10000000 times"},
		{"values", "-- values.yaml --\na: " + strings.Repeat("{a: ", 9000) + "1" + strings.Repeat("}", 9000) + "\n", "chart/values.yaml: a value is nested deeper than 500"},
		{"aliases", "-- values.yaml --\na0: &a0 {a: 1}\n" + aliasBomb(24), "chart/values.yaml: invalid YAML: document contains excessive aliasing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, problems := writeChart(t, tt.files+"-- templates/a.yaml --\na: b\n")
			if c != nil {
				problems = append(problems, c.Render(context.Background(), Scenario{}).Problems...)
			}
			if len(problems) == 0 || !strings.HasPrefix(problems[0].Error(), tt.want) {
				t.Errorf("got %v, want %s", problems, tt.want)
			}
		})
	}
}

// TestSiblingsWithoutEnd: charts that lead to each other, or to many of the same, are read in
// limited number, and the rest of the chart is rendered.
func TestSiblingsWithoutEnd(t *testing.T) {
	refer := func(to string) string {
		var b strings.Builder
		b.WriteString("apiVersion: v2\nname: demo\nversion: 0.1.0\ndependencies:\n")
		for i := range 10 {
			fmt.Fprintf(&b, "- {name: x%d, version: 0.1.0, repository: 'file://../%s'}\n", i, to)
		}
		return b.String()
	}
	var chain strings.Builder
	chain.WriteString("-- Chart.yaml --\n" + refer("c1"))
	for i := 1; i < 7; i++ {
		fmt.Fprintf(&chain, "-- ../c%d/Chart.yaml --\n%s", i, refer(fmt.Sprintf("c%d", i+1)))
	}
	for _, tt := range []struct{ name, files, want string }{
		{"circle", "-- Chart.yaml --\n" + refer("b") + "-- ../b/Chart.yaml --\n" + refer("chart"), "b/Chart.yaml:5:10: dependency x0 leads back to a chart that depends on it"},
		{"fan", chain.String() + "-- ../c7/Chart.yaml --\napiVersion: v2\nname: c7\nversion: 0.1.0\n", "more than 256 charts of the tree are loaded as dependencies"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, problems := writeChart(t, "-- ../.git/HEAD --\nref: refs/heads/main\n"+tt.files+"-- templates/a.yaml --\na: b\n")
			if c == nil {
				t.Fatal(problems)
			}
			if !slices.ContainsFunc(problems, func(p lint.Problem) bool { return strings.Contains(p.Error(), tt.want) }) {
				t.Errorf("%d problems, none is %q; the first: %v", len(problems), tt.want, problems[:min(3, len(problems))])
			}
		})
	}
}

func aliasBomb(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "a%d: &a%d {<<: [*a%d, *a%d]}\n", i+1, i+1, i, i)
	}
	return b.String()
}

// TestDeadline checks that a chart whose time is up is reported.
func TestDeadline(t *testing.T) {
	c, _ := writeChart(t, "-- templates/a.yaml --\na: b\n-- templates/b.yaml --\na: b\n")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	out := c.Render(ctx, Scenario{})
	if len(out.Problems) != 1 || out.Problems[0].Error() != "chart: rendering was stopped before 2 of 2 templates: context canceled" || len(out.Texts) > 0 {
		t.Errorf("problems %v, texts %v", out.Problems, out.Texts)
	}
}
