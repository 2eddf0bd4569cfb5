package helm

import (
	"context"
	"testing"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/helm/capabilities"
)

// TestAPIVersions: charts see the APIs of the requested version, kinds included but for those of the core API.
func TestAPIVersions(t *testing.T) {
	for _, tt := range []struct {
		minor int
		has   []string
		lacks []string
	}{
		{37, []string{"v1", "policy/v1", "policy/v1/PodDisruptionBudget", "apiregistration.k8s.io/v1", "apiextensions.k8s.io/v1/CustomResourceDefinition", "autoscaling/v2/HorizontalPodAutoscaler"}, []string{"policy/v1beta1", "policy/v1beta1/PodSecurityPolicy", "extensions/v1beta1", "extensions/v1beta1/Ingress", "networking.k8s.io/v1beta1/Ingress", "example.com/v1", "v1/Pod"}},
		{24, []string{"policy/v1beta1", "policy/v1beta1/PodDisruptionBudget", "policy/v1/PodDisruptionBudget"}, []string{"networking.k8s.io/v1beta1/Ingress", "resource.k8s.io/v1"}},
		{20, []string{"networking.k8s.io/v1beta1/Ingress", "networking.k8s.io/v1/Ingress", "extensions/v1beta1/Ingress", "policy/v1beta1/PodDisruptionBudget"}, []string{"policy/v1", "policy/v1/PodDisruptionBudget"}},
	} {
		served := capabilities.APIVersions(lint.Version{Major: 1, Minor: tt.minor})
		for _, v := range tt.has {
			if !served.Has(v) {
				t.Errorf("1.%d: %s is missing", tt.minor, v)
			}
		}
		for _, v := range tt.lacks {
			if served.Has(v) {
				t.Errorf("1.%d: %s is there", tt.minor, v)
			}
		}
	}

	c, _ := writeChart(t, "-- templates/a.yaml --\napiVersion: {{ if .Capabilities.APIVersions.Has \"policy/v1/PodDisruptionBudget\" }}policy/v1{{ else }}policy/v1beta1{{ end }}\nkind: PodDisruptionBudget\nmetadata: {name: a}\n")
	for minor, want := range map[int]string{37: "policy/v1", 20: "policy/v1beta1"} {
		out := c.Render(context.Background(), Scenario{Version: lint.Version{Major: 1, Minor: minor}})
		if got := out.Unit.Objects[0].APIVersion; got != want {
			t.Errorf("1.%d: got %s, want %s", minor, got, want)
		}
	}
}
