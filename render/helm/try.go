package helm

import (
	"context"

	"github.com/kubevet/kubevet/render/helm/values"

	"sigs.k8s.io/yaml"

	"github.com/kubevet/kubevet/lint"
)

// tryTime is how long a rendering with other values may take.
const tryTime = ChartTime / 6

// try renders the chart in the same scenario with other values. Nil: that leads to
// problems which the scenario does not have, as a chart that fails does.
func (r *rendering) try(set []lint.Step) *lint.Unit {
	s := r.scenario
	s.Executing, s.trial, s.over = nil, true, append([]values.Setting(nil), s.over...)
	for _, step := range set {
		keys, ok := values.SplitSteps(step.Label)
		var v any
		if !ok || yaml.Unmarshal([]byte(step.Set), &v) != nil {
			return nil
		}
		s.over = append(s.over, values.Setting{Steps: keys, Value: v})
	}
	ctx, cancel := context.WithTimeout(context.Background(), tryTime)
	defer cancel()
	out := r.chart.Render(ctx, s)
	known := map[lint.Problem]bool{}
	for _, p := range r.out.Problems {
		known[p] = true
	}
	for _, p := range out.Problems {
		if !known[p] {
			return nil
		}
	}
	return out.Unit
}
