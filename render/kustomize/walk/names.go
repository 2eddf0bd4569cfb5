package walk

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint/node"
)

// Names are what names the elements of a list, to which steps lead from a node. Elements that nothing names have an empty name.
func Names(root *yaml.Node, list []Step) (names []string) {
	_, l := Follow(root, list)
	for _, e := range node.Items(l) {
		names = append(names, NameOf(list[len(list)-1].Key, e))
	}
	return names
}

// MergedNames are those of a list after a strategic-merge patch: its elements come first.
func MergedNames(names []string, doc *yaml.Node, list []Step) []string {
	_, l := Follow(doc, list)
	if l == nil || l.Kind != yaml.SequenceNode {
		return names
	}
	var first, removed []string
	replaces := false
	for _, e := range node.Items(l) {
		name := NameOf(list[len(list)-1].Key, e)
		switch node.Text(e, "$patch") {
		case "replace":
			replaces = true
		case "delete":
			removed = append(removed, name)
		default:
			first = append(first, name)
		}
	}
	if replaces {
		return first
	}
	return append(first, slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return slices.Contains(first, name) || slices.Contains(removed, name)
	})...)
}
