package render

import (
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/affected"
	"github.com/kubevet/kubevet/render/discover"
	"github.com/kubevet/kubevet/render/tree"
)

// parts are the templates, values files and patches that the command line names of
// a chart or an overlay.
type parts struct {
	dir   string   // of the tree, absolute
	input string   // the chart or overlay, as a name in the tree
	names []string // in the tree
}

// partsByInput lists them by the input as reports call it.
func partsByInput(found *discover.Found) map[string]parts {
	l := map[string]parts{}
	for _, f := range slices.Concat(found.Charts, found.Kustomizations) {
		if names := found.Parts[f.ID()]; len(names) > 0 {
			l[f.Display()] = parts{f.Tree.Dir(), f.Name, withTargets(f.Tree, names)}
		}
	}
	return l
}

// withTargets are some names in a tree, and what those lead to that are symbolic links: findings are there.
func withTargets(t *tree.Tree, names []string) []string {
	l := slices.Clone(names)
	for _, name := range names {
		if target, err := t.Follow(name); err == nil && target != name {
			l = append(l, target)
		}
	}
	return l
}

// IsNarrow reports whether only a part of what the plan renders is wanted: what
// concerns changed files, or parts of charts and overlays. See Concerns.
func (p *Plan) IsNarrow() bool { return p.changed != nil || len(p.parts) > 0 }

// hold reports whether a file, as reports call it, is one of the parts or in one.
func (p parts) hold(file string) bool {
	name, ok := tree.Below(p.dir, filepath.FromSlash(file))
	return ok && file != "" && affected.InDirs(p.names, name)
}

// concernsPart reports whether one of some places of an input is in the parts of
// it that the command line names.
func (p *Plan) concernsPart(input string, places ...lint.Position) bool {
	own, ok := p.parts[input]
	return !ok || slices.ContainsFunc(places, func(at lint.Position) bool { return own.hold(at.File) })
}

// namesOtherParts reports whether a file belongs to an input of which the command
// line names other parts only.
func (p *Plan) namesOtherParts(file string) bool {
	for _, own := range p.parts {
		if name, ok := tree.Below(own.dir, filepath.FromSlash(file)); ok && affected.InDir(own.input, name) && !own.hold(file) {
			return true
		}
	}
	return false
}

// namedValues are the values files of a chart that the command line names: each
// is a scenario of its own.
func (p *Plan) namedValues(f discover.File) (scenarios []Scenario) {
	for _, name := range p.found.Parts[f.ID()] {
		rel := strings.TrimPrefix(name, f.Name+"/")
		if discover.HasManifestName(rel) && path.Ext(rel) != ".json" && !strings.Contains(rel, "/") && rel != "values.yaml" {
			scenarios = append(scenarios, Scenario{Name: rel, Values: []string{rel}})
		}
	}
	return scenarios
}
