// Package node reads YAML as Kubernetes does: it follows aliases and merge
// keys. It is the one place that does so.
//
// Every function ends on any input. Aliases and merge keys may form cycles, and
// may name one mapping a number of times that grows exponentially with the size of
// the text; a look-up visits each mapping once.
package node

import (
	"iter"
	"slices"

	"go.yaml.in/yaml/v3"
)

// quoted is the styles of scalars that are always strings.
const quoted = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle

// IsQuoted reports whether a scalar is quoted or a block, and so always a string.
func IsQuoted(n *yaml.Node) bool { return n.Style&quoted != 0 }

// Deref follows aliases. The result is nil for a nil node, and for an alias of itself.
func Deref(n *yaml.Node) *yaml.Node {
	for hops := 0; n != nil && n.Kind == yaml.AliasNode; hops++ {
		if hops > maxHops {
			return nil
		}
		n = n.Alias
	}
	return n
}

// maxHops limits chains of aliases. The parser makes chains of one.
const maxHops = 64

// Root is the content of a document, aliases followed. Nil for an empty document.
func Root(n *yaml.Node) *yaml.Node {
	for n != nil && n.Kind == yaml.DocumentNode {
		if len(n.Content) == 0 {
			return nil
		}
		n = n.Content[0]
	}
	return Deref(n)
}

// IsNull reports whether a node is null or empty, which Kubernetes takes for an
// absent field. So is a nil node.
func IsNull(n *yaml.Node) bool {
	switch {
	case n == nil || n.Kind == 0:
		return true
	case n.Kind != yaml.ScalarNode:
		return false
	case n.Tag != "":
		return n.Tag == "!!null"
	case n.Style&quoted != 0:
		return false
	}
	switch n.Value {
	case "", "~", "null", "Null", "NULL":
		return true
	}
	return false
}

// IsMerge reports whether a key of a mapping is the merge key: <<.
func IsMerge(k *yaml.Node) bool {
	return k.Value == "<<" && k.Kind == yaml.ScalarNode && k.Style&quoted == 0 && (k.Tag == "!!merge" || k.Tag == "")
}

// Get is the key and value of a mapping's entry, aliases followed. Of a key that
// appears twice the last one counts; a mapping's own keys win over merged ones, and
// of several merged mappings the first wins. Both are nil if there is none. A
// value that is null is a node.
func Get(m *yaml.Node, key string) (k, v *yaml.Node) {
	m = Deref(m)
	if m == nil || m.Kind != yaml.MappingNode {
		return nil, nil
	}
	k, v, merges := own(m, key)
	if v != nil || !merges {
		return k, v
	}
	l := lookup{key: key}
	return l.merged(m)
}

// Child is the value below a node at some keys, one below the other, as Get finds each.
// It is nil if there is none.
func Child(n *yaml.Node, keys ...string) *yaml.Node {
	for _, k := range keys {
		_, n = Get(n, k)
	}
	return Deref(n)
}

// Item is an element of a sequence, aliases followed. It is nil if there is none.
func Item(n *yaml.Node, i int) *yaml.Node {
	if n = Deref(n); n == nil || n.Kind != yaml.SequenceNode || i < 0 || i >= len(n.Content) {
		return nil
	}
	return Deref(n.Content[i])
}

// Items yields the elements of a sequence, aliases followed. Other nodes have none.
func Items(n *yaml.Node) iter.Seq2[int, *yaml.Node] {
	return func(yield func(i int, item *yaml.Node) bool) {
		n := Deref(n)
		if n == nil || n.Kind != yaml.SequenceNode {
			return
		}
		for i, c := range n.Content {
			if c = Deref(c); c != nil && !yield(i, c) {
				return
			}
		}
	}
}

// Text is the text of the scalar below a node at some keys. It is empty if there is none.
func Text(n *yaml.Node, keys ...string) string {
	if n = Child(n, keys...); n == nil || n.Kind != yaml.ScalarNode {
		return ""
	}
	return n.Value
}

// Written is the key and the value of an entry that is in the text of a mapping: neither
// aliases nor merge keys are followed. It is for those who edit the text. Of a key that
// appears twice the last one counts. Both are nil if there is none.
func Written(m *yaml.Node, key string) (k, v *yaml.Node) {
	if m == nil || m.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := len(m.Content) - 2; i >= 0; i -= 2 {
		if k := m.Content[i]; k.Value == key && k.Kind == yaml.ScalarNode {
			return k, m.Content[i+1]
		}
	}
	return nil, nil
}

// Scalars yields the scalars below a node, keys included, in the order of the text. What
// several aliases name comes once for all of them.
func Scalars(n *yaml.Node) iter.Seq[*yaml.Node] {
	return func(yield func(*yaml.Node) bool) {
		var seen visited
		eachScalar(n, &seen, yield)
	}
}

func eachScalar(n *yaml.Node, seen *visited, yield func(*yaml.Node) bool) bool {
	switch {
	case n == nil:
		return true
	case n.Kind == yaml.ScalarNode:
		return yield(n)
	case n.Kind == yaml.AliasNode:
		return n.Alias == nil || !seen.add(n.Alias) || eachScalar(n.Alias, seen, yield)
	}
	for _, c := range n.Content {
		if !eachScalar(c, seen, yield) {
			return false
		}
	}
	return true
}

// Expand copies a tree with aliases replaced by what they name, without anchors and
// comments. Lines and columns stay. If the copy would have more nodes than the limit, it
// is nil, and last is where there are too many.
func Expand(n *yaml.Node, limit int) (copied, last *yaml.Node) {
	return expand(n, &limit)
}

func expand(n *yaml.Node, left *int) (copied, last *yaml.Node) {
	alias := n
	if n = Deref(n); n == nil {
		return &yaml.Node{}, nil
	}
	if *left--; *left < 0 {
		return nil, alias
	}
	c := &yaml.Node{Kind: n.Kind, Style: n.Style, Tag: n.Tag, Value: n.Value, Line: n.Line, Column: n.Column}
	if len(n.Content) > 0 {
		c.Content = make([]*yaml.Node, len(n.Content))
	}
	for i, child := range n.Content {
		if c.Content[i], last = expand(child, left); last != nil {
			return nil, last
		}
	}
	return c, nil
}

// own is Get without merge keys. It also reports whether the mapping has any.
func own(m *yaml.Node, key string) (k, v *yaml.Node, merges bool) {
	for i := len(m.Content) - 2; i >= 0; i -= 2 {
		k := m.Content[i]
		if k.Kind == yaml.AliasNode {
			if k = Deref(k); k == nil {
				continue
			}
		}
		if k.Value == key && k.Kind == yaml.ScalarNode {
			if v := Deref(m.Content[i+1]); v != nil {
				return k, v, false
			}
		}
		merges = merges || len(k.Value) == 2 && IsMerge(k)
	}
	return nil, nil, merges
}

// lookup finds one key in merged mappings.
type lookup struct {
	key  string
	seen visited
}

func (l *lookup) merged(m *yaml.Node) (k, v *yaml.Node) {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if !IsMerge(m.Content[i]) {
			continue
		}
		for s := range sources(m.Content[i+1]) {
			if !l.seen.add(s) {
				continue
			}
			k, v, merges := own(s, l.key)
			if v == nil && merges {
				k, v = l.merged(s)
			}
			if v != nil {
				return k, v
			}
		}
	}
	return nil, nil
}

// sources yields the mappings that the value of a merge key names.
func sources(n *yaml.Node) iter.Seq[*yaml.Node] {
	return func(yield func(*yaml.Node) bool) {
		n := Deref(n)
		switch {
		case n == nil:
		case n.Kind == yaml.MappingNode:
			yield(n)
		case n.Kind == yaml.SequenceNode:
			for _, s := range n.Content {
				if s = Deref(s); s != nil && s.Kind == yaml.MappingNode && !yield(s) {
					return
				}
			}
		}
	}
}

// visited is the mappings that a walk has been to: a list while they are few.
type visited struct {
	list []*yaml.Node
	set  map[*yaml.Node]bool
}

// add reports whether the mapping is new.
func (v *visited) add(n *yaml.Node) bool {
	if v.set == nil {
		if slices.Contains(v.list, n) {
			return false
		}
		if v.list = append(v.list, n); len(v.list) <= 16 {
			return true
		}
		v.set = make(map[*yaml.Node]bool, 4*len(v.list))
		for _, have := range v.list {
			v.set[have] = true
		}
		return true
	}
	if v.set[n] {
		return false
	}
	v.set[n] = true
	return true
}

// Entries yields the keys and values of a mapping, aliases followed, each key once:
// in the order of the text, merged ones last, with the values that Get has. Keys
// that are no scalars are left out.
func Entries(m *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(k, v *yaml.Node) bool) {
		m := Deref(m)
		if m == nil || m.Kind != yaml.MappingNode {
			return
		}
		var e entries
		e.of(m, yield)
	}
}

// entries walks a mapping and what it merges. The function that takes the entries is not
// part of it: it would then be allocated for each walk, with all that it uses.
type entries struct {
	// names is the keys that were yielded, kept once a mapping merges others or has
	// many keys.
	names map[string]bool
	seen  visited
}

// fewKeys is the size up to which the keys of a mapping are compared with each
// other rather than with a map.
const fewKeys = 24

// of yields the entries of a mapping, and reports whether to go on.
func (e *entries) of(m *yaml.Node, yield func(k, v *yaml.Node) bool) bool {
	last, merges := e.lastOf(m)
	for i := 0; i+1 < len(m.Content); i += 2 {
		k := Deref(m.Content[i])
		if k == nil || k.Kind != yaml.ScalarNode || IsMerge(k) || e.names[k.Value] {
			continue
		}
		if last != nil && last[k.Value] != i || last == nil && hasKey(m.Content[i+2:], k.Value) {
			continue
		}
		if e.names != nil {
			e.names[k.Value] = true
		}
		if v := Deref(m.Content[i+1]); v != nil && !yield(k, v) {
			return false
		}
	}
	return !merges || e.merged(m, yield)
}

// merged yields the entries of what a mapping merges.
func (e *entries) merged(m *yaml.Node, yield func(k, v *yaml.Node) bool) bool {
	if e.names == nil {
		e.names = map[string]bool{}
		for i := 0; i+1 < len(m.Content); i += 2 {
			if k := Deref(m.Content[i]); k != nil && k.Kind == yaml.ScalarNode {
				e.names[k.Value] = true
			}
		}
	}
	for i := 0; i+1 < len(m.Content); i += 2 {
		if !IsMerge(m.Content[i]) {
			continue
		}
		for _, s := range slices.Collect(sources(m.Content[i+1])) {
			if e.seen.add(s) && !e.of(s, yield) {
				return false
			}
		}
	}
	return true
}

// lastOf gives the places of the keys of a large mapping, of each the last, and
// reports whether the mapping merges others. The map is nil for few keys.
func (*entries) lastOf(m *yaml.Node) (last map[string]int, merges bool) {
	if len(m.Content) > 2*fewKeys {
		last = make(map[string]int, len(m.Content)/2)
	}
	for i := 0; i+1 < len(m.Content); i += 2 {
		k := m.Content[i]
		merges = merges || len(k.Value) == 2 && IsMerge(k)
		if last == nil {
			continue
		}
		if k = Deref(k); k != nil && k.Kind == yaml.ScalarNode {
			last[k.Value] = i
		}
	}
	return last, merges
}

// hasKey reports whether the keys of a mapping's content hold a key.
func hasKey(content []*yaml.Node, key string) bool {
	for i := 0; i+1 < len(content); i += 2 {
		if k := content[i]; k.Value == key && k.Kind == yaml.ScalarNode {
			return true
		}
	}
	return false
}

// MaxExpansion is how many nodes aliases and merge keys may add to a document, and
// MaxDepth how deep they may nest it, for IsExpandable.
const (
	MaxExpansion = 1_000_000
	MaxDepth     = 1000
)

// IsExpandable reports whether a walk that follows aliases and merge keys stays within
// MaxExpansion and MaxDepth. It is false for a cycle. What takes most walks of
// the rules a time that grows with the expanded tree takes this one a time that
// grows with the text.
func IsExpandable(n *yaml.Node) bool {
	var c counter
	nodes, depth := c.count(n)
	return depth <= MaxDepth && nodes-c.written <= MaxExpansion
}

// counter counts the nodes of a tree, each alias and each merged mapping as often as it
// is used.
type counter struct {
	// written counts the nodes of the text, each once.
	written int
	// known is the sizes of the nodes with an anchor. A node that is being counted
	// has the depth tooDeep: where it is met again there is a cycle.
	known map[*yaml.Node]size
}

type size struct{ nodes, depth int }

// Results do not grow beyond these, so that sums of them do not overflow.
const (
	tooMany = 1 << 40
	tooDeep = 1 << 20
)

func (c *counter) count(n *yaml.Node) (nodes, depth int) {
	switch {
	case n == nil:
		return 0, 0
	case n.Kind == yaml.AliasNode:
		return c.anchored(n.Alias)
	case n.Anchor != "":
		return c.anchored(n)
	}
	return c.children(n)
}

// anchored counts a node that aliases may name.
func (c *counter) anchored(n *yaml.Node) (nodes, depth int) {
	if n == nil {
		return 0, 0
	}
	if s, ok := c.known[n]; ok {
		return s.nodes, s.depth
	}
	if c.known == nil {
		c.known = map[*yaml.Node]size{}
	}
	c.known[n] = size{1, tooDeep}
	nodes, depth = c.children(n)
	c.known[n] = size{nodes, depth}
	return nodes, depth
}

func (c *counter) children(n *yaml.Node) (nodes, depth int) {
	c.written++
	nodes = 1
	for _, child := range n.Content {
		more, below := c.count(child)
		nodes = min(nodes+more, tooMany)
		depth = max(depth, below)
	}
	return nodes, min(depth+1, tooDeep)
}
