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
	const yes, no = lint.Serves, lint.ServesNot
	for name, tt := range map[string]struct {
		text            string
		ingress, egress lint.Serving
	}{
		"no types":          {head + computed + "  ingress: []\n", yes, no},
		"egress rules":      {head + computed + "  egress: []\n", yes, yes},
		"egress at times":   {head + computed + "  {{- if .Values.egress }}\n  egress: []\n  {{- end }}\n", yes, no},
		"both types":        {head + computed + "  policyTypes: [Ingress, Egress]\n", yes, yes},
		"items":             {head + computed + "  policyTypes:\n  - \"Egress\"\n", no, yes},
		"type at times":     {head + computed + "  policyTypes:\n  - Ingress\n  {{- if .Values.egress }}\n  - Egress\n  {{- end }}\n", yes, lint.MayServe},
		"computed types":    {head + computed + "  policyTypes: {{ .Values.types }}\n", yes, yes},
		"its label":         {head + "app: web\n      {{- with .Values.labels }}\n      {{- toYaml . | nindent 6 }}\n      {{- end }}\n  ingress: []\n", yes, no},
		"another label":     {head + "app: \"db\"\n  ingress: []\n", no, no},
		"one label more":    {head + "app: web\n      policy: \"on\"\n  ingress: []\n", lint.MayServe, no},
		"no text":           {"", yes, yes},
		"a label of a peer": {head + computed + "  ingress:\n  - from:\n    - podSelector:\n        matchLabels:\n          app: db\n", yes, no},
	} {
		w := workload(t)
		for _, d := range []direction{ingress, egress} {
			want := tt.ingress
			if d == egress {
				want = tt.egress
			}
			if got := d.gives(lint.DisabledObject{Text: tt.text}, w); got != want {
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
