package kustomize

import (
	"context"
	"strings"
	"testing"

	"github.com/kubevet/kubevet/lint"
)

// TestHelmNamespace has a kustomization with a namespace leave alone what a chart
// rendered, as kustomize does since 5.8, however the chart writes its metadata.
func TestHelmNamespace(t *testing.T) {
	const head = "apiVersion: v1\nkind: ConfigMap\n"
	for name, rendered := range map[string]string{
		"block":                    head + "metadata:\n  name: made\ndata:\n  key: v\n",
		"annotations":              head + "metadata:\n  name: made\n  annotations:\n    a: b\ndata:\n  key: v\n",
		"annotations first":        head + "metadata:\n  annotations:\n      a: b\n  name: made\ndata:\n  key: v\n",
		"annotations in flow":      head + "metadata:\n  annotations: {a: b}\n  name: made\ndata:\n  key: v\n",
		"no annotations in flow":   head + "metadata:\n  annotations: {}\n  name: made\ndata:\n  key: v\n",
		"annotations of nothing":   head + "metadata:\n  annotations:\n  name: made\ndata:\n  key: v\n",
		"flow":                     head + "metadata: {name: made}\ndata:\n  key: v\n",
		"JSON":                     `{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "made"},` + "\n\"data\": {\n\"key\":\n\n\"v\"}}\n",
		"list":                     "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: made\n  data:\n    key: v\n",
		"a namespace of its own":   head + "metadata:\n  namespace: other\n  name: made\ndata:\n  key: v\n",
		"several, the last counts": head + "metadata:\n  name: one\n---\n" + head + "metadata:\n  name: made\ndata:\n  key: v\n",
	} {
		t.Run(name, func(t *testing.T) {
			dir := write(t, "-- kustomization.yaml --\nnamespace: prod\nnamePrefix: a-\nresources: [own.yaml]\nhelmCharts:\n- name: c\n-- own.yaml --\n"+cm("own", "v")+"-- charts/c/Chart.yaml --\nname: c\n")
			t.Chdir(dir)
			opts := Options{HelmChart: func(_ context.Context, c HelmChart) *lint.Rendered {
				if c.Namespace != "prod" {
					t.Errorf("the chart is rendered for namespace %q", c.Namespace)
				}
				return &lint.Rendered{Texts: []lint.RenderedText{{Name: "t", Text: rendered, Origin: func(line int) lint.Origin {
					return lint.Origin{Position: lint.Position{File: "t.yaml", Line: line}}
				}}}}
			}}
			r, _ := Build(t.Context(), openTree(t, dir), ".", opts)
			if r.Unit == nil || len(r.Problems) > 0 {
				t.Fatal(r.Problems)
			}
			if strings.Contains(r.Texts[0].Text, "helm-generated") {
				t.Errorf("the mark is in the output:\n%s", r.Texts[0].Text)
			}
			want := ""
			if strings.Contains(rendered, "other") {
				want = "other"
			}
			o, v := value(t, r, "ConfigMap/a-made", "data|key")
			if o.Namespace != want {
				t.Errorf("namespace %q, want %q", o.Namespace, want)
			}
			line := strings.Count(rendered[:strings.LastIndex(rendered, "v")], "\n") + 1
			if got := o.Locate(v); got.Line != line {
				t.Errorf("data.key is from line %d, want %d", got.Line, line)
			}
			if own, _ := value(t, r, "ConfigMap/a-own", "data|key"); own.Namespace != "prod" {
				t.Errorf("the kustomization's own object is in namespace %q", own.Namespace)
			}
		})
	}
}
