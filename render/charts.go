package render

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/helm"
)

// chart renders a chart in each of its scenarios.
func (r *run) chart(ctx context.Context, f file) {
	c, problems := helm.Load(f.tree, f.name)
	for _, p := range problems {
		r.problem(p)
	}
	if c == nil {
		return
	}
	if c.Library {
		r.skip(lint.Skip{File: f.display(), Reason: "a library chart: it renders to nothing by itself"})
		return
	}
	r.count(func(s *lint.Summary) { s.Charts++ })
	for _, s := range r.scenarios(c) {
		r.deliver(c.Render(ctx, s), func(sum *lint.Summary) { sum.Scenarios++ })
	}
}

// scenarios are the values with which to render a chart: those of the command
// line if it gives any, else the chart's defaults and what it brings for its
// own tests.
func (r *run) scenarios(c *helm.Chart) []helm.Scenario {
	opts := r.plan.opts
	var l []helm.Scenario
	if len(opts.Values) == 0 && len(opts.Set) == 0 {
		l = append([]helm.Scenario{{Name: helm.DefaultScenario}}, c.CIScenarios()...)
	} else {
		s := helm.Scenario{Values: r.plan.values, Set: opts.Set}
		var given []string
		for _, f := range s.Values {
			given = append(given, f.Name)
		}
		for _, set := range s.Set {
			given = append(given, "--set "+set)
		}
		s.Name = strings.Join(given, ", ")
		l = append(l, s)
	}
	for i := range l {
		l[i].ReleaseName, l[i].Namespace, l[i].Version = opts.ReleaseName, opts.Namespace, opts.Version
	}
	return l
}

// readValues reads the files of -f. They may lie anywhere: the user named them.
func readValues(names []string) ([]helm.ValuesFile, error) {
	var l []helm.ValuesFile
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("reading the values file %s: %s", name, cause(err))
		}
		l = append(l, helm.ValuesFile{Name: toSlash(name), Data: data})
	}
	return l, nil
}
