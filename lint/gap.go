package lint

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint/node"
)

// Gap is a field that is absent at the place of a finding, and what to add there.
// The zero Gap means that nothing can be added there, or that adding it does not fix
// the defect by itself.
type Gap struct {
	// Path leads from the mapping at the place to the absent field, as a user types
	// it: limits.memory.
	Path string `json:",omitzero"`
	// Indent is how many columns the mapping's entries are to the right of the place:
	// 0 if the place is the first of them, as in a list.
	Indent int `json:",omitzero"`
	// Step is how many columns the file indents the entries of a mapping.
	Step int `json:",omitzero"`
	// Flow is set if the mapping is in braces and not empty: an entry can be added
	// only inside of these.
	Flow bool `json:",omitzero"`
}

// Keys are the mapping keys of the gap's path. They are nil if there are none, or the
// path leads through a list.
func (g Gap) Keys() []string { return node.SplitKeys(g.Path) }

// indentStep is how many columns the document's text indents the entries of a mapping.
func (d *Document) indentStep() int {
	if m := d.Root.Get("metadata").Node; m != nil && m.Kind == yaml.MappingNode && len(m.Content) > 0 && m.Line > d.Root.Node.Line {
		if step := m.Content[0].Column - d.Root.Node.Column; step > 1 && step <= 8 {
			return step
		}
	}
	return 2
}

// gapOf is the gap of a diagnostic, as seen from the node at which the document is
// located.
func gapOf(of *Document, d *Diagnostic) Gap {
	n, missing := d.At.Anchor()
	if d.At.IsSet() || missing == "" || n == nil {
		return Gap{}
	}
	path := d.At.Path()
	step := of.indentStep()
	g := Gap{Path: missing, Indent: step, Step: step}
	parent := of.Root.At(strings.TrimSuffix(path[:len(path)-len(missing)], ".")).Node
	switch {
	case parent == n:
		g.Indent = 0
	case parent == nil || parent.Kind != yaml.MappingNode || len(parent.Content) == 0:
	default:
		if first := parent.Content[0].Column - n.Column; parent.Content[0].Line > n.Line && first > 0 {
			g.Indent = first
		}
	}
	g.Flow = parent != nil && parent.Kind == yaml.MappingNode && parent.Style&yaml.FlowStyle != 0 && len(parent.Content) > 0
	return g
}
