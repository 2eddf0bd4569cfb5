package api

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
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
		if p.Unit.Kind != lint.UnitChart || !hasDuplicateKey(o.Root.Node) {
			return
		}
		var l []repeated
		eachDuplicateKey(o.Root, func(v lint.Value, first entry) {
			r := repeated{v: v, first: first, origin: p.Locate(o, node.NewValue(first.key))}
			i := slices.IndexFunc(l, func(have repeated) bool { return have.isPrintedWith(r) })
			if i < 0 {
				l = append(l, r)
			} else {
				l[i].more++
			}
		})
		for _, r := range l {
			r.report(p, o)
		}
	}),
}

// repeated is a key that a mapping has twice.
type repeated struct {
	v     lint.Value
	first entry
	// origin is where the first one is, and more how many keys the same line prints that are there twice, too.
	origin lint.Origin
	more   int
}

// isPrintedWith reports whether one line of a template prints the first ones of two keys.
func (r repeated) isPrintedWith(other repeated) bool {
	return r.origin.Line > 0 && r.origin.File == other.origin.File && r.origin.Line == other.origin.Line && strings.Contains(r.origin.Text, "{{") &&
		parentOf(r.v.Path()) == parentOf(other.v.Path())
}

// parentOf is the path of the mapping that has a key.
func parentOf(at string) string {
	before := "."
	if strings.HasSuffix(at, `"]`) {
		before = `["`
	}
	return at[:max(strings.LastIndex(at, before), 0)]
}

func (r repeated) report(p *lint.Pass, o *lint.Object) {
	last := r.v.AtKey()
	first := last // with its path
	first.Node = r.first.key
	d := lint.Diagnostic{
		Object: o, At: last,
		Message: r.v.Path() + " is there twice, and the last one counts; want it once",
		Fix:     lint.Advice("print the key once"),
		Related: []lint.Related{{Object: o, At: first, Label: "the first one"}},
	}
	if r.more > 0 {
		d.Message = fmt.Sprintf("%s and %d more keys of the mapping are there twice, and the last ones count; want them once", r.v.Path(), r.more)
		d.Fix = lint.Advice("remove these keys from the template: " + r.printed() + " no effect for them; or remove them there")
		p.Report(d)
		return
	}
	if r.isFirstShared(p, o) {
		d.Fix = lint.Advice("remove this one, if the first one is meant, or do not print the first one, which has no effect here")
		p.Report(d)
		return
	}
	d.At, d.Related = first, []lint.Related{{Object: o, At: last, Label: "the last one, which counts"}}
	switch {
	case isSame(r.first.value, r.v.Node):
		d.Fix = lint.Advice("remove this one, which has no effect")
	case isSelected(o, r.v):
		d.Fix = lint.Advice("remove this one, which has no effect: with its value the selector would not match the pods")
	default:
		d.Fix = lint.Advice("remove this one, which has no effect, or the last one, if this one is meant")
	}
	p.Report(d)
}

// isFirstShared reports whether the last key is written in the template of the object and the first one comes from another file, such as a
// helper or the values, which print it elsewhere, too.
func (r repeated) isFirstShared(p *lint.Pass, o *lint.Object) bool {
	own := p.Locate(o, o.Root.Get("kind").AtKey()).File
	return r.origin.File != own && p.Locate(o, r.v.AtKey()).File == own
}

// isSelected reports whether a value is that of a label of pods which the selector of their workload asks for.
func isSelected(o *lint.Object, label lint.Value) bool {
	for _, w := range o.Workloads {
		for key, l := range w.Metadata.Get("labels").Entries() {
			if l.Node == label.Node {
				return o.Root.Get("spec.selector.matchLabels").Child(key).Text() == label.Text() && label.Text() != ""
			}
		}
	}
	return false
}

// printed names what the line of the first ones prints: the values key that has them, if it is known.
func (r repeated) printed() string {
	for _, s := range r.origin.Trail {
		if key, ok := strings.CutSuffix(s.Label, "."+r.first.key.Value); ok && s.Kind == lint.StepValues {
			return "the values of " + key + " have"
		}
	}
	return "what line " + strconv.Itoa(r.origin.Line) + " prints has"
}

// hasDuplicateKey reports whether a mapping at or below a node has a key twice.
func hasDuplicateKey(n *yaml.Node) bool {
	return n.Kind == yaml.MappingNode && len(duplicateKeys(n)) > 0 || slices.ContainsFunc(n.Content, hasDuplicateKey)
}

// eachDuplicateKey calls a function with each value below another whose key is there
// more than once: the last one, which counts, and the key of the first.
func eachDuplicateKey(v lint.Value, found func(v lint.Value, first entry)) {
	switch {
	case v.IsMap():
		for _, first := range duplicateKeys(v.Node) {
			found(v.Child(first.key.Value), first)
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

// entry is one of a mapping.
type entry struct{ key, value *yaml.Node }

// duplicateKeys lists the keys that a mapping has more than once, the first of each.
func duplicateKeys(m *yaml.Node) []entry {
	var twice []entry
	seen := make(map[string]int, len(m.Content)/2) // the place of the first, or -1 for one that is listed
	for i := 0; i < len(m.Content); i += 2 {
		k := m.Content[i]
		if k.Kind != yaml.ScalarNode || k.Tag == "!!merge" {
			continue
		}
		first, known := seen[k.Value]
		switch {
		case !known:
			seen[k.Value] = i
		case first >= 0:
			twice = append(twice, entry{m.Content[first], m.Content[first+1]})
			seen[k.Value] = -1
		}
	}
	return twice
}

// isSame reports whether two nodes are written with the same values.
func isSame(a, b *yaml.Node) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Kind == b.Kind && a.Value == b.Value && slices.EqualFunc(a.Content, b.Content, isSame)
}
