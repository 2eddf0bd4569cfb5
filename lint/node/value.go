package node

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
	// Node is the value. It is nil if the field is absent or null. Never an alias.
	Node *yaml.Node
	// at is the mapping key above Node, or nil in a sequence and at the root. If Node is
	// nil, it is the key or node of the nearest existing ancestor.
	at   *yaml.Node
	path valuePath
	// lacks is the existing value in which the first key of an absent one was not found. It
	// is nil where that does not matter.
	lacks *yaml.Node
	// keys is those of the mapping, if Compact has noted them.
	keys keySet
	// unknown is set for an absent element of a list that may have more than the text shows.
	unknown bool
	// missing is how much of the end of the path leads from at to the value if Node is nil.
	missing int32
}

// NewValue returns the root value of a document or a part of one.
// For a document node it is the document's content.
func NewValue(n *yaml.Node) Value {
	n = Root(n)
	return Value{Node: n}
}

// Path is the full path from the object's root, as a user would type it:
// spec.template.spec.containers[0].image. Keys that hold dots are quoted in
// brackets. The root's path is empty.
func (v Value) Path() string { return v.path.String() }

// Compact returns the same value with its path joined to one text, and its keys noted. It
// saves time for values below which many others are read, most of them absent.
func (v Value) Compact() Value {
	v.path = valuePath{prefix: v.Path()}
	v.keys = keysOf(v.Node)
	return v
}

// Without is the same value of a mapping with one key left out. What merge keys supply stays.
func (v Value) Without(key string) Value {
	if v.Node == nil || v.Node.Kind != yaml.MappingNode {
		return v
	}
	rest := *v.Node
	rest.Content = nil
	for i := 0; i+1 < len(v.Node.Content); i += 2 {
		if k := v.Node.Content[i]; k.Value != key || IsMerge(k) {
			rest.Content = append(rest.Content, k, v.Node.Content[i+1])
		}
	}
	v.Node, v.keys = &rest, 0
	return v
}

// keySet has a bit for each key of a mapping. Several keys share a bit. It is zero if the
// keys are not known.
type keySet uint64

func keysOf(m *yaml.Node) (s keySet) {
	if m == nil || m.Kind != yaml.MappingNode {
		return 0
	}
	for i := 0; i+1 < len(m.Content); i += 2 {
		k := m.Content[i]
		if k.Kind != yaml.ScalarNode || IsMerge(k) {
			return 0
		}
		s |= keyBit(k.Value)
	}
	return s
}

func keyBit(key string) keySet {
	if key == "" {
		return 1
	}
	return 1 << ((7*len(key) + int(key[0]) + 3*int(key[len(key)/2]) + 5*int(key[len(key)-1])) % 64)
}

// lacksKey reports whether a key is absent for sure.
func (s keySet) lacksKey(key string) bool { return s != 0 && s&keyBit(key) == 0 }

// Get follows a dotted path of mapping keys. It never fails: what is not there
// is an absent Value. Use Child for keys that hold dots.
func (v Value) Get(path string) Value {
	if path == "" {
		return v
	}
	v.path.push(path)
	if v.Node == nil {
		v.miss(len(path), true)
		return v
	}
	for at := 0; at < len(path); {
		end := len(path)
		if i := strings.IndexByte(path[at:], '.'); i >= 0 {
			end = at + i
		}
		switch v.step(path[at:end]) {
		case stepMissing:
			v.missing = int32(len(path) - at)
			return v
		case stepNull: // what is missing is what follows
			v.missing = int32(max(len(path)-end-1, 0))
			return v
		case stepFound:
		}
		at = end + 1
	}
	return v
}

// Child is the value of one key, which may hold any character.
func (v Value) Child(key string) Value {
	v.path.pushKey(key)
	if v.Node == nil {
		v.miss(pathKeyLen(key), isPlainKey(key))
		return v
	}
	if v.step(key) == stepMissing {
		v.missing = int32(pathKeyLen(key))
	}
	return v
}

// miss makes the missing part of the path longer, by a step that was pushed and that a
// dot may set off.
func (v *Value) miss(length int, dot bool) {
	if v.missing > 0 && dot {
		length++
	}
	v.missing += int32(length)
}

type stepResult int

const (
	stepFound stepResult = iota
	stepMissing
	stepNull
)

// step moves to the value of a key of an existing value. If it is missing or null, at
// becomes its nearest ancestor.
func (v *Value) step(key string) stepResult {
	var k, n *yaml.Node
	if !v.keys.lacksKey(key) {
		k, n = Get(v.Node, key)
	}
	switch {
	case n == nil:
		v.lacks = v.Node
		v.absent(v.anchor(), 0)
		return stepMissing
	case IsNull(n):
		v.absent(k, 0)
		return stepNull
	}
	v.at, v.Node, v.keys = k, n, 0
	return stepFound
}

func (v *Value) absent(near *yaml.Node, missing int) {
	v.at, v.missing, v.Node, v.keys = near, int32(missing), nil, 0
}

// mayContainFields reports whether a value may have fields that the text lacks.
func mayContainFields(n *yaml.Node) bool {
	switch n.Kind {
	case yaml.MappingNode:
		return IsPlaceholderMap(n) || hasPlaceholderKey(n)
	case yaml.ScalarNode:
		return IsPlaceholder(n.Value)
	default:
		return IsPlaceholderList(n)
	}
}

// anchor is the node at which to point for an existing v as a whole.
func (v Value) anchor() *yaml.Node {
	if v.at != nil {
		return v.at
	}
	return v.Node
}

// Anchor is the node whose line is the value's place: the scalar itself, the
// key of a mapping or sequence, and for an absent value the nearest ancestor
// that exists, with the path from there that is missing. The node is nil only
// for an empty document.
func (v Value) Anchor() (n *yaml.Node, missing string) {
	switch {
	case v.Node == nil && v.missing == 0:
		return v.at, ""
	case v.Node == nil:
		p := v.Path()
		return v.at, p[len(p)-int(v.missing):]
	case v.Node.Kind == yaml.ScalarNode:
		return v.Node, ""
	}
	return v.anchor(), ""
}

// Key is the mapping key of the value: nil in a sequence, at the root, and if absent.
func (v Value) Key() *yaml.Node {
	if v.Node == nil {
		return nil
	}
	return v.at
}

// AtKey is the mapping key of the value, with the value's path: for findings that
// are about the name of a field and not about what it holds. Where there is no
// key, it is the value.
func (v Value) AtKey() Value {
	if v.at == nil || v.Node == nil && v.missing > 0 {
		return v
	}
	return Value{Node: v.at, path: v.path} // the key of null too
}

// IsUnholdable reports whether the field is absent because a scalar or a list is where the
// mapping that holds the field belongs. The fault is then the type of that value.
func (v Value) IsUnholdable() bool {
	return v.Node == nil && v.lacks != nil && v.lacks.Kind != yaml.MappingNode
}

// IsSet reports whether the field is present and not null.
func (v Value) IsSet() bool { return v.Node != nil }

// IsMap reports whether the value is a mapping. What YAML makes of {{ x }} is none.
func (v Value) IsMap() bool {
	return v.Node != nil && v.Node.Kind == yaml.MappingNode && !IsPlaceholderMap(v.Node)
}

// IsList reports whether the value is a sequence. What YAML makes of [[ .x ]] is none.
func (v Value) IsList() bool {
	return v.Node != nil && v.Node.Kind == yaml.SequenceNode && !IsPlaceholderList(v.Node)
}

// IsScalar reports whether the value is a scalar other than null.
func (v Value) IsScalar() bool { return v.Node != nil && v.Node.Kind == yaml.ScalarNode }

// Text is the scalar as Kubernetes reads it: booleans of YAML 1.1 (yes, on)
// come out as true and false. Empty for anything that is not a scalar, and for an
// unknown one: see IsKnown and PartialText.
func (v Value) Text() string {
	if !v.IsScalar() || v.isUnknownText(v.Node.Value) {
		return ""
	}
	if !IsQuoted(v.Node) {
		switch v.Node.Value {
		case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON", "y", "Y":
			return "true"
		case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF", "n", "N":
			return "false"
		}
	}
	return v.Node.Value
}

// IsString reports whether a value that looks like a number is text, because of its quotes
// or its tag. Kustomize keeps the tag of a string and not its quotes.
func (v Value) IsString() bool {
	return v.IsScalar() && (IsQuoted(v.Node) || v.Node.Tag == "!!str")
}

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
	if !v.IsScalar() || v.Node.Value == "" || strings.IndexByte("+-.0123456789", v.Node.Value[0]) < 0 { // errors cost time
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

// Items yields the elements of a sequence. Null elements are skipped.
func (v Value) Items() iter.Seq[Value] {
	return func(yield func(Value) bool) {
		if !v.IsList() {
			return
		}
		for i, n := range v.Node.Content {
			n = Deref(n)
			if IsNull(n) {
				continue
			}
			c := Value{Node: n, path: v.path}
			c.path.push(indexStep(i))
			if !yield(c) {
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
		for i, n := range v.Node.Content {
			c := Value{Node: Deref(n), path: v.path}
			c.path.push(indexStep(i))
			if IsNull(c.Node) {
				c.absent(n, 0)
			}
			if !yield(c) {
				return
			}
		}
	}
}

// Item is the element of a sequence at a place, counted from 0; absent if there is none.
func (v Value) Item(i int) Value {
	c := Value{path: v.path}
	step := indexStep(i)
	c.path.push(step)
	switch {
	case v.Node == nil:
		c.at, c.missing, c.unknown, c.lacks = v.at, v.missing, v.unknown, v.lacks
		c.miss(len(step), false)
	case !v.IsList() || i < 0 || i >= len(v.Node.Content):
		c.absent(v.anchor(), len(step))
		c.unknown = !v.IsKnown()
	default:
		if c.Node = Deref(v.Node.Content[i]); IsNull(c.Node) {
			c.absent(v.anchor(), len(step))
		}
	}
	return c
}

// Entries yields the keys and values of a mapping in order of the text, merged
// ones last. Of a key that appears twice the last one counts. Null values come
// as absent.
func (v Value) Entries() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		if !v.IsMap() {
			return
		}
		var e entries
		e.of(v.Node, func(k, n *yaml.Node) bool {
			c := Value{Node: n, at: k, path: v.path}
			c.path.pushKey(k.Value)
			if IsNull(n) {
				c.absent(k, 0)
			}
			return yield(k.Value, c)
		})
	}
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

// Each yields the values at a path in which [] means each element of a list:
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

// What IsModestNumber accepts: characters of a number, and digits of its exponent.
const maxNumber, maxExponent = 128, 3

// IsModestNumber reports whether a number, with a unit or without, can be computed with
// at little cost: to compare 1e2147483647 with 1 takes minutes.
func IsModestNumber(text string) bool {
	exponent := ""
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		exponent = text[i+1:]
	}
	return len(text) <= maxNumber && len(strings.Trim(exponent, "+- ")) <= maxExponent
}

// IsSameShape reports whether two nodes differ in nothing but the texts of scalars. What an alias stands for is not looked at.
func IsSameShape(a, b *yaml.Node) bool {
	if a == nil || b == nil {
		return a == b
	}
	if a.Kind != b.Kind || len(a.Content) != len(b.Content) {
		return false
	}
	for i := range a.Content {
		isKey := a.Kind == yaml.MappingNode && i%2 == 0
		if isKey && a.Content[i].Value != b.Content[i].Value || !IsSameShape(a.Content[i], b.Content[i]) {
			return false
		}
	}
	return true
}
