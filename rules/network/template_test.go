package network

import (
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
)

// TestDisabledPolicy pins when the values that let a policy in are reported as the fix of a
// workload that lacks one: only where they are seen to give it one.
func TestDisabledPolicy(t *testing.T) {
	const head = "kind: NetworkPolicy\nspec:\n  podSelector:\n    matchLabels:\n      "
	const computed = `{{- include "labels" . | nindent 6 }}` + "\n"
	for name, tt := range map[string]struct {
		text            string
		ingress, egress bool
	}{
		"no types":          {head + computed + "  ingress: []\n", true, false},
		"egress rules":      {head + computed + "  egress: []\n", true, true},
		"egress at times":   {head + computed + "  {{- if .Values.egress }}\n  egress: []\n  {{- end }}\n", true, false},
		"both types":        {head + computed + "  policyTypes: [Ingress, Egress]\n", true, true},
		"items":             {head + computed + "  policyTypes:\n  - \"Egress\"\n", false, true},
		"type at times":     {head + computed + "  policyTypes:\n  - Ingress\n  {{- if .Values.egress }}\n  - Egress\n  {{- end }}\n", true, false},
		"computed types":    {head + computed + "  policyTypes: {{ .Values.types }}\n", true, true},
		"its label":         {head + "app: web\n      {{- with .Values.labels }}\n      {{- toYaml . | nindent 6 }}\n      {{- end }}\n  ingress: []\n", true, false},
		"another label":     {head + "app: \"db\"\n  ingress: []\n", false, false},
		"no text":           {"", true, true},
		"a label of a peer": {head + computed + "  ingress:\n  - from:\n    - podSelector:\n        matchLabels:\n          app: db\n", true, false},
	} {
		w := workload(t)
		for _, d := range []direction{ingress, egress} {
			want := tt.ingress
			if d == egress {
				want = tt.egress
			}
			if got := d.mayGive(tt.text, w); got != want {
				t.Errorf("%s: %s: got %v, want %v", name, d.field, got, want)
			}
		}
	}

	for text, want := range map[string]bool{"  podSelector: {}\n": true, "  podSelector:\n    matchLabels: {}\n": false, head + computed: false} {
		if got := selectsAll(text); got != want {
			t.Errorf("selects all: got %v for %q", got, text)
		}
	}
}

// workload is a pod with a label.
func workload(t *testing.T) *lint.Workload {
	t.Helper()
	var n yaml.Node
	if err := yaml.Unmarshal([]byte("apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {app: web}}\nspec: {containers: [{name: a}]}\n"), &n); err != nil {
		t.Fatal(err)
	}
	o, ok := lint.NewObject(&n, nil)
	if !ok {
		t.Fatal("no object")
	}
	return o.Workloads[0]
}
