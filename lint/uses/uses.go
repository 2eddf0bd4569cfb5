// Package uses knows what a text is for in Kubernetes objects: a value that a chart prints as a name does not fit
// all texts that it can print elsewhere.
package uses

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// Use is what a text is for.
type Use int

// The uses, the least strict one first.
const (
	None Use = iota
	Other
	Image
	Name
	Label
)

// String is the rest of a sentence about a key.
func (u Use) String() string {
	return [...]string{"", "printed elsewhere", "the tag of another image", "a name", "a label"}[u]
}

// Of is what a text is for in an object, except where it is within another text. It is the strictest of
// the uses. Annotations take any text.
func Of(object *yaml.Node, text, within string) Use {
	if object == nil {
		return None
	}
	return in(object, "", None, text, within)
}

// in is what a text is for in a node, which is at a key. Known is the use of all that is in the node.
func in(n *yaml.Node, key string, known Use, text, within string) (found Use) {
	switch n.Kind { //nolint:exhaustive // the target of an alias is met where it is
	case yaml.ScalarNode:
		switch {
		case !strings.Contains(n.Value, text) || within != "" && !strings.Contains(strings.ReplaceAll(n.Value, within, ""), text):
		case known != None:
			return known
		case key == "image":
			return Image
		case key == "name" || key == "generateName":
			return Name
		default:
			return Other
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			switch key := n.Content[i].Value; key {
			case "annotations":
			case "labels", "matchLabels", "selector":
				found = max(found, in(n.Content[i+1], key, Label, text, within))
			default:
				found = max(found, in(n.Content[i+1], key, known, text, within))
			}
		}
	case yaml.SequenceNode, yaml.DocumentNode:
		for _, c := range n.Content {
			found = max(found, in(c, key, known, text, within))
		}
	}
	return found
}
