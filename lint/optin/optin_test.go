package optin

import (
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	tests := []struct {
		name, template, want string
	}{
		{"none", "kind: Deployment\nspec:\n  podSelector: {}\n", ""},
		{"all pods", "kind: NetworkPolicy\nspec:\n  podSelector: {}\n", "all ingress"},
		{"by egress rules", "kind: NetworkPolicy\nspec:\n  podSelector: {}\n  egress: []\n", "all ingress egress"},
		{"types in a list at the key", "kind: NetworkPolicy\nspec:\n  podSelector: {}\n  policyTypes:\n  - Egress\n  egress:\n  - to:\n    - podSelector: {}\n", "all egress"},
		{"types in brackets", "kind: NetworkPolicy\nspec:\n  policyTypes: [ Ingress ]\n  podSelector:\n    matchLabels:\n      'a.example.com/b': \"c\" # why\n", "a.example.com/b=c ingress"},
		{"computed label", "kind: NetworkPolicy\nspec:\n  podSelector:\n    matchLabels:\n      a.example.com/b: {{ .Values.b }}\n", ""},
		{"computed selector", "kind: NetworkPolicy\nspec:\n  podSelector: {{ toYaml .Values.s | nindent 4 }}\n", ""},
		{"expressions", "kind: NetworkPolicy\nspec:\n  podSelector:\n    matchExpressions:\n    - {key: a, operator: Exists}\n", ""},
		{"peers only", "kind: NetworkPolicy\nspec:\n  ingress:\n  - from:\n    - podSelector:\n        matchLabels:\n          a.example.com/b: c\n", ""},
		{"of a release", "kind: NetworkPolicy\nmetadata:\n  namespace: {{ .Release.Namespace }}\nspec:\n  podSelector: {}\n", "all ingress"},
		{"of a namespace", "kind: NetworkPolicy\nmetadata:\n  namespace: web\nspec:\n  podSelector: {}\n", "web: all ingress"},
		{"two", "kind: NetworkPolicy\nspec:\n  podSelector: {}\n---\nspec:\n{{- if .Values.x }}\n  podSelector: {}\n{{- end }}\nkind: NetworkPolicy\n", "all ingress, all ingress"},
		{"cut", "kind: NetworkPolicy\nspec:", ""},
	}
	for _, tt := range tests {
		var l []string
		for _, p := range Read(tt.template) {
			text := "all"
			for k, v := range p.Labels {
				text = k + "=" + v
			}
			if p.Namespace != "" {
				text = p.Namespace + ": " + text
			}
			if p.Ingress {
				text += " ingress"
			}
			if p.Egress {
				text += " egress"
			}
			l = append(l, text)
		}
		if got := strings.Join(l, ", "); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
