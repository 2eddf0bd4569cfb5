package lint

import (
	"iter"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Value is what an object has at a path. An absent Value remembers the nearest
// ancestor that exists, so that a missing field still has a line.
//
// Aliases and merge keys are resolved here, once, for all rules. Null counts as
// unset, as it does for the API server.
type Value struct {
	// Node is the value. Nil: the field is absent or null. Never an alias.
	Node *yaml.Node
	// key is the mapping key above Node, or nil in a sequence and at the root.
	key *yaml.Node
	// near is the key or node of the nearest existing ancestor if Node is nil.
	near *yaml.Node
	// missing is the path from near to the value if Node is nil.
	missing string
	// unknown is set for an absent value that an unknown one may contain.
	unknown bool
	// prefix and rel together are the path; kept apart so that Get allocates
	// nothing for the first step below a holder.
	prefix, rel string
}

// NewValue returns the root value of a document or a part of one.
// A document node stands for its content.
func NewValue(n *yaml.Node) Value {
	for n != nil && n.Kind == yaml.DocumentNode {
		if len(n.Content) == 0 {
			return Value{}
		}
		n = n.Content[0]
	}
	return Value{Node: deref(n), near: n}
}

// Path is the full path from the object's root, as a user would type it:
// spec.template.spec.containers[0].image. Keys that hold dots are quoted in
// brackets. The root's path is empty.
func (v Value) Path() string { return join(v.prefix, v.rel) }

func join(prefix, rel string) string {
	if prefix == "" || rel == "" || rel[0] == '[' {
		return prefix + rel
	}
	return prefix + "." + rel
}

// whole is the same value with its path put together, for values that are asked
// for many others: each Get would do it anew.
func (v Value) whole() Value {
	v.prefix, v.rel = v.Path(), ""
	return v
}

// Get follows a dotted path of mapping keys. It never fails: what is not there
// is an absent Value. Use Child for keys that hold dots.
func (v Value) Get(path string) Value {
	c := v
	c.prefix, c.rel = v.Path(), path
	if v.Node == nil {
		c.missing = join(v.missing, path)
		return c
	}
	for at := 0; at < len(path); {
		end := len(path)
		if i := strings.IndexByte(path[at:], '.'); i >= 0 {
			end = at + i
		}
		c.step(path[at:end])
		if c.Node == nil { // what is missing is the rest of the path
			if c.missing != "" {
				c.missing = path[at:]
			} else if end < len(path) {
				c.missing = path[end+1:]
			}
			break
		}
		at = end + 1
	}
	return c
}

// Child is the value of one key, which may hold any character.
func (v Value) Child(key string) Value {
	c := v
	c.prefix, c.rel = v.Path(), pathKey(key)
	c.step(key)
	return c
}

func pathKey(key string) string {
	for i := range len(key) {
		switch key[i] {
		case '.', '[', ']', '"':
			return "[" + strconv.Quote(key) + "]"
		}
	}
	if key == "" {
		return `[""]`
	}
	return key
}

// step moves to the value of a key, keeping what is needed for an absent one.
func (v *Value) step(key string) {
	if v.Node == nil {
		v.missing = join(v.missing, pathKey(key))
		return
	}
	k, n := entry(v.Node, key, 0)
	switch {
	case n == nil:
		unknown := v.mayContainFields()
		v.absent(v.anchor(), pathKey(key))
		v.unknown = unknown
	case isNull(n):
		v.absent(k, "")
	default:
		v.key, v.Node = k, n
	}
}

func (v *Value) absent(near *yaml.Node, missing string) {
	v.near, v.missing, v.key, v.Node = near, missing, nil, nil
}

// mayContainFields reports whether the value may have fields that the text lacks.
func (v *Value) mayContainFields() bool {
	switch v.Node.Kind {
	case yaml.MappingNode:
		return hasPlaceholderKey(v.Node)
	case yaml.ScalarNode:
		return IsPlaceholder(v.Node.Value)
	default:
		return false
	}
}

// anchor is the node at which to point for v as a whole.
func (v Value) anchor() *yaml.Node {
	if v.key != nil {
		return v.key
	}
	return v.Node
}

// Anchor is the node whose line stands for the value: the scalar itself, the
// key of a mapping or sequence, and for an absent value the nearest ancestor
// that exists, with the path from there that is missing. The node is nil only
// for an empty document.
func (v Value) Anchor() (n *yaml.Node, missing string) {
	switch {
	case v.Node == nil:
		return v.near, v.missing
	case v.Node.Kind == yaml.ScalarNode:
		return v.Node, ""
	}
	return v.anchor(), ""
}

// Key is the mapping key of the value: nil in a sequence, at the root, and if absent.
func (v Value) Key() *yaml.Node { return v.key }

// AtKey is the mapping key of the value, with the value's path: for findings that
// are about the name of a field and not about what it holds. Where there is no
// key, it is the value.
func (v Value) AtKey() Value {
	k := v.key
	if k == nil && v.missing == "" { // null
		k = v.near
	}
	if k == nil {
		return v
	}
	return Value{Node: k, prefix: v.prefix, rel: v.rel}
}

// IsSet reports whether the field is present and not null.
func (v Value) IsSet() bool { return v.Node != nil }

// IsMap reports whether the value is a mapping. What YAML makes of {{ x }} is none.
func (v Value) IsMap() bool {
	return v.Node != nil && v.Node.Kind == yaml.MappingNode && !isPlaceholderMap(v.Node)
}

// IsList reports whether the value is a sequence.
func (v Value) IsList() bool { return v.Node != nil && v.Node.Kind == yaml.SequenceNode }

// IsScalar reports whether the value is a scalar other than null.
func (v Value) IsScalar() bool { return v.Node != nil && v.Node.Kind == yaml.ScalarNode }

// Text is the scalar as Kubernetes reads it: booleans of YAML 1.1 (yes, on)
// come out as true and false. Empty for anything that is not a scalar, and for an
// unknown one: see IsKnown and PartialText.
func (v Value) Text() string {
	if !v.IsScalar() || v.isUnknownText(v.Node.Value) {
		return ""
	}
	if v.Node.Style&quoted == 0 {
		switch v.Node.Value {
		case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y":
			return "true"
		case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N":
			return "false"
		}
	}
	return v.Node.Value
}

const quoted = yaml.SingleQuotedStyle | yaml.DoubleQuotedStyle | yaml.LiteralStyle | yaml.FoldedStyle

// Bool is the boolean; ok is false if the value is absent or no boolean.
func (v Value) Bool() (b, ok bool) {
	switch v.Text() {
	case "true":
		return true, true
	case "false":
		return false, true
	}
	return false, false
}

// True reports whether the value is set to true.
func (v Value) True() bool { b, _ := v.Bool(); return b }

// Int is the integer; ok is false if the value is absent or no integer.
func (v Value) Int() (i int64, ok bool) {
	if !v.IsScalar() {
		return 0, false
	}
	i, err := strconv.ParseInt(v.Node.Value, 0, 64)
	if err != nil { // 1e3 is an integer for JSON and so for Kubernetes
		f, err := strconv.ParseFloat(v.Node.Value, 64)
		if err != nil || f != float64(int64(f)) {
			return 0, false
		}
		i = int64(f)
	}
	return i, true
}

// Items yields the elements of a sequence. Null elements are passed over.
func (v Value) Items() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		if !v.IsList() {
			return
		}
		prefix := v.Path()
		for i, n := range v.Node.Content {
			n = deref(n)
			if isNull(n) {
				continue
			}
			if !yield(Value{Node: n, prefix: prefix, rel: "[" + strconv.Itoa(i) + "]"}) {
				return
			}
		}
	}
}

// Elements is Items with null elements as absent values.
func (v Value) Elements() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		if !v.IsList() {
			return
		}
		prefix := v.Path()
		for i, n := range v.Node.Content {
			c := Value{Node: deref(n), prefix: prefix, rel: "[" + strconv.Itoa(i) + "]"}
			if isNull(c.Node) {
				c.absent(n, "")
			}
			if !yield(c) {
				return
			}
		}
	}
}

// Entries yields the keys and values of a mapping in order of the text, merged
// ones last. Of a key that stands twice the last one counts. Null values come
// as absent.
func (v Value) Entries() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		if v.IsMap() {
			e := entries{prefix: v.Path(), yield: yield}
			e.of(v.Node, 0)
		}
	}
}

// entries walks a mapping and what it merges.
type entries struct {
	prefix string
	yield  func(string, Value) bool
	// told are the keys yielded. Nil until a mapping merges another: few do.
	told map[string]bool
}

// of yields the entries of a mapping, and reports whether to go on.
func (e *entries) of(m *yaml.Node, depth int) bool {
	if depth > maxMerge {
		return true
	}
	var merged []*yaml.Node
	for i := 0; i+1 < len(m.Content); i += 2 {
		k := deref(m.Content[i])
		if isMerge(k) {
			merged = append(merged, mergeSources(m.Content[i+1])...)
			continue
		}
		if e.told[k.Value] || hasKey(m.Content[i+2:], k.Value) {
			continue
		}
		c := Value{Node: deref(m.Content[i+1]), key: k, prefix: e.prefix, rel: pathKey(k.Value)}
		if isNull(c.Node) {
			c.absent(k, "")
		}
		if !e.yield(k.Value, c) {
			return false
		}
	}
	if len(merged) == 0 {
		return true
	}
	if e.told == nil {
		e.told = map[string]bool{}
	}
	for i := 0; i+1 < len(m.Content); i += 2 {
		e.told[deref(m.Content[i]).Value] = true
	}
	for _, s := range merged {
		if !e.of(s, depth+1) {
			return false
		}
	}
	return true
}

// hasKey reports whether keys and values hold a key. In a mapping of very many
// keys it does not look: a key that stands twice there is a Problem anyway, and
// looking would take the square of their number.
func hasKey(content []*yaml.Node, key string) bool {
	if len(content) > 1000 {
		return false
	}
	for i := 0; i+1 < len(content); i += 2 {
		if content[i].Value == key && content[i].Kind == yaml.ScalarNode {
			return true
		}
	}
	return false
}

// Len is the number of elements of a sequence or keys of a mapping, merge keys
// not followed; zero otherwise.
func (v Value) Len() int {
	switch {
	case v.IsList():
		return len(v.Node.Content)
	case v.IsMap():
		return len(v.Node.Content) / 2
	}
	return 0
}

// Strings is the known scalar elements of a sequence, as they are written.
func (v Value) Strings() []string {
	var l []string
	for item := range v.Items() {
		if item.IsScalar() && item.IsKnown() {
			l = append(l, item.Node.Value)
		}
	}
	return l
}

// StringMap is the known scalar entries of a mapping: labels, annotations.
func (v Value) StringMap() map[string]string {
	m := map[string]string{}
	for k, c := range v.Entries() {
		if c.IsScalar() && c.IsKnown() {
			m[k] = c.Node.Value
		}
	}
	return m
}

// maxMerge bounds chains of merge keys: YAML allows them to be cyclic.
const maxMerge = 16

// entry finds a key in a mapping: the last one of that name wins, as it does
// for the API server's decoder; its own keys win over merged ones.
func entry(m *yaml.Node, key string, depth int) (k, v *yaml.Node) {
	if m == nil || m.Kind != yaml.MappingNode || depth > maxMerge {
		return nil, nil
	}
	hasMerge := false
	for i := len(m.Content) - 2; i >= 0; i -= 2 {
		k := deref(m.Content[i])
		if k.Value == key && k.Kind == yaml.ScalarNode {
			return k, deref(m.Content[i+1])
		}
		hasMerge = hasMerge || isMerge(k)
	}
	if hasMerge {
		return mergedEntry(m, key, depth)
	}
	return nil, nil
}

// mergedEntry finds a key in what a mapping merges.
func mergedEntry(m *yaml.Node, key string, depth int) (k, v *yaml.Node) {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if !isMerge(m.Content[i]) {
			continue
		}
		for _, s := range mergeSources(m.Content[i+1]) {
			if k, v := entry(s, key, depth+1); v != nil {
				return k, v
			}
		}
	}
	return nil, nil
}

func isMerge(k *yaml.Node) bool {
	return k.Value == "<<" && k.Style&quoted == 0 && (k.Tag == "!!merge" || k.Tag == "")
}

func mergeSources(n *yaml.Node) []*yaml.Node {
	switch n = deref(n); n.Kind {
	case yaml.MappingNode:
		return []*yaml.Node{n}
	case yaml.SequenceNode:
		l := make([]*yaml.Node, 0, len(n.Content))
		for _, s := range n.Content {
			if s = deref(s); s.Kind == yaml.MappingNode {
				l = append(l, s)
			}
		}
		return l
	default:
		return nil
	}
}

func deref(n *yaml.Node) *yaml.Node {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool {
	return n == nil || n.Kind == yaml.ScalarNode && (n.Tag == "!!null" || n.Tag == "" && n.Style&quoted == 0 && isNullText(n.Value)) || n.Kind == 0
}

func isNullText(s string) bool {
	return s == "" || s == "~" || s == "null" || s == "Null" || s == "NULL"
}

// Each yields the values at a path in which [] stands for each element of a list:
// spec.rules[].host.
func (v Value) Each(path string) iter.Seq[Value] {
	return func(yield func(Value) bool) { v.each(path, yield) }
}

func (v Value) each(path string, yield func(Value) bool) bool {
	list, rest, many := strings.Cut(path, "[]")
	if !many {
		if path != "" {
			v = v.Get(path)
		}
		return yield(v)
	}
	for item := range v.Get(list).Items() {
		if !item.each(strings.TrimPrefix(rest, "."), yield) {
			return false
		}
	}
	return true
}
