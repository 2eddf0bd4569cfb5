package kustomize

import (
	"bytes"
	"fmt"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/manifest"
)

// source is a text that kustomize reads as objects: a file, a patch that
// stands in a kustomization, or what a chart rendered to.
type source struct {
	name string // of the file, in the tree
	data []byte
	// text is the file, with the name for reports.
	text *manifest.Source
	// patch tells that the text is a patch, not a resource.
	patch bool
	// inline is set for a patch that stands in a kustomization.
	inline *inline
	// chart gives the origin of a line that a chart rendered.
	chart func(line int) lint.Origin

	// limits are those of what is parsed.
	limits *Limits

	parsed bool
	// excess is why the text must not be parsed by kustomize. It has no docs then.
	excess *excess
	// nodes counts the values of the text, aliases replaced by copies.
	nodes   int
	objects []*yaml.Node
	docs    []manifest.Document
	scalars map[position]*yaml.Node
}

// inline is where the text of a patch stands in a file.
type inline struct {
	entry *yaml.Node // the scalar that holds the text
	// literal tells that each line of the text is one of the file: block
	// scalars of style |. Line l of the text is l lines below the entry.
	literal bool
	indent  int
}

type position struct{ line, column int }

// parse reads the text as YAML, once.
func (s *source) parse() {
	if s.parsed {
		return
	}
	s.parsed = true
	s.scalars = map[position]*yaml.Node{}
	if len(s.data) > s.limits.FileBytes {
		s.excess = &excess{message: fmt.Sprintf("the file is larger than %d MB", s.limits.FileBytes>>20)}
		return
	}
	docs := manifest.Documents(s.data)
	for _, d := range docs {
		nodes, over := s.limits.check(d.Node)
		if over != nil {
			s.excess = over
			return
		}
		s.nodes += nodes
	}
	s.docs = docs
	for _, d := range s.docs {
		if d.Node == nil {
			continue
		}
		s.index(d.Node)
		s.objects = append(s.objects, listed(d.Node, 0)...)
	}
}

// position is that of a line of the text.
func (s *source) position(line int) lint.Position {
	return s.origin(&yaml.Node{Kind: yaml.ScalarNode, Line: max(line, 1), Column: 1}).Position
}

// anyNode is the first node of the text, for what has no better place.
func (s *source) anyNode() *yaml.Node {
	s.parse()
	for _, d := range s.docs {
		if d.Node != nil {
			return d.Node
		}
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Line: 1, Column: 1}
}

// parsedObjects are the objects of the text.
func (s *source) parsedObjects() []*yaml.Node {
	s.parse()
	return s.objects
}

func (s *source) index(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode {
		s.scalars[position{n.Line, n.Column}] = n
	}
	for _, c := range n.Content {
		s.index(c)
	}
}

// listed is an object, or the items of a List.
func listed(n *yaml.Node, depth int) []*yaml.Node {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	if items := child(n, "items"); items != nil && items.Kind == yaml.SequenceNode && depth < 8 {
		if kind := child(n, "kind"); kind != nil && len(kind.Value) > 3 && kind.Value[len(kind.Value)-4:] == "List" {
			var l []*yaml.Node
			for _, item := range items.Content {
				l = append(l, listed(resolve(item), depth+1)...)
			}
			return l
		}
	}
	return []*yaml.Node{n}
}

// scalar is what stands at a place of the text, nil if it is no such value.
func (s *source) scalar(line, column int, value string) *yaml.Node {
	s.parse()
	if n := s.scalars[position{line, column}]; n != nil && n.Value == value {
		return n
	}
	return nil
}

// objectAt is the object that a line of the text belongs to.
func (s *source) objectAt(line int) *yaml.Node {
	s.parse()
	var at *yaml.Node
	for _, o := range s.objects {
		if o.Line <= line {
			at = o
		}
	}
	return at
}

// origin is where a node of the text can be edited.
func (s *source) origin(n *yaml.Node) lint.Origin {
	switch {
	case s.chart != nil:
		return s.chart(n.Line)
	case s.inline == nil:
		return s.text.LocateNode(n)
	case s.inline.literal:
		in := *n
		in.Line += s.inline.entry.Line
		in.Column += s.inline.indent
		return s.text.LocateNode(&in)
	}
	o := s.text.LocateNode(s.inline.entry)
	o.Precision = lint.PrecisionBlock
	return o
}

// newInline finds where the text of a scalar stands in its file.
func newInline(file *source, entry *yaml.Node) *source {
	s := &source{name: file.name, text: file.text, data: []byte(entry.Value), patch: true, inline: &inline{entry: entry}, limits: file.limits}
	if entry.Style&yaml.LiteralStyle == 0 {
		return s
	}
	for i, line := range bytes.Split(s.data, []byte("\n")) {
		if trimmed := bytes.TrimLeft(line, " "); len(trimmed) > 0 {
			in := file.text.Line(entry.Line + 1 + i)
			at := len(in) - len(bytes.TrimLeft([]byte(in), " "))
			s.inline.indent = at - (len(line) - len(trimmed))
			s.inline.literal = s.inline.indent >= 0 && in[at:] == string(trimmed)
			break
		}
	}
	return s
}
