package render

import (
	"path"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/kustomize"
)

// Template is the template of a chart of the plan that Helm names so where it writes what it
// rendered: web/templates/all.yaml, after the name of the chart. It is empty if not exactly one chart
// has it.
func (p *Plan) Template(name string) string {
	chart, file, _ := strings.Cut(name, "/")
	if path.Clean(file) != file || !strings.Contains("/"+file, "/templates/") || strings.HasPrefix(file, "../") {
		return ""
	}
	p.namesOnce.Do(p.nameCharts)
	found := ""
	for _, c := range p.chartsOf[chart] {
		if f := path.Join(c.Name, file); c.Tree.Exists(f) {
			if found != "" {
				return ""
			}
			found = c.Tree.Display(f)
		}
	}
	return found
}

// nameCharts finds the charts of the plan by the names that they have.
func (p *Plan) nameCharts() {
	p.chartsOf = map[string][]discover.File{}
	for _, c := range p.found.Charts {
		var chart struct{ Name string }
		if text, err := c.Tree.ReadFile(path.Join(c.Name, "Chart.yaml")); err == nil && yaml.Unmarshal(text, &chart) == nil {
			p.chartsOf[chart.Name] = append(p.chartsOf[chart.Name], c)
		}
	}
}

// Overlay is the kustomization of a directory, both as reports call them. It is empty if the plan has
// none there.
func (p *Plan) Overlay(dir string) string {
	for _, f := range p.found.Kustomizations {
		if f.Display() != dir {
			continue
		}
		for _, name := range kustomize.FileNames() {
			if file := path.Join(f.Name, name); f.Tree.Exists(file) {
				return f.Tree.Display(file)
			}
		}
	}
	return ""
}
