package kustomize

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"sort"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/kustomize/limits"
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
	// excess is why the text is not parsed at all. It has no docs then.
	excess *excess
	// broken is set if a document cannot be parsed, or must not be.
	broken bool
	// reported is set once what is wrong with its documents is among the problems.
	reported bool
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
	s.docs = manifest.Documents(s.data)
	for _, d := range s.docs {
		s.broken = s.broken || d.Err != nil
		if d.Node == nil {
			continue
		}
		s.nodes += limits.Nodes(d.Node)
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
	i := sort.Search(len(s.objects), func(i int) bool { return s.objects[i].Line > line })
	if i == 0 {
		return nil
	}
	return s.objects[i-1]
}

// origin is where a node of the text can be edited.
func (s *source) origin(n *yaml.Node) lint.Origin {
	switch {
	case n == nil:
		return lint.Origin{Position: lint.Position{File: s.text.File}, Precision: lint.PrecisionFile}
	case s.chart != nil:
		return s.chart(n.Line)
	case s.inline == nil:
		return s.text.LocateNode(n)
	case s.inline.literal:
		return s.text.LocateNode(s.inFile(n))
	}
	o := s.text.LocateNode(s.inline.entry)
	o.Precision = lint.PrecisionBlock
	return o
}

// newInline finds where the text of a scalar is in its file. The text that holds
// the scalar may itself be inline.
func newInline(file *source, scalar *yaml.Node) *source {
	entry := file.inFile(scalar)
	s := &source{name: file.name, text: file.text, data: []byte(scalar.Value), patch: true, inline: &inline{entry: entry}, limits: file.limits}
	if scalar.Style&yaml.LiteralStyle == 0 || file.inline != nil && !file.inline.literal {
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

// inFile is a node of the text with its place in the file.
func (s *source) inFile(n *yaml.Node) *yaml.Node {
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

// shown is the text as kustomize gets it: without documents that are broken, and
// without the first of keys that are repeated, for both make kustomize refuse all
// of it. What stays keeps its lines. ok is false if a broken document cannot be
// told from its neighbours.
func (s *source) shown() (text []byte, ok bool) {
	s.parse()
	text, changed := s.data, false
	for i, d := range s.docs {
		switch {
		case d.Err != nil:
			end := bytes.Count(s.data, []byte("\n")) + 2
			if i+1 < len(s.docs) {
				end = s.docs[i+1].Line
			}
			if end <= d.Line || i > 0 && s.docs[i-1].Line == d.Line {
				return nil, false
			}
			text, changed = blank(text, changed, point{d.Line, 1}, point{end, 1}), true
		case len(d.Duplicates) > 0:
			for _, r := range repeated(d.Node, nil) {
				text, changed = blank(text, changed, r[0], r[1]), true
			}
		}
	}
	if !changed {
		return text, true
	}
	for _, d := range manifest.Documents(text) {
		if d.Err != nil || len(d.Duplicates) > 0 {
			return nil, false
		}
	}
	return text, true
}

// point is a place of a text, both from 1, the column in characters.
type point struct{ line, column int }

// repeated lists what to take out of a document so that no key is repeated: each
// entry of a mapping whose key comes again, up to the next key.
func repeated(n *yaml.Node, ranges [][2]point) [][2]point {
	if n.Kind == yaml.MappingNode {
		last := map[string]int{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if k := n.Content[i]; k.Kind == yaml.ScalarNode && k.Value != "<<" {
				last[k.Value] = i
			}
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if k := n.Content[i]; k.Kind == yaml.ScalarNode && last[k.Value] > i {
				next := n.Content[i+2]
				ranges = append(ranges, [2]point{{k.Line, k.Column}, {next.Line, next.Column}})
			}
		}
	}
	for _, c := range n.Content {
		ranges = repeated(c, ranges)
	}
	return ranges
}

// blank replaces a part of a text by spaces. Line breaks stay, and the marker of a
// document. The text is copied first unless it was before.
func blank(text []byte, copied bool, from, to point) []byte {
	if !copied {
		text = slices.Clone(text)
	}
	line, column := 1, 1
	for i := 0; i < len(text); {
		_, size := utf8.DecodeRune(text[i:])
		at := point{line, column}
		switch {
		case before(to, at) || at == to:
			return text
		case bytes.HasPrefix(text[i:], []byte("---")) && column == 1 && from.column == 1:
			size = 3
		case text[i] != '\n' && text[i] != '\r' && !before(at, from):
			for j := range size {
				text[i+j] = ' '
			}
		}
		column++
		if text[i] == '\n' {
			line, column = line+1, 1
		}
		i += size
	}
	return text
}

func before(a, b point) bool {
	return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.column, b.column)) < 0
}
