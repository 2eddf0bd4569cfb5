package helm

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart/loader"

	"github.com/kubevet/kubevet/render/helm/trace"
)

// TestSecretsInProblems checks that no problem of a chart quotes the value of a
// secret, whatever quotes it: schemas, functions, parsers, or the chart itself.
func TestSecretsInProblems(t *testing.T) {
	const secret = "Tr0ub4dor-and-3"
	given := "-- values.yaml --\nadmin:\n  password: " + secret + "\ndatabaseUrl: \"postgres://app:" + secret + "@db:bad\"\nplain: Un" + secret[1:] + "-in-plain\nsecretNumber: 12345678\n"
	tests := []struct {
		name, files, want string
		scenario          Scenario
	}{
		{"schema pattern", `-- values.schema.json --
{"properties":{"admin":{"properties":{"password":{"pattern":"^[0-9]+$"}}}}}
`, "chart/values.yaml:2:3: values break the chart's schema: admin.password: does not match pattern '^[0-9]+$'", Scenario{}},
		{"schema format", `-- values.schema.json --
{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"admin":{"properties":{"password":{"format":"ipv4"}}}}}
`, "admin.password: is no valid ipv4", Scenario{}},
		{"schema number", `-- values.schema.json --
{"properties":{"secretNumber":{"maximum":10}}}
`, "secretNumber: must be at most 10", Scenario{}},
		{"schema alternatives", `-- values.schema.json --
{"properties":{"admin":{"anyOf":[{"properties":{"password":{"pattern":"^x"}}},{"type":"string"}]}}}
`, "admin: no alternative fits: password: does not match pattern '^x'; or got object, want string", Scenario{}},
		{"fail", "-- templates/a.yaml --\n{{ fail (printf \"refused: %s\" .Values.admin.password) }}\n", "refused: ‹value of admin.password›", Scenario{}},
		{"fail of all", "-- templates/a.yaml --\n{{ fail (toJson .Values) }}\n", "‹value of admin.password›", Scenario{}},
		{"fail encoded", "-- templates/a.yaml --\n{{ fail (b64enc .Values.admin.password) }}\n", "‹value of admin.password›", Scenario{}},
		{"required", "-- templates/a.yaml --\n{{ required (print \"with \" .Values.admin.password) .Values.nothing }}\n", "with ‹value of admin.password›", Scenario{}},
		{"function", "-- templates/a.yaml --\n{{ urlParse .Values.databaseUrl }}\n", "‹value of databaseUrl›", Scenario{}},
		{"function of a plain value", "-- templates/a.yaml --\n{{ mustToDate \"2006-01-02\" .Values.plain }}\n", "‹value of plain›", Scenario{}},
		{"text of a template", "-- templates/a.yaml --\n{{ index .Values \"Untouched\" \"x\" \"y\" }}\n-- values.yaml --\nUntouched: {}\nkey: Untouched\n", `at <index .Values "Untouched" "x" "y">: `, Scenario{}},
		{"tpl", "-- templates/a.yaml --\n{{ tpl .Values.token . }}\n-- values.yaml --\ntoken: '{{ " + strings.ReplaceAll(secret, "-", "") + " }}'\n", "cannot parse as a template the value of token", Scenario{}},
		{"tpl of text", "-- templates/a.yaml --\n{{ tpl .Values.text . }}\n-- values.yaml --\ntext: 'password: " + secret + " {{ .Values.a.b }}'\n", "at <.Values.a.b>: nil pointer", Scenario{}},
		{"invalid YAML of a Secret", "-- templates/a.yaml --\napiVersion: v1\nkind: Secret\nstringData:\n  x: " + secret + "\n  y: a: b\n", "renders to invalid YAML", Scenario{}},
		{"invalid YAML", "-- templates/a.yaml --\napiVersion: v1\nkind: Pod\npassword: " + secret + "\ny: a: b\n", "renders to invalid YAML", Scenario{}},
		{"anchor", "-- values.yaml --\npassword: *" + strings.ReplaceAll(secret, "-", "") + "\n", "chart/values.yaml: invalid YAML: unknown anchor '…' referenced", Scenario{}},
		{"anchor in a scenario", "", "unknown anchor '…' referenced", Scenario{Values: []ValuesFile{{Name: "v.yaml", Data: []byte("password: *" + strings.ReplaceAll(secret, "-", ""))}}}},
		{"set", "", "reading --set admin.password=…", Scenario{Set: []string{"admin.password=x," + secret}}},
		{"lookup", "-- templates/a.yaml --\n{{ fail ((lookup \"v1\" \"Secret\" \"\" \"\").items | toJson) }}\n", "‹value of lookup.data.x›", Scenario{Lookup: []ValuesFile{{
			Name: "l.yaml", Data: []byte("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {x: VHIwdWI0ZG9yLWFuZC00}\n"),
		}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			files := tt.files
			if !strings.Contains(files, "-- values.yaml --") {
				files += given
			}
			c, problems := writeChart(t, files)
			if c != nil {
				problems = append(problems, c.Render(context.Background(), tt.scenario).Problems...)
			}
			if len(problems) == 0 || !strings.Contains(problems[0].Error(), tt.want) {
				t.Errorf("got %v\nwant %s", problems, tt.want)
			}
			for _, p := range problems {
				text := fmt.Sprintf("%+v", p)
				for _, s := range []string{secret, strings.ReplaceAll(secret, "-", ""), "VHIwdWI0ZG9yLWFuZC00", "12345678"} {
					if strings.Contains(text, s) {
						t.Errorf("%s holds the secret", text)
					}
				}
				if p.Code == "" {
					t.Errorf("%s has no code", p.Error())
				}
			}
		})
	}
}

// TestOneCause checks that a value which several templates require is one problem.
func TestOneCause(t *testing.T) {
	c, _ := writeChart(t, `
-- values.yaml --
app:
  storage:
    bucket: ""
-- templates/_h.tpl --
{{ define "h" }}{{ required "give a name" .Values.name }}{{ end }}
-- templates/a.yaml --
a: {{ required "give a bucket" (dig "storage" "bucket" "" .Values.app) }}
-- templates/b.yaml --
a: {{ .Values.app.storage.bucket | required "give a bucket" }}
-- templates/c.yaml --
a: {{ include "h" . }}
-- templates/d.yaml --
a: {{ include "h" . }}
`)
	var got []string
	for _, p := range c.Render(context.Background(), Scenario{}).Problems {
		got = append(got, p.Error()+" / "+p.Help)
	}
	want := []string{
		"chart/templates/_h.tpl:1:20: required value name is missing: give a name, rendering chart/templates/d.yaml; it stopped 2 templates / give it with -f FILE or --set name=VALUE",
		"chart/templates/b.yaml:1:36: required value app.storage.bucket is missing: give a bucket; it stopped 2 templates / give it with -f FILE or --set app.storage.bucket=VALUE",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestChartSteps checks that many scenarios of a chart together take no more steps
// than a chart may.
func TestChartSteps(t *testing.T) {
	c, _ := writeChart(t, "-- templates/a.yaml --\n{{ range until 300 }}{{ range until 300 }}{{ end }}{{ end }}\n")
	c.limits = trace.Limits{Output: 1 << 30, Steps: 100_000, Work: 1 << 20, Chart: 500_000}
	stopped := 0
	for range 10 {
		for _, p := range c.Render(context.Background(), Scenario{}).Problems {
			if strings.Contains(p.Message, "in all scenarios") {
				stopped++
			}
		}
	}
	if steps := c.steps.Load(); stopped != 5 || steps > 500_000+10*1000 {
		t.Errorf("%d of 10 scenarios were stopped after %d steps", stopped, steps)
	}
}

// TestMaskNames checks that a password that is also a name in the chart, as of the chart, a file or a key, does not hide
// the name, and that the user and the host next to a password are no secrets.
func TestMaskNames(t *testing.T) {
	values := map[string]any{
		"auth":       map[string]any{"username": "operator", "database": "warehouse", "password": "prefect", "userSecretName": "app-login"},
		"secret":     map[string]any{"DEFAULT_DATABASE": "ledgers", "DEFAULT_KEY": "keys-of-ledgers"},
		"search":     map[string]any{"existingSecretKeys": map[string]any{"password": "secret-word"}},
		"postgresql": map[string]any{"adminPassword": "postgres", "token": "postgresql", "pin-123456-x": map[string]any{"password": "pin-123456-x"}},
	}
	m := newMasker(values, nil)
	m.addNames = append(m.addNames, (&sources{dir: "charts/prefect-server", files: []*loader.BufferedFile{{Name: "templates/keys-of-ledgers/x.yaml"}}}).addNames)
	for _, c := range []struct{ text, want string }{
		{"run helm dependency build charts/prefect-server", "run helm dependency build charts/prefect-server"},
		{"bad URL postgres://operator:prefect@warehouse", "bad URL ‹value of postgresql.adminPassword›://operator:‹value of auth.password›@warehouse"},
		{"no ledgers, no xkeys-of-ledgers", "no ledgers, no x‹value of secret.DEFAULT_KEY›"},
		{"set db.secret-word", "set db.secret-word"}, // the name of a key
		{"charts/prefect-server/x: prefect", "charts/prefect-server/x: ‹value of auth.password›"},
		{"rendering templates/keys-of-ledgers/x.yaml", "rendering templates/keys-of-ledgers/x.yaml"},
		{"at <.Values.postgresql.x>: app-login", "at <.Values.postgresql.x>: app-login"},
		{"pin-123456-x is no pin", "‹value of postgresql.pin-123456-x.password› is no pin"}, // a key that may be a token
		{"prefectpostgresprefect", "‹value of auth.password›‹value of postgresql.adminPassword›‹value of auth.password›"},
	} {
		if got := m.text(c.text); got != c.want {
			t.Errorf("%q became %q; want %q", c.text, got, c.want)
		}
	}
}
