package helm

import (
	"context"
	"slices"
	"strings"
	"testing"
)

// TestDisabledObjects checks which objects are reported as disabled by values, and by which values.
func TestDisabledObjects(t *testing.T) {
	const policy = "\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: x}\n"
	tests := []struct{ name, values, template, want string }{
		{"if", "np: {enabled: false}", "{{- if .Values.np.enabled }}" + policy + "{{- end }}", "networking.k8s.io/NetworkPolicy np.enabled=true chart/values.yaml:1:6"},
		{"open", "np: {enabled: true}", "{{- if .Values.np.enabled }}" + policy + "{{- end }}", ""},
		{"unset", "np: {}", "{{- if .Values.np.enabled }}" + policy + "{{- end }}", "networking.k8s.io/NetworkPolicy np.enabled=true chart/values.yaml:1:1"},
		{"unset, and no switch", "np: {port: null}", "{{- if .Values.np.port }}" + policy + "{{- end }}", ""},
		{"not", "open: true", "{{- if not .Values.open }}" + policy + "{{- end }}", "networking.k8s.io/NetworkPolicy open=false chart/values.yaml:1:1"},
		{"and", "a: false\nb: false\nc: true", "{{- if and .Values.a .Values.b .Values.c }}" + policy + "{{- end }}", "networking.k8s.io/NetworkPolicy a=true chart/values.yaml:1:1 b=true chart/values.yaml:2:1"},
		{"or", "a: false\nb: false", "{{- if or .Values.a .Values.b }}" + policy + "{{- end }}", "networking.k8s.io/NetworkPolicy a=true chart/values.yaml:1:1"},
		{"inner", "a: true\nb: false", "{{- if .Values.a }}\n{{- if .Values.b }}" + policy + "{{- end }}\n{{- end }}", "networking.k8s.io/NetworkPolicy b=true chart/values.yaml:2:1"},
		{"both", "a: false\nb: false", "{{- if .Values.a }}\n{{- if .Values.b }}" + policy + "{{- end }}\n{{- end }}", "unsure: networking.k8s.io/NetworkPolicy a=true chart/values.yaml:1:1"},
		{"list", "a: []", "{{- if .Values.a }}" + policy + "{{- end }}", "networking.k8s.io/NetworkPolicy a=[{}] chart/values.yaml:1:1"},
		{"switch and list", "a: false\nb: []", "{{- if and .Values.a .Values.b }}" + policy + "{{- end }}", "networking.k8s.io/NetworkPolicy a=true chart/values.yaml:1:1 b=[{}] chart/values.yaml:2:1"},
		{"list within", "a: false\nb: {c: []}\nd: x", "{{- if .Values.a }}" + policy + "{{- if .Values.d }}{{- end }}{{- with .Values.b.c }}spec: {}{{- end }}{{- if .Values.b.c }}{{- end }}\n{{- end }}", "networking.k8s.io/NetworkPolicy a=true chart/values.yaml:1:1; networking.k8s.io/NetworkPolicy a=true chart/values.yaml:1:1 b.c=[{}] chart/values.yaml:2:5"},
		{"map", "a: {}", "{{- if .Values.a }}" + policy + "{{- end }}", ""},
		{"computed group", "a: false", "{{- if .Values.a }}\napiVersion: {{ .Values.v }}\nkind: NetworkPolicy\n{{- end }}", "/NetworkPolicy a=true chart/values.yaml:1:1"},
		{"choice of groups", "a: false", "{{- if .Values.a }}\n{{- if semverCompare \"<1.7-0\" .Capabilities.KubeVersion.Version -}}\napiVersion: extensions/v1beta1\n{{- else -}}\napiVersion: networking.k8s.io/v1\n{{- end }}\nkind: NetworkPolicy\n{{- end }}", "/NetworkPolicy a=true chart/values.yaml:1:1"},
		{"choice of versions", "a: false", "{{- if .Values.a }}\n{{- if .Values.b }}\napiVersion: x.io/v1beta1\n{{- else }}\napiVersion: x.io/v1\n{{- end }}\nkind: Secret\n{{- end }}", "x.io/Secret a=true chart/values.yaml:1:1"},
		{"two", "a: false", "{{- if .Values.a }}\nkind: Secret\n---\nkind: ConfigMap\n{{- end }}", "/Secret a=true chart/values.yaml:1:1; /ConfigMap a=true chart/values.yaml:1:1"},
		{"capability", "a: false", "{{- if and .Values.a (.Capabilities.APIVersions.Has \"x/v1\") }}" + policy + "{{- end }}", ""},
		{"alternatives", "a: false\nb: x", "{{- if .Values.a }}{{ if eq .Values.b \"y\" }}\nkind: Secret\n{{- else }}\nkind: ConfigMap\n{{- end }}{{- end }}", "unsure: /Secret a=true chart/values.yaml:1:1"},
		{"nested and", "a: false\nb: true", "{{- if and (or .Values.a .Values.c) (not .Values.b) }}" + policy + "{{- end }}", "networking.k8s.io/NetworkPolicy a=true chart/values.yaml:1:1 b=false chart/values.yaml:2:1"},
		{"ne", "a: true", "{{- if ne .Values.a true }}" + policy + "{{- end }}", "networking.k8s.io/NetworkPolicy a=false chart/values.yaml:1:1"},
		{"default", "a: false", "{{- if .Values.a | default false }}" + policy + "{{- end }}", "networking.k8s.io/NetworkPolicy a=true chart/values.yaml:1:1"},
		{"with", "a: false", "{{- with .Values.a }}" + policy + "{{- end }}", "networking.k8s.io/NetworkPolicy a=true chart/values.yaml:1:1"},
		{"unset with", "a: {}", "{{- with .Values.a.enabled }}" + policy + "{{- end }}", ""},
		{"element of a list", "l: [{enabled: false}]", "{{- range .Values.l }}{{- if .enabled }}" + policy + "{{- end }}{{- end }}", "networking.k8s.io/NetworkPolicy l[0].enabled=true chart/values.yaml:1:6"},
		{"not an object", "a: false", "{{- if .Values.a }}\n  kind: Secret\n{{- end }}", "unsure: /Secret a=true chart/values.yaml:1:1"},
	}
	for _, tt := range tests {
		c, _ := writeChart(t, "-- values.yaml --\n"+tt.values+"\n-- templates/np.yaml --\n"+tt.template+"\n")
		var got []string
		u := c.Render(context.Background(), Scenario{}).Unit
		for _, o := range slices.Concat(u.Disabled("NetworkPolicy"), u.Disabled("Secret"), u.Disabled("ConfigMap")) {
			s := []string{o.APIGroup + "/" + o.Kind}
			if o.Unsure {
				s[0] = "unsure: " + s[0]
			}
			for _, k := range o.Keys {
				s = append(s, k.Label+"="+k.Set, k.Position.String())
			}
			got = append(got, strings.Join(s, " "))
		}
		if l := strings.Join(got, "; "); l != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, l, tt.want)
		}
	}
}

// TestUnwrapped checks which edges of blocks are left out.
func TestUnwrapped(t *testing.T) {
	const text = "{{ if .Values.a }}1{{ if .Values.b }}2{{ else }}3{{ end }}{{- end }}4{{ with $.Values.a -}}5{{ end }}{{ end }}"
	const want = "1{{ if .Values.b }}2{{ else }}3{{ end }}45{{ end }}"
	if got := unwrapped(text, ".a"); got != want {
		t.Errorf("got %s", got)
	}
}
