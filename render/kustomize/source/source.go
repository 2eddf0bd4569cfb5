// Package source is the texts that Kustomize reads as objects, and where they are in files.
package source

import (
	"bytes"
	"fmt"
	"sort"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/kustomize/edit"
	"github.com/kubevet/kubevet/render/kustomize/limits"
	"github.com/kubevet/kubevet/render/manifest"
)

// Source is a text that kustomize reads as objects: a file, a patch that
// is in a kustomization, or what a chart rendered to.
type Source struct {
	Name string // of the file, in the tree
	Data []byte
	// text is the file, with the name for reports.
	Text *manifest.Source
	// patch is set for a patch; otherwise the text is a resource.
	Patch bool
	// inline is set for a text that is in a kustomization.
	inline *inline
	// chart gives the origin of a line that a chart rendered.
	Chart func(line int) lint.Origin
	// printed gives an object of the text as the chart printed it: the nodes of objects
	// are where kustomize reads them. ok is false if that is not known.
	Printed func(object *yaml.Node) (p Printed, ok bool)

	// maxBytes is how large the text may be.
	maxBytes int

	parsed bool
	// tooLarge is why the text is not parsed at all. It has no docs then. Empty: it is parsed.
	TooLarge string
	// broken is set if a document cannot be parsed, or must not be.
	Broken bool
	// reported is set once what is wrong with its documents is among the problems.
	Reported bool
	// nodes counts the values of the text, aliases replaced by copies.
	Nodes   int
	Objects []*yaml.Node
	Docs    []manifest.Document
	scalars map[position]*yaml.Node
}

// inline is where a text is in a file.
type inline struct {
	entry *yaml.Node // the scalar that holds the text
	// literal is set if each line of the text is one of the file: block
	// scalars of style |. Line l of the text is l lines below the entry.
	literal bool
	indent  int
}

type position struct{ line, column int }

// Parse reads the text as YAML, once.
func (s *Source) Parse() {
	if s.parsed {
		return
	}
	s.parsed = true
	s.scalars = map[position]*yaml.Node{}
	if len(s.Data) > s.maxBytes {
		s.TooLarge = fmt.Sprintf("the file is larger than %d MB", s.maxBytes>>20)
		return
	}
	s.Docs = manifest.Documents(s.Data)
	for _, d := range s.Docs {
		s.Broken = s.Broken || d.Err != nil
		if d.Node == nil {
			continue
		}
		s.Nodes += limits.Nodes(d.Node)
		s.index(d.Node)
		root := d.Node
		if s.Patch && len(d.Duplicates) > 0 && root.Kind == yaml.MappingNode {
			root = edit.Firsts(root)
		}
		s.Objects = append(s.Objects, Listed(root, 0)...)
	}
}

// Position is that of a line of the text.
func (s *Source) Position(line int) lint.Position {
	return s.Origin(&yaml.Node{Kind: yaml.ScalarNode, Line: max(line, 1), Column: 1}).Position
}

// AnyNode is the first node of the text, for what has no better place.
func (s *Source) AnyNode() *yaml.Node {
	s.Parse()
	for _, d := range s.Docs {
		if d.Node != nil {
			return d.Node
		}
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Line: 1, Column: 1}
}

// ParsedObjects are the objects of the text.
func (s *Source) ParsedObjects() []*yaml.Node {
	s.Parse()
	return s.Objects
}

func (s *Source) index(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode {
		s.scalars[position{n.Line, n.Column}] = n
	}
	for _, c := range n.Content {
		s.index(c)
	}
}

// Listed is an object, or the items of a List. Depth is how many Lists it is in.
func Listed(n *yaml.Node, depth int) []*yaml.Node {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	if items := node.Child(n, "items"); items != nil && items.Kind == yaml.SequenceNode && depth < 8 {
		if kind := node.Child(n, "kind"); kind != nil && len(kind.Value) > 3 && kind.Value[len(kind.Value)-4:] == "List" {
			var l []*yaml.Node
			for _, item := range items.Content {
				l = append(l, Listed(node.Deref(item), depth+1)...)
			}
			return l
		}
	}
	return []*yaml.Node{n}
}

// Scalar is what is at a place of the text; nil if it is not the value.
func (s *Source) Scalar(line, column int, value string) *yaml.Node {
	if n := s.ScalarAt(line, column); n != nil && n.Value == value {
		return n
	}
	return nil
}

// ScalarAt is the scalar at a place of the text. It is nil if there is none.
func (s *Source) ScalarAt(line, column int) *yaml.Node {
	s.Parse()
	return s.scalars[position{line, column}]
}

// ObjectAt is the object that a line of the text belongs to.
func (s *Source) ObjectAt(line int) *yaml.Node {
	s.Parse()
	i := sort.Search(len(s.Objects), func(i int) bool { return s.Objects[i].Line > line })
	if i == 0 {
		return nil
	}
	return s.Objects[i-1]
}

// Origin is where a node of the text can be edited.
func (s *Source) Origin(n *yaml.Node) lint.Origin {
	switch {
	case n == nil:
		return lint.Origin{Position: lint.Position{File: s.Text.File}, Precision: lint.PrecisionFile}
	case s.Chart != nil:
		return s.Chart(n.Line)
	case s.inline == nil:
		return s.Text.LocateNode(n)
	case s.inline.literal:
		return s.Text.LocateNode(s.inFile(n))
	}
	o := s.Text.LocateNode(s.inline.entry)
	o.Precision = lint.PrecisionBlock
	return o
}

// Printed is an object as a chart printed it, and the locator of its values.
type Printed struct {
	Node *yaml.Node
	At   lint.Locator
}

// New is a text that is a file, or what a chart rendered to.
func New(name string, data []byte, text *manifest.Source, maxBytes int) *Source {
	return &Source{Name: name, Data: data, Text: text, maxBytes: maxBytes}
}

// NewUnplaced is a text in a file of which it is not known where it is.
func NewUnplaced(file *Source, text string) *Source {
	return &Source{Name: file.Name, Text: file.Text, Data: []byte(text), maxBytes: file.maxBytes, inline: &inline{entry: file.AnyNode()}}
}

// IsInline reports whether the text is in a kustomization.
func (s *Source) IsInline() bool { return s.inline != nil }

// NewInline finds where the text of a scalar is in its file. The text that holds
// the scalar may itself be inline.
func NewInline(file *Source, scalar *yaml.Node) *Source {
	entry := file.inFile(scalar)
	s := &Source{Name: file.Name, Text: file.Text, Data: []byte(scalar.Value), Patch: true, inline: &inline{entry: entry}, maxBytes: file.maxBytes}
	if scalar.Style&yaml.LiteralStyle == 0 || file.inline != nil && !file.inline.literal {
		return s
	}
	for i, line := range bytes.Split(s.Data, []byte("\n")) {
		if trimmed := bytes.TrimLeft(line, " "); len(trimmed) > 0 {
			in := file.Text.Line(entry.Line + 1 + i)
			at := len(in) - len(bytes.TrimLeft([]byte(in), " "))
			s.inline.indent = at - (len(line) - len(trimmed))
			s.inline.literal = s.inline.indent >= 0 && in[at:] == string(trimmed)
			break
		}
	}
	return s
}

// inFile is a node of the text with its place in the file.
func (s *Source) inFile(n *yaml.Node) *yaml.Node {
	switch {
	case s.inline == nil:
		return n
	case !s.inline.literal:
		return s.inline.entry
	}
	in := *n
	in.Line += s.inline.entry.Line
	in.Column += s.inline.indent
	return &in
}

// Unread is the first document that no --- separates from the one before it: kustomize does not read it. Objects
// of JSON may follow each other so. It is nil if there is none.
func (s *Source) Unread() *manifest.Document {
	var separators []int // lines
	number := 0
	for line := range bytes.Lines(s.Data) {
		if number++; bytes.HasPrefix(line, []byte("---")) {
			separators = append(separators, number)
		}
	}
	for i := 1; i < len(s.Docs); i++ {
		for len(separators) > 0 && separators[0] <= s.Docs[i-1].Line {
			separators = separators[1:]
		}
		if d := &s.Docs[i]; d.Node != nil && (len(separators) == 0 || separators[0] > d.Line) {
			return d
		}
	}
	return nil
}

// Shown is the text as kustomize gets it: without what would make it refuse all of
// it. ok is false if that cannot be taken out.
func (s *Source) Shown() (text []byte, ok bool) {
	s.Parse()
	return edit.Clean(s.Data, s.Docs, s.Patch)
}
