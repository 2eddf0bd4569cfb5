// Package walk leads from nodes of YAML to others: by the steps, pointers and field paths that
// Kustomize and its files use, and from an object to its like in another. Package node reads
// the single steps.
package walk

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint/node"
)

// Step leads from a node to one of its children: by key, or by place in a
// sequence.
type Step struct {
	Key   string
	Index int        // in a sequence; -1 for keys
	Elem  *yaml.Node // the element, for finding the same one in another list
}

// Follow takes the same way in another object. Elements of sequences are found
// by what names them. The key is that of the last step, nil for a sequence.
func Follow(n *yaml.Node, steps []Step) (key, value *yaml.Node) {
	value = node.Deref(n)
	for i, s := range steps {
		if s.Index < 0 {
			key, value = node.Get(value, s.Key)
		} else {
			key, value = nil, element(value, steps[:i+1])
		}
		if value == nil {
			return nil, nil
		}
	}
	return key, value
}

// mergeKeys are the keys by which a patch finds the elements of a list. An element with another value there
// is another element, at whatever place. Tolerations are no such list: one without a key is for every taint.
var mergeKeys = map[string][]string{
	"containers": {"name"}, "initContainers": {"name"}, "ephemeralContainers": {"name"}, "env": {"name"}, "volumes": {"name"},
	"volumeMounts": {"mountPath"}, "volumeDevices": {"devicePath"}, "ports": {"containerPort", "port"},
	"topologySpreadConstraints": {"topologyKey"}, "hostAliases": {"ip"}, "tolerations": {"key"},
}

// element is that of a list to which the last step leads. It is nil if there is none.
func element(list *yaml.Node, steps []Step) *yaml.Node {
	last := len(steps) - 1
	if last > 0 && mergeKeys[steps[last-1].Key] != nil {
		return merged(list, steps[last], mergeKeys[steps[last-1].Key])
	}
	return Like(list, steps[last])
}

// NameOf is the key by which a patch finds an element of a list, and its value. Empty if there is none.
func NameOf(list string, elem *yaml.Node) string {
	keys := mergeKeys[list]
	if keys == nil {
		keys = []string{"name"}
	}
	for _, key := range keys {
		if value := node.Text(elem, key); value != "" {
			return key + "=" + value
		}
	}
	return ""
}

// merged is the element of a list that has the same merge key, or else is the same. It is nil if there is none.
func merged(list *yaml.Node, s Step, keys []string) *yaml.Node {
	if list == nil || list.Kind != yaml.SequenceNode {
		return nil
	}
	for _, key := range keys {
		if want := node.Text(s.Elem, key); want != "" {
			return Named(list, key, want, s.Index)
		}
	}
	if at := node.Item(list, s.Index); node.IsSame(at, s.Elem) {
		return at
	}
	for _, c := range list.Content {
		if c = node.Deref(c); node.IsSame(c, s.Elem) {
			return c
		}
	}
	return nil
}

// Like finds an element's like in a sequence: by what names it, else by what it
// holds, else by its place.
func Like(list *yaml.Node, s Step) *yaml.Node {
	if list == nil || list.Kind != yaml.SequenceNode {
		return nil
	}
	at := node.Item(list, s.Index)
	for _, key := range [...]string{"name", "mountPath", "containerPort", "port", "key", "ip", "topologyKey", "devicePath"} {
		if want := node.Text(s.Elem, key); want != "" {
			if found := Named(list, key, want, s.Index); found != nil {
				return found
			}
			if key == "name" {
				return at
			}
		}
	}
	if at != nil && node.IsSame(at, s.Elem) {
		return at
	}
	for _, c := range list.Content {
		if c = node.Deref(c); node.IsSame(c, s.Elem) {
			return c
		}
	}
	return at
}

// Named is the element with a value at a key, the one at a place if there are
// several.
func Named(list *yaml.Node, key, value string, place int) *yaml.Node {
	var found *yaml.Node
	for i, c := range list.Content {
		if c = node.Deref(c); node.Text(c, key) == value && (found == nil || i == place) {
			found = c
		}
	}
	return found
}

// Shared counts the scalars of a node, and those that another has at the same
// place.
func Shared(n, other *yaml.Node, way []Step) (equal, all int) {
	switch n = node.Deref(n); n.Kind {
	case yaml.ScalarNode:
		if _, v := Follow(other, way); HasText(v, n.Value) {
			equal = 1
		}
		return equal, 1
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			e, a := Shared(n.Content[i+1], other, append(way, Step{Key: n.Content[i].Value, Index: -1}))
			equal, all = equal+e, all+a
		}
	case yaml.SequenceNode:
		for i, c := range n.Content {
			e, a := Shared(c, other, append(way, Step{Index: i, Elem: node.Deref(c)}))
			equal, all = equal+e, all+a
		}
	case yaml.DocumentNode, yaml.AliasNode:
	}
	return equal, all
}

// HasText reports whether a node is a scalar of a value.
func HasText(n *yaml.Node, value string) bool {
	return n != nil && n.Kind == yaml.ScalarNode && n.Value == value
}

// FirstScalar is where a node begins: itself if it is a scalar, else the first key
// or element below.
func FirstScalar(n *yaml.Node) *yaml.Node {
	for n = node.Deref(n); n != nil && n.Kind != yaml.ScalarNode; n = node.Deref(n.Content[0]) {
		if len(n.Content) == 0 {
			return n
		}
	}
	return n
}

// Descend follows keys and indexes below a node; nil if they lead nowhere.
func Descend(n *yaml.Node, keys ...any) *yaml.Node {
	for _, key := range keys {
		switch key := key.(type) {
		case string:
			n = Field(n, key)
		case int:
			n = node.Item(n, key)
		}
	}
	return n
}

// FindKey is the first key of a name, nearest to the root.
func FindKey(n *yaml.Node, key string) *yaml.Node {
	if k, _ := node.Get(n, key); k != nil {
		return k
	}
	if n == nil {
		return nil
	}
	for _, c := range n.Content {
		if k := FindKey(node.Deref(c), key); k != nil {
			return k
		}
	}
	return nil
}

// Field is the value of a key of a kustomization; nil if it is not there. Kustomize
// finds keys in any case.
func Field(n *yaml.Node, key string) *yaml.Node {
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

// Place is the index in a list of the element that the last step leads to; -1 if there is none.
func Place(list *yaml.Node, steps []Step) int {
	e := element(list, steps)
	if e == nil {
		return -1
	}
	return slices.IndexFunc(list.Content, func(n *yaml.Node) bool { return node.Deref(n) == e })
}

// At is the key and the value at some steps, list indexes in brackets. The
// key of a list's element is the element.
func At(n *yaml.Node, steps []string) (key, value *yaml.Node) {
	value = node.Deref(n)
	for _, s := range steps {
		if i, err := strconv.Atoi(strings.Trim(s, "[]")); err == nil && value != nil && value.Kind == yaml.SequenceNode {
			value = node.Item(value, i)
			key = value
			continue
		}
		if key, value = node.Get(value, s); value == nil {
			return nil, nil
		}
	}
	return key, value
}
