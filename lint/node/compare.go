package node

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// IsWithout reports whether a mapping has the keys of another one, and the same scalars, but for one key, which it lacks.
func IsWithout(n, was *yaml.Node, key string) bool {
	if n == nil || was == nil || n.Kind != yaml.MappingNode || was.Kind != yaml.MappingNode || len(n.Content) != len(was.Content)-2 {
		return false
	}
	values := map[string]*yaml.Node{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		values[n.Content[i].Value] = n.Content[i+1]
	}
	for i := 0; i+1 < len(was.Content); i += 2 {
		name, v := was.Content[i].Value, was.Content[i+1]
		if now := values[name]; (now != nil) != (name != key) || now != nil && (now.Kind != v.Kind || now.Value != v.Value) {
			return false
		}
	}
	return true
}

// HasSameFields reports whether two nodes have the same keys and as many elements in each list. Scalars may differ, but a has a text
// where b has one: a reference without a name leads nowhere.
func HasSameFields(a, b *yaml.Node) bool {
	a, b = Deref(a), Deref(b)
	if a == nil || b == nil || a.Kind != b.Kind || len(a.Content) != len(b.Content) {
		return a == b
	}
	if a.Kind == yaml.ScalarNode && isNothing(a) && !isNothing(b) {
		return false
	}
	for i := range a.Content {
		if a.Kind == yaml.MappingNode && i%2 == 0 {
			if a.Content[i].Value != b.Content[i].Value {
				return false
			}
			continue
		}
		if !HasSameFields(a.Content[i], b.Content[i]) {
			return false
		}
	}
	return true
}

// isNothing reports whether a scalar is null or an empty text.
func isNothing(n *yaml.Node) bool { return n.Value == "" || n.ShortTag() == "!!null" }

// IsSame reports whether two nodes hold the same, in any order of keys. Nothing is the same as nothing.
func IsSame(a, b *yaml.Node) bool {
	a, b = Deref(a), Deref(b)
	if a == b || a == nil || b == nil {
		return a == b
	}
	if a.Kind != b.Kind || a.Value != b.Value || len(a.Content) != len(b.Content) {
		return false
	}
	for i, c := range a.Content {
		other := b.Content[i]
		if a.Kind == yaml.MappingNode {
			if i%2 == 0 {
				continue
			}
			if key := a.Content[i-1].Value; b.Content[i-1].Value != key { // most have one order
				other = Child(b, key)
			}
		}
		if !IsSame(c, other) {
			return false
		}
	}
	return true
}

// IsLeftOut reports whether another version of an object only leaves out the value at a path of v: the value is absent or
// empty there, and nothing is in its place, or it is a text with fewer words of the same.
func (v Value) IsLeftOut(path string, other Value) bool {
	was, now, above := v, other, ""
	for path != "" {
		step, after, isKey := cutStep(path)
		if !isKey {
			if was, now = elementsAt(was, now, step); !now.IsSet() {
				return true
			}
			path = after
			continue
		}
		key := unquoteStep(step)
		next := now.Child(key)
		if !next.IsSet() {
			return slices.Contains(freeMaps, above) || !hasMore(now, was)
		}
		was, now, above, path = was.Child(key), next, key, after
	}
	if was.IsScalar() && now.IsScalar() {
		return isPartOf(now.Node.Value, was.Node.Value)
	}
	return !now.IsScalar() && now.Len() == 0
}

// hasMore reports whether a mapping has a key that another one lacks.
func hasMore(m, other Value) bool {
	for key := range m.Entries() {
		if k, _ := Get(other.Node, key); k == nil {
			return true
		}
	}
	return false
}

// isPartOf reports whether a text has fewer words than another one, and all in the same order, also if both are texts in base64.
func isPartOf(text, whole string) bool {
	if words, all := strings.Fields(text), strings.Fields(whole); len(words) < len(all) || len(words) == 0 {
		return isWithin(words, all)
	}
	a, errA := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	b, errB := base64.StdEncoding.DecodeString(strings.TrimSpace(whole))
	if errA != nil || errB != nil {
		return false
	}
	words, all := strings.Fields(string(a)), strings.Fields(string(b))
	return len(words) < len(all) && isWithin(words, all)
}

// isWithin reports whether a list has the words of another one in the same order, among others.
func isWithin(words, all []string) bool {
	for _, word := range all {
		if len(words) > 0 && words[0] == word {
			words = words[1:]
		}
	}
	return len(words) == 0
}

// elementsAt are the element of a list at an index, and that of another list which has its name or, without one, its index.
func elementsAt(was, now Value, index string) (element, other Value) {
	i, err := strconv.Atoi(index)
	if err != nil {
		return Value{}, Value{}
	}
	element = was.Item(i)
	name := elementName("", index, element)
	if name == index {
		return element, now.Item(i)
	}
	for e := range now.Items() {
		if elementName("", "", e) == name {
			return element, e
		}
	}
	return element, Value{}
}

// freeMaps are the fields whose keys are chosen by the user: one stands for nothing in another's place.
var freeMaps = []string{"data", "stringData", "binaryData", "annotations", "labels", "matchLabels", "parameters"}
