// Package api holds the rules on whether Kubernetes takes an object at all, and
// as it was meant: kinds that it serves, fields that it knows, values that it reads.
package api

import (
	"embed"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
)

// Source is the text of this package but for its tests: the rules' doc comments are
// read from it.
//
//go:embed *[^t].go *[^s]t.go
var Source embed.FS

// isEncrypted reports whether SOPS encrypted the object: it is decrypted before the
// API server sees it.
func isEncrypted(o *lint.Object) bool { return o.Root.Get("sops").IsMap() }

// isPlaceholder reports whether something else is put in place of a value before
// the API server sees it: {{ x }}, ${x}, $(x) or <x>. Without quotes YAML reads {{ x }} as a
// mapping.
func isPlaceholder(n *yaml.Node) bool {
	if n.Kind == yaml.MappingNode {
		return node.IsPlaceholderMap(n) || len(n.Content) == 2 && n.Content[0].Kind == yaml.MappingNode
	}
	return node.MayHavePlaceholder(n.Value)
}

// isReplaced is isPlaceholder for fields that take no word in capitals.
func isReplaced(n *yaml.Node) bool {
	return isPlaceholder(n) || n.Kind == yaml.ScalarNode && node.IsCapitals(n.Value)
}
