package lint_test

import (
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
)

type nowhere struct{}

func (nowhere) Locate(lint.Value) lint.Origin {
	return lint.Origin{Position: lint.Position{File: "a.yaml", Line: 1}}
}

// TestUnknownPods holds which custom resources get a note that their pods were not checked.
func TestUnknownPods(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, yaml, help string }{
		{
			"template", "apiVersion: example.com/v1\nkind: Worker\nmetadata: {name: a}\nspec: {pods: [{template: {spec: {containers: [{name: a, image: b}]}}}]}\n",
			"add to workload-kinds in the configuration: {group: example.com, kind: Worker, template: 'spec.pods[].template'}",
		},
		{
			"pod spec", "apiVersion: example.com/v1\nkind: Worker\nmetadata: {name: a}\nspec: {agent: {initContainers: [{name: a, image: b}]}}\n",
			"add to workload-kinds in the configuration: {group: example.com, kind: Worker, pod-spec: spec.agent}",
		},
		{
			"sidecars", "apiVersion: example.com/v1\nkind: Worker\nmetadata: {name: a}\nspec: {agent: {sidecars: [{name: a, image: b}]}}\n",
			"add to workload-kinds in the configuration: {group: example.com, kind: Worker, pod-spec: spec.agent}",
		},
		{"no images", "apiVersion: example.com/v1\nkind: Worker\nspec: {containers: [{name: a}]}\n", ""},
		{"a policy", "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nspec: {rules: [{validate: {pattern: {spec: {containers: [{name: a, image: b}]}}}}]}\n", ""},
		{"values of a chart", "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec: {values: {initContainers: [{name: a, image: b}]}}\n", ""},
		{"values of an Application", "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: {source: {helm: {valuesObject: {sidecars: [{name: a, image: b}]}}}}\n", ""},
		{"a known kind", "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nspec: {template: {spec: {containers: [{name: a, image: b}]}}}\n", ""},
		{"a kind of Kubernetes", "apiVersion: v1\nkind: ConfigMap\ndata: {containers: [{name: a, image: b}]}\n", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var doc yaml.Node
			if err := yaml.Unmarshal([]byte(tt.yaml), &doc); err != nil {
				t.Fatal(err)
			}
			o, _ := lint.NewObject(&doc, nowhere{})
			note, ok := o.UnknownPods()
			if ok != (tt.help != "") || note.Help != tt.help {
				t.Errorf("note %t: %q, %q; want %q", ok, note.Message, note.Help, tt.help)
			}
		})
	}
}
