// Package limits counts what a kustomization would make kustomize do, before
// kustomize does it. kustomize itself has no limits: it copies what an alias
// refers to, follows references of schemas in circles, and doubles an object with
// each copy of it into itself.
//
// All functions take time in proportion to their input.
package limits

import (
	"regexp/syntax"

	"go.yaml.in/yaml/v3"
)

// Unbounded is the count of what has no end: an alias inside of its own anchor.
const Unbounded = 1 << 40

// Size is what a YAML document comes to once its aliases are replaced by copies
// of what they refer to.
type Size struct {
	// Nodes is the number of nodes, at most Unbounded.
	Nodes int
	// Depth is the number of nodes from the root to the deepest one.
	Depth int
	// Cycle is an alias inside of its own anchor. Nil: there is none.
	Cycle *yaml.Node
}

// SizeOf counts the nodes of a document. A nil node has none.
func SizeOf(n *yaml.Node) Size {
	c := counter{anchors: map[*yaml.Node]Size{}}
	return c.size(n)
}

// counter remembers the sizes of what has an anchor, so that each is counted once.
type counter struct {
	// anchors holds an open Size, with Nodes 0, while its node is being counted.
	anchors map[*yaml.Node]Size
}

func (c *counter) size(n *yaml.Node) Size {
	switch {
	case n == nil:
		return Size{}
	case n.Kind == yaml.AliasNode:
		s, seen := c.anchors[n.Alias]
		if !seen {
			s = c.size(n.Alias)
		}
		if s.Nodes == 0 {
			return Size{Nodes: Unbounded, Depth: Unbounded, Cycle: n}
		}
		return s
	}
	if n.Anchor != "" {
		c.anchors[n] = Size{}
	}
	s := Size{Nodes: 1, Depth: 1}
	for _, child := range n.Content {
		of := c.size(child)
		s.Nodes = min(s.Nodes+of.Nodes, Unbounded)
		s.Depth = min(max(s.Depth, of.Depth+1), Unbounded)
		if s.Cycle == nil {
			s.Cycle = of.Cycle
		}
	}
	if n.Anchor != "" {
		c.anchors[n] = s
	}
	return s
}

// Pattern is the number of steps that a regular expression takes for each
// character of a text. An invalid one takes none.
func Pattern(expr string) int {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return 0
	}
	prog, err := syntax.Compile(re.Simplify())
	if err != nil {
		return 0
	}
	return len(prog.Inst)
}
