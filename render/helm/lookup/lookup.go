// Package lookup is Helm's function lookup, for objects that files give in place of a cluster.
package lookup

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/helm/values"
	"github.com/kubevet/kubevet/render/manifest"
)

// Objects are those that Find finds. It changes none of them.
type Objects []map[string]any

// Read reads the objects of files. What is no object is a problem.
func Read(files []values.File) (c Objects, problems []lint.Problem) {
	for _, f := range files {
		src := manifest.NewSource(f.Name, f.Data)
		for _, d := range manifest.Documents(f.Data) {
			problems = append(problems, src.Problems(d)...)
			if d.Node == nil {
				continue
			}
			o, err := decodeNode(d.Node)
			if err != nil || o["kind"] == nil || o["apiVersion"] == nil {
				problems = append(problems, lint.Problem{
					Code:     lint.CodeNotAnObject,
					Position: lint.Position{File: f.Name, Line: d.Node.Line},
					Message:  "no Kubernetes object: lookup cannot find it",
					Help:     "give it apiVersion, kind and metadata",
				})
				continue
			}
			c = c.with(o)
		}
	}
	return c, problems
}

// with adds an object, or the items of a List.
func (c Objects) with(o map[string]any) Objects {
	items, ok := o["items"].([]any)
	if !ok || o["kind"] != "List" {
		return append(c, o)
	}
	for _, item := range items {
		if m, ok := item.(map[string]any); ok {
			c = append(c, m)
		}
	}
	return c
}

// decodeNode converts a node to the value that Helm would make from its text.
func decodeNode(n *yaml.Node) (m map[string]any, err error) {
	text, err := yaml.Marshal(n)
	if err != nil {
		return nil, err
	}
	return m, sigsyaml.Unmarshal(text, &m)
}

// Find is Helm's lookup. It finds one object by its name, or a list of all objects in
// one or all namespaces. It returns an empty map if there are none.
func (c Objects) Find(apiVersion, kind, namespace, name string) (map[string]any, error) {
	items := []any{}
	for _, o := range c {
		if o["apiVersion"] != apiVersion || o["kind"] != kind {
			continue
		}
		meta, _ := o["metadata"].(map[string]any)
		if ns, _ := meta["namespace"].(string); namespace != "" && ns != "" && ns != namespace {
			continue
		}
		copied, err := decodeCopy(o)
		if err != nil {
			return nil, err
		}
		if name != "" && meta["name"] == name {
			return copied, nil
		}
		items = append(items, copied)
	}
	if name != "" || len(items) == 0 {
		return map[string]any{}, nil
	}
	return map[string]any{"apiVersion": apiVersion, "kind": strings.TrimSuffix(kind, "List") + "List", "items": items}, nil
}

// decodeCopy copies an object, because templates may change it.
func decodeCopy(o map[string]any) (m map[string]any, err error) {
	data, err := sigsyaml.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("copying the object: %w", err)
	}
	return m, sigsyaml.Unmarshal(data, &m)
}
