package manifest

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint/node"
)

// A program may replace tokens in the text of a manifest before it is YAML: in image: #{IMAGE} the token is a comment for YAML, and the
// value is null. The file as it is may be applied, too, and then null counts. So only those values are unknown for which the
// API server refuses null.

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

// fillTokens makes the tokens of a document its values where the API server refuses null: as the name of the object, as the role of a
// binding, the name of its subject, or the image of a container.
func (c *checker) fillTokens(root *yaml.Node) {
	if len(c.tokens) == 0 {
		return
	}
	for k, v := range node.Entries(root) {
		switch k.Value {
		case "metadata", "roleRef":
			c.fill(v, "name")
		case "subjects":
			for _, subject := range v.Content {
				c.fill(subject, "name")
				c.fill(subject, "namespace")
			}
		}
	}
	c.fillImages(root)
}

// fillImages makes tokens the images of containers.
func (c *checker) fillImages(n *yaml.Node) {
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 1 && (n.Content[i-1].Value == "containers" || n.Content[i-1].Value == "initContainers") {
			for _, container := range child.Content {
				c.fill(container, "image")
			}
		}
		c.fillImages(child)
	}
}

// fill makes a token the value of a key of a mapping, if it takes its place.
func (c *checker) fill(m *yaml.Node, key string) {
	if _, v := node.Get(m, key); v != nil && c.tokens[v] != "" {
		v.Value, v.Tag = c.tokens[v], "!!str"
	}
}
