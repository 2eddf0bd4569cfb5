package config

import (
	"bufio"
	"errors"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
)

// Set gives a key of the configuration a value that does not come from its
// file: profile, checklist, --profile. The error is about the value.
func (c *Config) Set(key, value, from string) error {
	i := slices.IndexFunc(table.fields, func(f field[Config]) bool { return f.name == key })
	if i < 0 {
		return errors.New("unknown key " + quote(key))
	}
	r := &reader{from: from}
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
	if !table.fields[i].read(r, n, from, c) {
		return errors.New(r.problems[0].Message)
	}
	return nil
}

// From returns where the value of a key comes from: a file and line, a flag, or
// "default".
func (c *Config) From(key string) string {
	g, ok := c.given[key]
	if !ok {
		return "default"
	}
	return c.from(g, g.node)
}

func (c *Config) from(g given, n *yaml.Node) string {
	if g.from != "" {
		return g.from
	}
	return lint.Position{File: c.File, Line: n.Line}.String()
}

// Print writes the configuration in effect as YAML, which Parse would read, each
// value with a comment that says where it comes from.
func (c *Config) Print(out io.Writer) error {
	w := bufio.NewWriter(out)
	for _, f := range table.fields {
		g, ok := c.given[f.name]
		if !ok {
			g.node, g.from = &yaml.Node{Kind: yaml.MappingNode}, "default"
			if f.preset != "" {
				g.node = parsePreset(f.preset)
			}
		}
		p := printer{func(n *yaml.Node) string { return c.from(g, n) }}
		for _, line := range p.pair(f.name, f.schema, g.node) {
			_, _ = w.WriteString(line + "\n") // Flush reports the error
		}
	}
	return w.Flush()
}

// printer knows where a node comes from.
type printer struct {
	from func(*yaml.Node) string
}

// pair is the lines of a key and its value.
func (p printer) pair(key string, s *schema, n *yaml.Node) []string {
	block := p.block(s, n)
	if block == nil {
		return []string{scalarText(key) + ": " + inline(n) + " # " + p.from(n)}
	}
	return append([]string{scalarText(key) + ":"}, indented("  ", "  ", block)...)
}

// block is the lines of a mapping or list. It is nil if the value fits behind its key.
func (p printer) block(s *schema, n *yaml.Node) (lines []string) {
	s = s.fitting(n)
	if n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			lines = append(lines, p.pair(n.Content[i].Value, s.of(n.Content[i].Value), n.Content[i+1])...)
		}
		for _, o := range s.order {
			if o.value != "" && node.Child(n, o.key) == nil {
				p := printer{func(*yaml.Node) string { return "default" }}
				lines = append(lines, p.pair(o.key, s.Properties[o.key], parsePreset(o.value))...)
			}
		}
	}
	for _, c := range node.Items(n) {
		item := p.block(s.Items, c)
		if item == nil {
			item = []string{inline(c) + " # " + p.from(c)}
		}
		lines = append(lines, indented("- ", "  ", item)...)
	}
	return lines
}

// fitting is the alternative that a node was read by.
func (s *schema) fitting(n *yaml.Node) *schema {
	kind := map[yaml.Kind]string{yaml.MappingNode: "object", yaml.SequenceNode: "array", yaml.ScalarNode: "string"}[n.Kind]
	for _, a := range s.AnyOf {
		if a.Type == kind {
			return a
		}
	}
	return s
}

// of is the schema of a key.
func (s *schema) of(key string) *schema {
	if p := s.Properties[key]; p != nil {
		return p
	}
	if p, ok := s.AdditionalProperties.(*schema); ok {
		return p
	}
	return &schema{}
}

func indented(first, rest string, lines []string) []string {
	l := make([]string, len(lines))
	for i, line := range lines {
		l[i] = rest + line
	}
	l[0] = first + lines[0]
	return l
}

// inline is a value that fits behind its key.
func inline(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.MappingNode:
		return "{}"
	case n.Kind == yaml.SequenceNode:
		return "[]"
	case n.ShortTag() != "!!str":
		return n.Value
	}
	return scalarText(n.Value)
}

// scalarText is a text as YAML on one line.
func scalarText(s string) string {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if strings.Contains(s, "\n") {
		n.Style = yaml.DoubleQuotedStyle
	}
	data, err := yaml.Marshal(n)
	if err != nil {
		return quote(s)
	}
	return strings.TrimSuffix(string(data), "\n")
}
