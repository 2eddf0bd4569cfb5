package kustomize

import (
	"bytes"
	"fmt"
	"slices"
	"sort"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/kustomize/edit"
	"github.com/kubevet/kubevet/render/kustomize/limits"
	"github.com/kubevet/kubevet/render/manifest"
)

// source is a text that kustomize reads as objects: a file, a patch that
// is in a kustomization, or what a chart rendered to.
type source struct {
	name string // of the file, in the tree
	data []byte
	// text is the file, with the name for reports.
	text *manifest.Source
	// patch is set for a patch; otherwise the text is a resource.
	patch bool
	// inline is set for a text that is in a kustomization.
	inline *inline
	// chart gives the origin of a line that a chart rendered.
	chart func(line int) lint.Origin
	// printed gives an object of the text as the chart printed it: the nodes of objects
	// are where kustomize reads them. ok is false if that is not known.
	printed func(object *yaml.Node) (p printed, ok bool)

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

// inline is where a text is in a file.
type inline struct {
	entry *yaml.Node // the scalar that holds the text
	// literal is set if each line of the text is one of the file: block
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
	if items := node.Child(n, "items"); items != nil && items.Kind == yaml.SequenceNode && depth < 8 {
		if kind := node.Child(n, "kind"); kind != nil && len(kind.Value) > 3 && kind.Value[len(kind.Value)-4:] == "List" {
			var l []*yaml.Node
			for _, item := range items.Content {
				l = append(l, listed(node.Deref(item), depth+1)...)
			}
			return l
		}
	}
	return []*yaml.Node{n}
}

// scalar is what is at a place of the text; nil if it is not the value.
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

// shown is the text as kustomize gets it: without what would make it refuse all of
// it. ok is false if that cannot be taken out.
func (s *source) shown() (text []byte, ok bool) {
	s.parse()
	return edit.Clean(s.data, s.docs)
}

// A node that kustomize has read keeps the number of its line through merges,
// but not the name of its file. So each text that kustomize reads as objects is
// given lines of its own: blank lines before each document move it there.
// So a node's line says which text it is of, and which line of it.

// lineRange is the lines that a source owns: line l of the source is start+l.
type lineRange struct {
	start, count int
	source       *source
}

// lineRanges are in order of their starts.
type lineRanges struct {
	ranges []lineRange
	next   int
}

// add gives a source lines of its own.
func (r *lineRanges) add(s *source) lineRange {
	start := max(r.next, edit.FirstLine)
	own := lineRange{start: start, count: bytes.Count(s.data, []byte("\n")) + 1, source: s}
	r.ranges = append(r.ranges, own)
	r.next = start + own.count + 1
	return own
}

// find is the source that a node's line is of, and the line in it; nil if none.
func (r *lineRanges) find(line int) (*source, int) {
	i, found := slices.BinarySearchFunc(r.ranges, line, func(r lineRange, line int) int { return r.start - line })
	if !found {
		i--
	}
	if i < 0 {
		return nil, 0
	}
	own := r.ranges[i]
	if l := line - own.start; l >= 1 && l <= own.count {
		return own.source, l
	}
	return nil, 0
}

// field is the value of a key of a kustomization; nil if it is not there. Kustomize
// finds keys in any case.
func field(n *yaml.Node, key string) *yaml.Node {
	if v := node.Child(n, key); v != nil {
		return v
	}
	for k, v := range node.Entries(n) {
		if strings.EqualFold(k.Value, key) {
			return v
		}
	}
	return nil
}

// step leads from a node to one of its children: by key, or by place in a
// sequence.
type step struct {
	key   string
	index int        // in a sequence; -1 for keys
	elem  *yaml.Node // the element, for finding the same one in another list
}

// follow takes the same way in another object. Elements of sequences are found
// by what names them. The key is that of the last step, nil for a sequence.
func follow(n *yaml.Node, steps []step) (key, value *yaml.Node) {
	value = node.Deref(n)
	for _, s := range steps {
		if s.index < 0 {
			key, value = node.Get(value, s.key)
		} else {
			key, value = nil, sameAs(value, s)
		}
		if value == nil {
			return nil, nil
		}
	}
	return key, value
}

// sameAs finds an element's like in a sequence: by what names it, else by what it
// holds, else by its place.
func sameAs(list *yaml.Node, s step) *yaml.Node {
	if list == nil || list.Kind != yaml.SequenceNode {
		return nil
	}
	at := node.Item(list, s.index)
	for _, key := range [...]string{"name", "mountPath", "containerPort", "port", "key", "ip", "topologyKey", "devicePath"} {
		if want := node.Text(s.elem, key); want != "" {
			if found := named(list, key, want, s.index); found != nil {
				return found
			}
			if key == "name" {
				return at
			}
		}
	}
	if at != nil && same(at, s.elem) {
		return at
	}
	for _, c := range list.Content {
		if c = node.Deref(c); same(c, s.elem) {
			return c
		}
	}
	return at
}

// named is the element with a value at a key, the one at a place if there are
// several.
func named(list *yaml.Node, key, value string, place int) *yaml.Node {
	var found *yaml.Node
	for i, c := range list.Content {
		if c = node.Deref(c); node.Text(c, key) == value && (found == nil || i == place) {
			found = c
		}
	}
	return found
}

// same reports whether two nodes hold the same, in any order of keys.
func same(a, b *yaml.Node) bool {
	a, b = node.Deref(a), node.Deref(b)
	if a == nil || b == nil || a.Kind != b.Kind || a.Kind == yaml.ScalarNode && a.Value != b.Value || len(a.Content) != len(b.Content) {
		return false
	}
	for i, c := range a.Content {
		switch {
		case a.Kind == yaml.SequenceNode && !same(c, b.Content[i]):
			return false
		case a.Kind == yaml.MappingNode && i%2 == 1 && !same(c, node.Child(b, a.Content[i-1].Value)):
			return false
		}
	}
	return true
}

// shared counts the scalars of a node, and those that another has at the same
// place.
func shared(n, other *yaml.Node, way []step) (equal, all int) {
	switch n = node.Deref(n); n.Kind {
	case yaml.ScalarNode:
		if _, v := follow(other, way); literal(v, n.Value) {
			equal = 1
		}
		return equal, 1
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			e, a := shared(n.Content[i+1], other, append(way, step{key: n.Content[i].Value, index: -1}))
			equal, all = equal+e, all+a
		}
	case yaml.SequenceNode:
		for i, c := range n.Content {
			e, a := shared(c, other, append(way, step{index: i, elem: node.Deref(c)}))
			equal, all = equal+e, all+a
		}
	case yaml.DocumentNode, yaml.AliasNode:
	}
	return equal, all
}

// literal reports whether a node is a scalar of a value.
func literal(n *yaml.Node, value string) bool {
	return n != nil && n.Kind == yaml.ScalarNode && n.Value == value
}

// firstScalar is where a node begins: itself if it is a scalar, else the first key
// or element below.
func firstScalar(n *yaml.Node) *yaml.Node {
	for n = node.Deref(n); n != nil && n.Kind != yaml.ScalarNode; n = node.Deref(n.Content[0]) {
		if len(n.Content) == 0 {
			return n
		}
	}
	return n
}
