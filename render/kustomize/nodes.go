package kustomize

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// resolve follows aliases.
func resolve(n *yaml.Node) *yaml.Node {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// pair is the key and value nodes of a mapping's entry; nil if it has none.
// The last one of a name counts.
func pair(m *yaml.Node, key string) (k, v *yaml.Node) {
	if m = resolve(m); m == nil || m.Kind != yaml.MappingNode {
		return nil, nil
	}
	if k, v := ownPair(m, key); k != nil {
		return k, v
	}
	for i := 0; i+1 < len(m.Content); i += 2 { // merge keys, one level
		if m.Content[i].Tag != "!!merge" {
			continue
		}
		if k, v := ownPair(resolve(m.Content[i+1]), key); k != nil {
			return k, v
		}
	}
	return nil, nil
}

// ownPair is pair without merge keys.
func ownPair(m *yaml.Node, key string) (k, v *yaml.Node) {
	if m.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := len(m.Content) - 2; i >= 0; i -= 2 {
		if m.Content[i].Value == key {
			return m.Content[i], resolve(m.Content[i+1])
		}
	}
	return nil, nil
}

// child is the value of a key; nil if there is none.
func child(m *yaml.Node, key string) *yaml.Node {
	_, v := pair(m, key)
	return v
}

// field is a path of keys below a node; nil if it is not there. Keys of
// kustomizations are found whatever their case, as kustomize does.
func field(n *yaml.Node, key string) *yaml.Node {
	if v := child(n, key); v != nil {
		return v
	}
	if n = resolve(n); n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if strings.EqualFold(n.Content[i].Value, key) {
			return resolve(n.Content[i+1])
		}
	}
	return nil
}

// item is an element of a sequence; nil if there is none.
func item(n *yaml.Node, i int) *yaml.Node {
	if n = resolve(n); n == nil || n.Kind != yaml.SequenceNode || i < 0 || i >= len(n.Content) {
		return nil
	}
	return resolve(n.Content[i])
}

// text is the value of a scalar below a node: text(o, "metadata", "name").
func text(n *yaml.Node, keys ...string) string {
	for _, k := range keys {
		n = child(n, k)
	}
	if n == nil || n.Kind != yaml.ScalarNode {
		return ""
	}
	return n.Value
}

// step leads from a node to one of its children: by key, or by place in a
// sequence.
type step struct {
	key   string
	index int        // in a sequence; -1 for keys
	elem  *yaml.Node // the element, for finding its like elsewhere
}

// follow takes the same way in another object. Elements of sequences are found
// by what names them. The key is that of the last step, nil for a sequence.
func follow(n *yaml.Node, steps []step) (key, value *yaml.Node) {
	value = resolve(n)
	for _, s := range steps {
		if s.index < 0 {
			key, value = pair(value, s.key)
		} else {
			key, value = nil, like(value, s)
		}
		if value == nil {
			return nil, nil
		}
	}
	return key, value
}

// like finds an element's like in a sequence: by what names it, else by what it
// holds, else by its place.
func like(list *yaml.Node, s step) *yaml.Node {
	if list == nil || list.Kind != yaml.SequenceNode {
		return nil
	}
	at := item(list, s.index)
	for _, key := range [...]string{"name", "mountPath", "containerPort", "port", "key", "ip", "topologyKey", "devicePath"} {
		if want := text(s.elem, key); want != "" {
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
		if c = resolve(c); same(c, s.elem) {
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
		if c = resolve(c); text(c, key) == value && (found == nil || i == place) {
			found = c
		}
	}
	return found
}

// same reports whether two nodes hold the same, whatever the order of keys.
func same(a, b *yaml.Node) bool {
	a, b = resolve(a), resolve(b)
	if a == nil || b == nil || a.Kind != b.Kind || a.Kind == yaml.ScalarNode && a.Value != b.Value || len(a.Content) != len(b.Content) {
		return false
	}
	for i, c := range a.Content {
		switch {
		case a.Kind == yaml.SequenceNode && !same(c, b.Content[i]):
			return false
		case a.Kind == yaml.MappingNode && i%2 == 1 && !same(c, child(b, a.Content[i-1].Value)):
			return false
		}
	}
	return true
}

// shared counts the scalars of a node, and those that another has at the same
// place.
func shared(n, other *yaml.Node, way []step) (equal, all int) {
	switch n = resolve(n); n.Kind {
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
			e, a := shared(c, other, append(way, step{index: i, elem: resolve(c)}))
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

// firstScalar is the node that stands for a node as a whole: itself if it is a
// scalar, else the first key or element below.
func firstScalar(n *yaml.Node) *yaml.Node {
	for n = resolve(n); n != nil && n.Kind != yaml.ScalarNode; n = resolve(n.Content[0]) {
		if len(n.Content) == 0 {
			return n
		}
	}
	return n
}
