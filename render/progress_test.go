package render

import (
	"context"
	"slices"
	"testing"

	"github.com/kubevet/kubevet/lint"
)

const progressTree = webChart + `
-- charts/web/ci/ha-values.yaml --
replicas: 2
-- overlay/kustomization.yaml --
resources: [pod.yaml]
-- overlay/pod.yaml --
apiVersion: v1
kind: Pod
metadata:
  name: overlaid
-- pod.yaml --
apiVersion: v1
kind: Pod
metadata:
  name: plain
-- application.yaml --
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: web
spec:
  source: {path: charts/web}
`

func TestProgress(t *testing.T) {
	writeTree(t, progressTree)
	var got []Progress
	p, err := NewPlan([]string{"."}, Options{Jobs: 1})
	if err != nil {
		t.Fatal(err)
	}
	p.OnProgress(func(now Progress) { got = append(got, now) })
	p.Run(t.Context(), func(*lint.Rendered) {})
	want := []Progress{
		{0, 3, ""},
		{0, 3, "charts/web (ci/ha-values.yaml)"},
		{0, 3, "charts/web (default values)"},
		{1, 3, "overlay"},
		{2, 3, "."},
		{3, 4, "charts/web (Application/web)"},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

// A run that is interrupted in a unit has what came before it, and names the rest.
func TestRunInterrupted(t *testing.T) {
	for _, c := range []struct{ at, message string }{
		{"charts/web (default values)", "interrupted: 3 of 3 inputs were not checked to the end: charts/web, overlay, manifests"},
		{"charts/web (ci/ha-values.yaml)", "interrupted: 3 of 3 inputs were not checked to the end: charts/web, overlay, manifests"},
		{"overlay", "interrupted: 2 of 3 inputs were not checked to the end: overlay, manifests"},
		{".", "interrupted: 1 of 3 inputs were not checked to the end: ."},
		{"charts/web (Application/web)", "interrupted: 1 of 4 inputs were not checked to the end: charts/web (Application/web)"},
	} {
		t.Run(c.at, func(t *testing.T) {
			writeTree(t, progressTree)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			p, err := NewPlan([]string{"."}, Options{Jobs: 1})
			if err != nil {
				t.Fatal(err)
			}
			entered, abandoned := make(chan struct{}), make(chan struct{})
			defer close(abandoned)
			go func() {
				<-entered
				cancel()
			}()
			result := p.Run(ctx, func(r *lint.Rendered) {
				if r.Unit.Name() == c.at {
					close(entered)
					<-abandoned // it does not come to an end by itself
				}
			})
			if got := messages(result.Problems); got != " "+c.message || !result.Summary.Interrupted {
				t.Errorf("got %s, interrupted %t; want %s", got, result.Summary.Interrupted, c.message)
			}
		})
	}
}

// Nothing is rendered once the context has ended.
func TestRunAfterInterrupt(t *testing.T) {
	writeTree(t, progressTree)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p, err := NewPlan([]string{"."}, Options{Jobs: 2})
	if err != nil {
		t.Fatal(err)
	}
	result := p.Run(ctx, func(r *lint.Rendered) { t.Errorf("%s is handed on", r.Unit.Name()) })
	if !result.Summary.Interrupted || result.Summary.Objects > 0 {
		t.Errorf("summary %+v", result.Summary)
	}
}
