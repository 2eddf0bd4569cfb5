package manifest

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint/node"
)

// A program may replace tokens in the text of a manifest before it is YAML: in image: #{IMAGE} the token is a comment for YAML, and the
// value is null. The file as it is may be applied, too, and then null counts. So these values are unknown only in a
// document that the API server refuses with null.

// token matches the comment that is the token of a program: #{IMAGE}, #{IMAGE}#.
var token = regexp.MustCompile(`^#\{[A-Za-z_][\w.-]*\}#?$`)

// noteTokens takes the tokens behind the keys of a mapping that have no value. The parser gives a comment behind such a key to the key.
func (c *checker) noteTokens(m *yaml.Node) {
	if m.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(m.Content); i += 2 {
		k, v := m.Content[i], m.Content[i+1]
		if k.LineComment == "" || v.Kind != yaml.ScalarNode || v.Value != "" || v.Tag != "!!null" {
			continue
		}
		if text := strings.TrimSpace(k.LineComment); token.MatchString(text) {
			if c.tokens == nil {
				c.tokens = map[*yaml.Node]string{}
			}
			c.tokens[v] = text
		}
	}
}

// fillTokens makes the tokens of a document its values.
func (c *checker) fillTokens(root *yaml.Node) {
	if len(c.tokens) == 0 || !c.isRefused(root) {
		return
	}
	for n, text := range c.tokens {
		n.Value, n.Tag = text, "!!str"
	}
}

// isRefused reports whether a token takes the place of a value without which the API server refuses the object: the image of a container,
// the name of the object, the role of a binding, or the name or namespace of its subject.
func (c *checker) isRefused(root *yaml.Node) bool {
	for k, v := range node.Entries(root) {
		switch k.Value {
		case "metadata", "roleRef":
			if c.hasToken(v, "name") {
				return true
			}
		case "subjects":
			if slices.ContainsFunc(v.Content, func(s *yaml.Node) bool { return c.hasToken(s, "name") || c.hasToken(s, "namespace") }) {
				return true
			}
		}
	}
	return c.lacksImage(root)
}

// lacksImage reports whether a token takes the place of the image of a container.
func (c *checker) lacksImage(n *yaml.Node) bool {
	for i, child := range n.Content {
		isValue := n.Kind == yaml.MappingNode && i%2 == 1
		if isValue && (n.Content[i-1].Value == "containers" || n.Content[i-1].Value == "initContainers") &&
			slices.ContainsFunc(child.Content, func(container *yaml.Node) bool { return c.hasToken(container, "image") }) {
			return true
		}
		if c.lacksImage(child) {
			return true
		}
	}
	return false
}

// hasToken reports whether a token takes the place of the value of a key of a mapping.
func (c *checker) hasToken(m *yaml.Node, key string) bool {
	for k, v := range node.Entries(m) {
		if _, is := c.tokens[v]; is && k.Value == key {
			return true
		}
	}
	return false
}
