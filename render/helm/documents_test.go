package helm

import (
	"context"
	"strings"
	"testing"
)

// TestDocuments checks which documents of a template are objects, and that the rest
// is reported at the line of the template.
func TestDocuments(t *testing.T) {
	const object = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"
	for _, tt := range []struct {
		name, template string
		objects        int
		want           string
	}{
		{"mapping", "{{/* c */}}\nhostNetwork: true\nfoo: bar\n", 0, "chart/templates/a.yaml:2:1: renders to a mapping without apiVersion and kind"},
		{"mapping without kind", object + "---\napiVersion: v1\nimmutable: true\n", 1, "chart/templates/a.yaml:5:1: renders to a mapping without kind"},
		{"object without kind", object + "---\napiVersion: v1\nmetadata: {name: y}\nspec: {}\n", 1, "document is no Kubernetes object and was not checked: it has no kind"},
		{"list", "- a\n- b\n", 0, "chart/templates/a.yaml:1:1: renders to a list"},
		{"text", "just a sentence\n", 0, "chart/templates/a.yaml:1:1: renders to text"},
		{"computed text", "\n{{ \"one\" }} {{ .Values.x }}\n", 0, "chart/templates/a.yaml:2:1: renders to text"},
		{"nothing", "{{ if .Values.x }}a{{ end }}\n--- # c\n# comment\n", 0, ""},
		{"indented", "\n  " + object, 1, ""},
		{"indented by an action", "{{ if true }}  {{ end }}" + object, 1, ""},
		{"end of document", object + "...\n---\n" + object, 2, ""},
		{"glued", "--- " + object, 1, ""},
		{"indented in part", "{{- if true }}\n apiVersion: v1\n{{- end }}\nkind: Pod\nmetadata: {name: p}\n", 1, ""},
		{"all indented", "  apiVersion: v1\n  kind: Pod\n", 0, "chart/templates/a.yaml:2:3: renders to invalid YAML"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := writeChart(t, "-- templates/a.yaml --\n"+tt.template)
			out := c.Render(context.Background(), Scenario{})
			if len(out.Unit.Objects) != tt.objects {
				t.Errorf("%d objects, want %d", len(out.Unit.Objects), tt.objects)
			}
			if tt.want == "" != (len(out.Problems) == 0) || len(out.Problems) > 1 || tt.want != "" && !strings.Contains(out.Problems[0].Error(), tt.want) {
				t.Errorf("got %v, want %q", out.Problems, tt.want)
			}
			for _, o := range out.Unit.Objects {
				if at := o.Locate(o.Root.Get("kind")); at.Line == 0 || !strings.Contains(at.Text, "kind:") || !strings.HasPrefix(at.Text[at.Column-1:], o.Kind) {
					t.Errorf("kind is at %v, %q", at.Position, at.Text)
				}
			}
		})
	}
}

// TestGivenAPIVersions checks that templates see the APIs of a scenario, and those of custom resources without which they fail.
func TestGivenAPIVersions(t *testing.T) {
	c, _ := writeChart(t, `
-- templates/a.yaml --
{{- if not (.Capabilities.APIVersions.Has "monitoring.example.com/v1/Monitor") }}
{{- fail "install the operator first" }}
{{- end }}
apiVersion: v1
kind: ConfigMap
metadata: {name: x}
`)
	if out := c.Render(context.Background(), Scenario{}); len(out.Problems) > 0 || len(out.Notes) != 1 || !strings.Contains(out.Notes[0].Message, "--api-versions monitoring.example.com/v1/Monitor") {
		t.Errorf("without the API: %v, notes %v", out.Problems, out.Notes)
	}
	if out := c.Render(context.Background(), Scenario{APIVersions: []string{"monitoring.example.com/v1/Monitor"}}); len(out.Problems)+len(out.Notes) > 0 {
		t.Errorf("with the API: %v, notes %v", out.Problems, out.Notes)
	}
}
