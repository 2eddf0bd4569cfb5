package api

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
)

// UniqueKeys reports mappings of a chart's output that have a key twice.
//
// Helm and kubectl take the last one, so one of the two settings does nothing, and a
// reader cannot see which. Parsers that are strict refuse the output: kustomize, Flux
// with post-renderers, and the API server where it gets YAML with strict validation.
//
// In plain manifests and in the bases of overlays a key that appears twice is a problem,
// duplicate-key.
var UniqueKeys = &lint.Rule{
	ID:        "unique-keys",
	Title:     "Chart prints a key twice",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-upgrades"},
	Fix:       "print the key once",
	Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		if p.Unit.Kind == lint.UnitChart && hasDuplicateKey(o.Root.Node) {
			eachDuplicateKey(o.Root, func(v lint.Value) {
				p.Report(lint.Diagnostic{
					Object: o, At: v.AtKey(),
					Message: v.Path() + " is there twice, and the last one counts; want it once",
					Fix:     lint.Advice("print the key once"),
				})
			})
		}
	}),
}

// hasDuplicateKey reports whether a mapping at or below a node has a key twice.
func hasDuplicateKey(n *yaml.Node) bool {
	return n.Kind == yaml.MappingNode && len(duplicateKeys(n)) > 0 || slices.ContainsFunc(n.Content, hasDuplicateKey)
}

// eachDuplicateKey calls a function with each value below another whose key is there
// more than once: the last one, which counts.
func eachDuplicateKey(v lint.Value, found func(lint.Value)) {
	switch {
	case v.IsMap():
		for _, key := range duplicateKeys(v.Node) {
			found(v.Child(key))
		}
		for _, child := range v.Entries() {
			eachDuplicateKey(child, found)
		}
	case v.IsList():
		for item := range v.Items() {
			eachDuplicateKey(item, found)
		}
	}
}

// duplicateKeys lists the keys that a mapping has more than once, each once.
func duplicateKeys(m *yaml.Node) []string {
	var twice []string
	seen := make(map[string]int, len(m.Content)/2)
	for i := 0; i < len(m.Content); i += 2 {
		k := m.Content[i]
		if k.Kind != yaml.ScalarNode || k.Tag == "!!merge" {
			continue
		}
		if seen[k.Value]++; seen[k.Value] == 2 {
			twice = append(twice, k.Value)
		}
	}
	return twice
}
