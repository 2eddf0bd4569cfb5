package render

import (
	"bytes"
	"path"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
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
	p.namesOnce.Do(p.nameInputs)
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

// nameInputs finds the charts of the plan by the names that they have, and the overlays by those that reports use.
func (p *Plan) nameInputs() {
	p.overlays = map[string]discover.File{}
	for _, f := range p.found.Kustomizations {
		p.overlays[f.Display()] = f
	}
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
	if f, ok := p.overlay(dir); ok {
		if name, ok := kustomize.File(f.Tree, f.Name); ok {
			return f.Tree.Display(name)
		}
	}
	return ""
}

func (p *Plan) overlay(dir string) (f discover.File, ok bool) {
	p.namesOnce.Do(p.nameInputs)
	f, ok = p.overlays[dir]
	return f, ok
}

var (
	makesRoles = regexp.MustCompile(`(?m)^[^#\n]*\brbac:roleName=.*$`)
	rolesHere  = regexp.MustCompile(`\boutput:rbac:.*/rbac/?(?:["']?\s|$)`)
)

// RoleMaker is the line of a project's Makefile that has controller-gen make config/rbac/role.yaml: the
// overlay is that of config/rbac. It is empty if there is none, or if the roles go somewhere else.
func (p *Plan) RoleMaker(overlay string) lint.Position {
	f, ok := p.overlay(overlay)
	if !ok || !strings.HasSuffix("/"+f.Name, "/config/rbac") {
		return lint.Position{}
	}
	name := path.Join(f.Name, "../../Makefile")
	text, err := f.Tree.ReadFile(name)
	if err != nil {
		return lint.Position{}
	}
	for _, at := range makesRoles.FindAllIndex(text, -1) {
		if line := text[at[0]:at[1]]; !bytes.Contains(line, []byte("output:rbac:")) || rolesHere.Match(line) {
			return lint.Position{File: f.Tree.Display(name), Line: 1 + bytes.Count(text[:at[0]], []byte("\n"))}
		}
	}
	return lint.Position{}
}
