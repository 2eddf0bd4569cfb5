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

// maxNodes is the highest count.
const maxNodes = 1 << 40

// Nodes counts the nodes of a document whose aliases are replaced by copies of
// what they refer to. An alias inside of its own anchor counts as one: documents
// with such aliases are refused before. A nil node has none.
func Nodes(n *yaml.Node) int {
	anchors := map[*yaml.Node]int{}
	var count func(n *yaml.Node) int
	count = func(n *yaml.Node) int {
		switch {
		case n == nil:
			return 0
		case n.Kind == yaml.AliasNode:
			return max(anchors[n.Alias], 1)
		}
		size := 1
		for _, c := range n.Content {
			size = min(size+count(c), maxNodes)
		}
		if n.Anchor != "" {
			anchors[n] = size
		}
		return size
	}
	return count(n)
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
