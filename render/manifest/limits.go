package manifest

import (
	"encoding/base64"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxDepth is the deepest nesting of a document, aliases written out. Deeper
// documents are not Kubernetes', and those that walk a document recurse.
const maxDepth = 200

// maxExpansion is how many nodes the aliases of a document may expand to, beyond
// as many as the document has itself. Each walk of a document follows its aliases.
const maxExpansion = 100_000

// size is what a node comes to with its aliases written out.
type size struct{ nodes, depth int }

// checker looks at each node of a document once.
type checker struct {
	fileLine func(int) int // the line of the file for one of the document
	column   int           // characters before the document on its first line
	// anchors are the sizes of nodes that aliases may lead to. Not done: the node
	// is being looked at, and an alias to it is a cycle.
	anchors map[*yaml.Node]*size
	count   int // of nodes without aliases
	err     *SyntaxError
	// tokens are the comments that may be values, by the empty values before them.
	tokens map[*yaml.Node]string
}

// check moves the positions of all nodes from the document to the file, decodes
// what is tagged as binary, and measures. An alias can only lead to a node that
// comes before it or that holds it, so no alias needs to be followed.
func (c *checker) check(n *yaml.Node, depth int) size {
	c.count++
	if n.Line == 1 {
		n.Column += c.column
	}
	n.Line = c.fileLine(n.Line)
	c.noteTokens(n)
	n.HeadComment, n.LineComment, n.FootComment = "", "", ""
	if c.err != nil {
		return size{}
	}
	if depth > maxDepth {
		c.fail(n, true, "nested deeper than %d levels", maxDepth)
		return size{}
	}
	var own *size
	if n.Anchor != "" && n.Kind != yaml.AliasNode {
		own = &size{nodes: -1}
		if c.anchors == nil {
			c.anchors = map[*yaml.Node]*size{}
		}
		c.anchors[n] = own
	}
	total := size{nodes: 1}
	switch n.Kind {
	case yaml.AliasNode:
		total = c.alias(n)
	case yaml.ScalarNode:
		c.scalar(n)
	default:
		for _, child := range n.Content {
			s := c.check(child, depth+1)
			total.nodes += s.nodes
			total.depth = max(total.depth, s.depth+1)
		}
	}
	switch {
	case c.err != nil:
	case total.nodes-c.count > maxExpansion+c.count:
		c.fail(n, true, "its aliases expand to more than %d values", maxExpansion)
	case total.depth+depth > maxDepth:
		c.fail(n, true, "nested deeper than %d levels, aliases written out", maxDepth)
	}
	if own != nil {
		*own = total
	}
	return total
}

func (c *checker) alias(n *yaml.Node) size {
	target := c.anchors[n.Alias]
	switch {
	case target == nil: // the parser refuses aliases without an anchor before them
		return size{nodes: 1}
	case target.nodes < 0:
		c.fail(n, false, "anchor %q contains itself", n.Value)
		return size{nodes: 1}
	}
	return *target
}

// scalar decodes a binary scalar to the text that the API server's reader sees.
func (c *checker) scalar(n *yaml.Node) {
	if n.ShortTag() != "!!binary" {
		return
	}
	text, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(n.Value), ""))
	if err != nil {
		c.fail(n, false, "!!binary value is not base64")
		return
	}
	n.Value, n.Tag = string(text), "!!str"
}

func (c *checker) fail(n *yaml.Node, isLimit bool, format string, args ...any) {
	if c.err == nil {
		c.err = &SyntaxError{Line: n.Line, Message: fmt.Sprintf(format, args...), IsLimit: isLimit}
	}
}
