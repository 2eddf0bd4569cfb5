// Package uses knows what a text is for in Kubernetes objects: a value that a chart prints as a name does not fit
// all texts that it can print elsewhere.
package uses

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint/naming"
)

// Use is what a text is for.
type Use int

// The uses, the least strict one first.
const (
	None Use = iota
	Other
	Decides // it is tested, and what is printed depends on that
	Image
	Name
	Label
)

// String is the rest of a sentence about a key.
func (u Use) String() string {
	return [...]string{"", "printed elsewhere", "tested by a template, which prints something else then", "the tag of another image", "a name", "a label"}[u]
}

// Text is a text whose uses are looked for, except where it is within another one.
type Text struct {
	Text, Within string
	// IsDumped reports whether the text is in a scalar of many lines only as a part of a larger value that is printed as a whole, such as
	// all values of a chart: what the text means there is not known, and it fits. Nil if that is not known of any.
	IsDumped func(n *yaml.Node) bool
	// IsTried says that the text is a part of a value which is tried: a label that Kubernetes takes with it fits, as where the template
	// replaces the characters that no label may have.
	IsTried bool
}

// Of is what a text is for in an object. It is the strictest of the uses. Annotations take any text.
func (t *Text) Of(object *yaml.Node) Use {
	if object == nil {
		return None
	}
	return t.in(object, "", None)
}

// in is what a text is for in a node, which is at a key. Known is the use of all that is in the node.
func (t *Text) in(n *yaml.Node, key string, known Use) (found Use) {
	switch n.Kind { //nolint:exhaustive // the target of an alias is met where it is
	case yaml.ScalarNode:
		return t.inScalar(n, key, known)
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			switch key := n.Content[i].Value; key {
			case "annotations":
			case "labels", "matchLabels", "selector":
				found = max(found, t.in(n.Content[i+1], key, Label))
			default:
				found = max(found, t.in(n.Content[i+1], key, known))
			}
		}
	case yaml.SequenceNode, yaml.DocumentNode:
		for _, c := range n.Content {
			found = max(found, t.in(c, key, known))
		}
	}
	return found
}

func (t *Text) inScalar(n *yaml.Node, key string, known Use) Use {
	switch {
	case !strings.Contains(n.Value, t.Text) || t.Within != "" && !strings.Contains(strings.ReplaceAll(n.Value, t.Within, ""), t.Text):
		return None
	case known == Label && t.IsTried && naming.IsLabelValue(n.Value):
		return None
	case known != None:
		return known
	case key == "image":
		return Image
	case key == "name" || key == "generateName":
		return Name
	case strings.Contains(n.Value, "\n") && t.IsDumped != nil && t.IsDumped(n):
		return None
	}
	return Other
}
