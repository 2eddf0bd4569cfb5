// Package appset expands ApplicationSets of Argo CD to Applications, as far as files of the repository say which.
//
// Generators that read the repository (git), and those that are lists, are expanded, also in a matrix. What others
// yield, such as clusters and pull requests, is not known: they give one Application with placeholders in the place of
// their parameters. A parameter that is not known stays a placeholder.
package appset

import (
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
)

// The limits on what is expanded: Applications of a set, nodes of a template, and generators within one another.
const (
	maxApplications = 500
	maxNodes        = 10_000
	maxDepth        = 3
)

// IsSet reports whether an object is an ApplicationSet.
func IsSet(o *lint.Object) bool { return o.Is("argoproj.io", "ApplicationSet") }

// Expansion is what an ApplicationSet makes.
type Expansion struct {
	Applications []Application
	// IsPartial is set if there may be others, or if what is known of some is not all.
	IsPartial bool
	// IsPatched is set if a patch may change what the Applications install.
	IsPatched bool
}

// Application is one of an ApplicationSet. What it says is edited in the template of that one.
type Application struct {
	*lint.Object
	// Read is the file of the repository that gave its parameters. It is empty if there is none.
	Read string
}

// params are the parameters of an Application.
type params struct {
	values map[string]any
	// isOpen is set if there may be others.
	isOpen bool
	read   string
}

// expansion is an ApplicationSet that is being expanded.
type expansion struct {
	repository *Repository
	file       string // of the set, in the tree
	isGo       bool   // its templates are those of Go
	isPartial  bool
	depth      int
}

// Expand lists the Applications of an ApplicationSet that is in a file of the repository. The result is the same for the
// same files.
func (r *Repository) Expand(o *lint.Object, file string) Expansion {
	spec := o.Root.Get("spec")
	e := &expansion{repository: r, file: file, isGo: spec.Get("goTemplate").True()}
	var all []params
	for generator := range spec.Get("generators").Items() {
		all = append(all, e.generate(generator, params{})...)
	}
	patch := spec.Get("templatePatch")
	out := Expansion{IsPatched: patch.IsScalar() && containsAny(patch.Node.Value, "source", "helm")}
	if len(all) > maxApplications {
		all, out.IsPartial = all[:maxApplications], true
	}
	template, _ := node.Expand(spec.Get("template").Node, maxNodes)
	if template == nil {
		out.IsPartial = true
		return out
	}
	isMoved := patch.IsScalar() && strings.Contains(patch.Node.Value, "destination")
	for _, p := range all {
		if app := e.application(o, template, p, isMoved); app != nil {
			out.Applications = append(out.Applications, Application{app, p.read})
		}
		out.IsPartial = out.IsPartial || p.isOpen
	}
	out.IsPartial = out.IsPartial || e.isPartial
	return out
}

func containsAny(text string, words ...string) bool {
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(text, word) })
}

// application makes an Application of a template.
func (e *expansion) application(set *lint.Object, template *yaml.Node, p params, isMoved bool) *lint.Object {
	made := e.filled(template, p)
	root := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: template.Line, Column: template.Column, Content: append([]*yaml.Node{
		text("apiVersion"), text(set.APIVersion), text("kind"), text("Application"),
	}, made.Content...)}
	app, ok := lint.NewObject(root, &templated{set})
	if !ok {
		return nil
	}
	if app.Namespace == "" {
		app.Namespace = set.Namespace
	}
	if namespace := app.Root.Get("spec.destination.namespace"); isMoved && namespace.IsScalar() {
		namespace.Node.Value = "{{ namespace }}"
	}
	return app
}

func text(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}
}

// filled copies a part of a template with the parameters in the place of their names.
func (e *expansion) filled(n *yaml.Node, p params) *yaml.Node {
	made := *n
	if n.Kind == yaml.ScalarNode && strings.Contains(n.Value, "{{") {
		made.Value, made.Tag = e.fill(n.Value, p), "!!str"
	}
	made.Content = make([]*yaml.Node, len(n.Content))
	for i, c := range n.Content {
		made.Content[i] = e.filled(c, p)
	}
	return &made
}

// fill puts parameters in the place of their names. What is not known stays as it is.
func (e *expansion) fill(text string, p params) string {
	if !strings.Contains(text, "{{") {
		return text
	}
	r := e.repository
	if r.filled += len(text); r.filled > maxFilled {
		e.isPartial = true
		return text
	}
	if !e.isGo {
		filled := fillNames(text, p.values)
		r.filled += len(filled)
		return filled
	}
	t, known := r.templates[text]
	if !known {
		t = parseTemplate(text)
		r.templates[text] = t
	}
	filled, ok := fillTemplate(t, p.values)
	if !ok {
		return text
	}
	r.filled += len(filled)
	return filled
}

// templated locates what an Application has in the ApplicationSet.
type templated struct{ set *lint.Object }

// Locate is where a value is edited.
func (t *templated) Locate(v lint.Value) lint.Origin {
	path := v.Path()
	if path == "" {
		return t.set.Locate(t.set.Root)
	}
	if !strings.HasPrefix(path, "spec") && !strings.HasPrefix(path, "metadata.") {
		return t.set.Locate(t.set.Root.Get("kind"))
	}
	return t.set.Locate(t.set.Root.At("spec.template." + path))
}

// generate lists the parameters that a generator yields. Outer are those of the generator that a matrix has it combine with.
func (e *expansion) generate(generator lint.Value, outer params) []params {
	e.depth++
	defer func() { e.depth-- }()
	unknown := []params{{values: outer.values, read: outer.read, isOpen: true}}
	if e.depth > maxDepth || generator.Get("selector").IsSet() || !generator.IsKnown() {
		return unknown
	}
	var found []params
	ok := false
	switch {
	case generator.Get("git").IsMap() && !generator.Get("git.template").IsSet():
		found, ok = e.git(generator.Get("git"), outer)
	case generator.Get("list").IsMap() && !generator.Get("list.template").IsSet():
		found, ok = e.list(generator.Get("list"), outer)
	case generator.Get("matrix").IsMap() && !generator.Get("matrix.template").IsSet():
		found, ok = e.matrix(generator.Get("matrix.generators"), outer)
	}
	if !ok {
		return unknown
	}
	return found
}

// matrix combines what generators yield.
func (e *expansion) matrix(generators lint.Value, outer params) (all []params, ok bool) {
	all = []params{outer}
	for generator := range generators.Items() {
		var next []params
		for _, p := range all {
			next = append(next, e.generate(generator, p)...)
			if len(next) > maxApplications {
				e.isPartial = true
				break
			}
		}
		all = next
	}
	return all, generators.Len() > 0
}

// list is the elements of a list.
func (e *expansion) list(list lint.Value, outer params) (all []params, ok bool) {
	elements := list.Get("elements")
	if list.Get("elementsYaml").IsSet() || !elements.IsList() {
		return nil, false
	}
	for element := range elements.Items() {
		if len(all) >= maxApplications {
			e.isPartial = true
			break
		}
		if data, ok := decode(element.Node); ok {
			all = append(all, outer.with(e.keyed(data), outer.read))
		}
	}
	return all, true
}

// keyed are parameters as templates name them: as they are, or each by its whole path.
func (e *expansion) keyed(data map[string]any) map[string]any {
	if e.isGo {
		return data
	}
	flat := map[string]any{}
	flatten(flat, "", data)
	return flat
}

// with is parameters with some more.
func (p params) with(more map[string]any, read string) params {
	all := make(map[string]any, len(p.values)+len(more))
	maps.Copy(all, p.values)
	maps.Copy(all, more)
	return params{values: all, isOpen: p.isOpen, read: read}
}

// decode is the data of a mapping.
func decode(n *yaml.Node) (data map[string]any, ok bool) {
	if n == nil || !node.IsExpandable(n) {
		return nil, false
	}
	return data, n.Decode(&data) == nil && data != nil
}
