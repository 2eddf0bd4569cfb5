package helm

import (
	"context"
	"strings"
	"testing"
)

// TestUnrenderedKinds checks which kinds are reported for templates that print none of them.
func TestUnrenderedKinds(t *testing.T) {
	const policy = "\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: x}\n"
	for _, tt := range []struct{ name, values, template, want string }{
		{"printed", "a: true", "{{- if .Values.a }}" + policy + "{{- end }}", ""},
		{"if", "a: false", "{{- if .Values.a }}" + policy + "{{- end }}", "NetworkPolicy"},
		{"blocks", "a: false\nb: false", "{{- if .Values.a }}\n{{- if .Values.b }}" + policy + "{{- end }}\n{{- end }}", "NetworkPolicy"},
		{"helper", "a: ''", "{{- define \"a\" }}{{ .Values.a }}{{ end }}{{- if include \"a\" . }}" + policy + "{{- end }}", "NetworkPolicy"},
		{"comparison", "n: 0", "{{- if gt (int .Values.n) 0 }}" + policy + "{{- end }}", "NetworkPolicy"},
		{"capability", "a: true", "{{- if .Capabilities.APIVersions.Has \"x/v1\" }}" + policy + "{{- end }}", "NetworkPolicy"},
		{"loop", "l: []", "{{- range .Values.l }}" + policy + "{{- end }}", "NetworkPolicy"},
		{"alternative", "a: true", "apiVersion: apps/v1\n{{- if .Values.a }}\nkind: Deployment\n{{- else }}\nkind: DaemonSet\n{{- end }}\nmetadata: {name: x}", ""},
		{"document", "a: false", "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\n---\n{{- if .Values.a }}" + policy + "{{- end }}", "NetworkPolicy"},
		{"not an object", "a: false", "{{- if .Values.a }}\n  kind: Secret\n{{- end }}", ""},
	} {
		c, _ := writeChart(t, "-- values.yaml --\n"+tt.values+"\n-- templates/np.yaml --\n"+tt.template+"\n")
		var got []string
		for _, k := range c.Render(context.Background(), Scenario{}).Unit.Unrendered() {
			got = append(got, k.Kind)
			if k.Template != "chart/templates/np.yaml" {
				t.Errorf("%s: template %s", tt.name, k.Template)
			}
		}
		if l := strings.Join(got, " "); l != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, l, tt.want)
		}
	}
}
