package edit

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint/node"
)

// Schemas are those of CustomResourceDefinitions that kustomize does not get: it copies a mapping once for each level that it is in,
// so that large ones would take most of the time of a build. The zero value is ready for use. It is not safe for concurrent use.
type Schemas struct {
	hidden []hiddenValue
	// isForged is set if a text has what takes the place of a schema itself.
	isForged bool
}

// hiddenValue is a schema, and the line of its key in the text.
type hiddenValue struct {
	*yaml.Node
	keyLine int
}

const (
	schemaField = "openAPIV3Schema"
	// hiddenSchema is the only field of what takes the place of a schema. Its value is the number of the schema.
	hiddenSchema = "x-kubevet-hidden"
	// leastHidden is how large a text is, in bytes, whose schemas are worth hiding.
	leastHidden = 64 << 10
)

// Any reports whether a schema was hidden.
func (s *Schemas) Any() bool { return len(s.hidden) > 0 }

// Hide is a text without the schemas of its objects. Each is a mapping of one field, with blank lines below it: all else is where it
// was.
func (s *Schemas) Hide(text []byte, objects []*yaml.Node) []byte {
	s.isForged = s.isForged || bytes.Contains(text, []byte(hiddenSchema))
	if len(text) < leastHidden {
		return text
	}
	var lines [][]byte
	for _, o := range objects {
		for _, v := range versionsOf(o) {
			key, value := node.Get(node.Child(v, "schema"), schemaField)
			if key == nil || value == nil || value.Kind != yaml.MappingNode || value.Style&yaml.FlowStyle != 0 || value.Line <= key.Line || !isPlain(value) {
				continue
			}
			if lines == nil {
				lines = bytes.SplitAfter(text, []byte("\n"))
			}
			s.hide(lines, key, value)
		}
	}
	if lines == nil {
		return text
	}
	return bytes.Join(lines, nil)
}

// hide takes the lines of a schema out, which are deeper than its key.
func (s *Schemas) hide(lines [][]byte, key, value *yaml.Node) {
	at := key.Line - 1
	if at >= len(lines) || string(bytes.TrimSpace(lines[at])) != schemaField+":" {
		return
	}
	lines[at] = fmt.Appendf(nil, "%s {%s: %d}\n", bytes.TrimRight(lines[at], "\r\n"), hiddenSchema, len(s.hidden))
	s.hidden = append(s.hidden, hiddenValue{value, key.Line})
	for i := at + 1; i < len(lines); i++ {
		if text := bytes.TrimLeft(lines[i], " "); len(bytes.TrimSpace(text)) > 0 && len(lines[i])-len(text) < key.Column {
			break
		}
		lines[i] = []byte("\n")
	}
}

// isPlain reports whether a value has no aliases and no anchors, which kustomize replaces, and no key twice.
func isPlain(n *yaml.Node) bool {
	if n.Kind == yaml.AliasNode || n.Anchor != "" || len(laterKeys(n)) > 0 {
		return false
	}
	for _, c := range n.Content {
		if !isPlain(c) {
			return false
		}
	}
	return true
}

// versionsOf are the versions of a CustomResourceDefinition.
func versionsOf(o *yaml.Node) []*yaml.Node {
	kind, versions := node.Child(o, "kind"), node.Child(o, "spec", "versions")
	if kind == nil || kind.Value != "CustomResourceDefinition" || versions == nil || versions.Kind != yaml.SequenceNode {
		return nil
	}
	return versions.Content
}

// Show puts the schemas of an object in their places, with its lines. ok is false if one of them was changed, or has come to another
// place: the text must be built with its schemas.
func (s *Schemas) Show(o *yaml.Node) (ok bool) {
	if !s.Any() {
		return true
	}
	if s.isForged {
		return false
	}
	for _, v := range versionsOf(o) {
		key, value := node.Get(node.Child(v, "schema"), schemaField)
		if value == nil || len(value.Content) != 2 || value.Content[0].Value != hiddenSchema {
			continue
		}
		i, err := strconv.Atoi(value.Content[1].Value)
		if err != nil || i < 0 || i >= len(s.hidden) {
			return false
		}
		*value = *moved(s.hidden[i].Node, key.Line-s.hidden[i].keyLine)
	}
	return !isHidden(o)
}

// moved is a copy of a node some lines below it.
func moved(n *yaml.Node, by int) *yaml.Node {
	c := *n
	c.Line += by
	c.Content = make([]*yaml.Node, len(n.Content))
	for i, child := range n.Content {
		c.Content[i] = moved(child, by)
	}
	return &c
}

// isHidden reports whether a schema is hidden in a value.
func isHidden(n *yaml.Node) bool {
	return n.Value == hiddenSchema || slices.ContainsFunc(n.Content, isHidden)
}
