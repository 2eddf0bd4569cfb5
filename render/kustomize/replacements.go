package kustomize

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/kustomize/api/types"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/kustomize/source"
	"github.com/kubevet/kubevet/render/kustomize/walk"
)

// replacement is an entry of replacements, or one of the file that it names.
type replacement struct {
	types.Replacement
	at     user
	label  string
	source *source.Source
	node   *yaml.Node
}

// replacementsOf lists the replacements of a kustomization, the last applied
// first.
func (b *build) replacementsOf(k *kustomization) []replacement {
	if k.replacements != nil {
		return k.replacements
	}
	k.replacements = []replacement{}
	for i, r := range k.spec.Replacements {
		e := entry{k.source.Name, "replacements", i}
		at := user{k, ref{entry: e}}
		if k.plugin != nil {
			at = k.plugin.user
		}
		switch {
		case b.dropped[at.entry]:
		case r.Path == "":
			k.replacements = append(k.replacements, replacement{r.Replacement, at, at.label(), k.source, k.at(e)})
		default:
			at.keys = []any{"path"}
			if s := b.files.textOf(k, ref{use: useConfig, path: r.Path}); s != nil {
				k.replacements = append(k.replacements, replacementsIn(s, at)...)
			}
		}
	}
	slices.Reverse(k.replacements)
	return k.replacements
}

// replacementsIn lists the replacements of a file: one, or a list of them.
func replacementsIn(s *source.Source, at user) []replacement {
	var l []replacement
	s.Parse()
	for _, d := range s.Docs {
		nodes := []*yaml.Node{d.Node}
		if d.Node != nil && d.Node.Kind == yaml.SequenceNode {
			nodes = d.Node.Content
		}
		for _, n := range nodes {
			n = node.Deref(n)
			r := replacement{at: at, label: at.label(), source: s, node: n}
			decode(n, &r.Replacement)
			l = append(l, r)
		}
	}
	return l
}

// byReplacements explains a value that was copied from another field. The place
// is the path of the replacement; the field that it copies is in the trail.
func (o *object) byReplacements(k *kustomization, n *yaml.Node, steps []walk.Step, depth int) (claim, bool) {
	if depth > 4 {
		return claim{}, false
	}
	for i := range o.build.replacementsOf(k) {
		r := &k.replacements[i]
		for j, t := range slices.Backward(r.Targets) {
			f := o.replacedPath(t, steps)
			if f < 0 {
				continue
			}
			from, ok := o.build.copiedValue(r, t, n.Value)
			at := r.target(j, f)
			if !ok || at == nil {
				continue
			}
			c := claim{origin: r.source.Origin(at), kind: lint.StepKustomization, at: r.at, label: r.label}
			if r.source != r.at.k.source {
				c.kind = lint.StepPatch
			}
			if from.object != nil && from.node != n {
				origin := from.object.locate(from.node, depth+1)
				c.origin.Trail = []lint.Step{{Kind: lint.StepBase, Position: origin.Position, Label: node.Text(from.object.root, "kind") + "/" + node.Text(from.object.root, "metadata", "name") + " " + r.Source.FieldPath}}
			}
			return c, true
		}
	}
	return claim{}, false
}

// replacedPath is the index of the field path by which a target of a replacement
// means a field of the object; -1 if it does not.
func (o *object) replacedPath(t *types.TargetSelector, steps []walk.Step) int {
	if t == nil || t.Select == nil || !o.build.selects(o, t.Select) || slices.ContainsFunc(t.Reject, o.rejectedBy) {
		return -1
	}
	paths := t.FieldPaths
	if len(paths) == 0 {
		paths = []string{types.DefaultReplacementFieldPath}
	}
	return slices.IndexFunc(paths, func(p string) bool { return walk.FieldPathIs(p, steps) })
}

// target is the node of a field path, or of the target without one.
func (r *replacement) target(j, f int) *yaml.Node {
	if at := walk.Descend(r.node, "targets", j, "fieldPaths", f); at != nil {
		return at
	}
	return walk.FirstScalar(walk.Descend(r.node, "targets", j))
}

func (o *object) rejectedBy(s *types.Selector) bool {
	return s != nil && s.LabelSelector == "" && s.AnnotationSelector == "" && o.build.selects(o, s)
}

// hasLabels reports whether a selector selects the labels, or the annotations, of an object in the output or where it is declared: what is
// built has them all, but a patch may have looked at what an outer kustomization changes. One that is not understood selects all.
func (b *build) hasLabels(o *object, field, text string) bool {
	if text == "" {
		return true
	}
	s, seen := b.selectors[text]
	if !seen {
		s, _ = labels.Parse(text) // nil: kustomize has said that it is invalid
		if b.selectors == nil {
			b.selectors = map[string]labels.Selector{}
		}
		b.selectors[text] = s
	}
	has := func(doc *yaml.Node) bool {
		set := labels.Set{}
		if n := walk.Descend(doc, "metadata", field); n != nil && n.Kind == yaml.MappingNode {
			for i := 0; i+1 < len(n.Content); i += 2 {
				set[n.Content[i].Value] = n.Content[i+1].Value
			}
		}
		return s.Matches(set)
	}
	return s == nil || has(o.root) || o.base != nil && o.base.node != nil && has(o.base.node)
}

// copied is the field that a replacement copies. Object is nil if the field is not
// in the output: only where it is declared.
type copied struct {
	object *object
	node   *yaml.Node
}

// copiedValue is the field that a replacement copies, if the value is that of the
// field, or has it at the place that the options name.
func (b *build) copiedValue(r *replacement, t *types.TargetSelector, value string) (from copied, ok bool) {
	var have string
	switch {
	case r.SourceValue != nil:
		have = *r.SourceValue
	case r.Source == nil:
		return from, false
	default:
		if from = b.sourceField(r.Source); from.node == nil {
			return from, false
		}
		have = from.node.Value
		if o := r.Source.Options; o != nil && o.Delimiter != "" {
			parts := strings.Split(have, o.Delimiter)
			if o.Index < 0 || o.Index >= len(parts) {
				return from, false
			}
			have = parts[o.Index]
		}
	}
	if o := t.Options; o != nil && o.Delimiter != "" {
		parts := strings.Split(value, o.Delimiter)
		// More than one part of the value may be of the field: it ends or begins with it.
		switch own := strings.Split(have, o.Delimiter); {
		case o.Index < 0:
			return from, len(parts) >= len(own) && slices.Equal(parts[:len(own)], own)
		case o.Index+len(own) <= len(parts) && slices.Equal(parts[o.Index:o.Index+len(own)], own):
			return from, true
		default:
			return from, len(parts) >= len(own) && o.Index >= len(parts)-len(own) && slices.Equal(parts[len(parts)-len(own):], own)
		}
	}
	return from, have == value
}

// sourceField is the field that a replacement copies, in the output or, if it is
// not there, where it is declared.
func (b *build) sourceField(s *types.SourceSelector) copied {
	if found, seen := b.fields[s]; seen {
		return found
	}
	if b.fields == nil {
		b.fields = map[*types.SourceSelector]copied{}
	}
	b.fields[s] = copied{} // a field that is copied from itself ends here
	b.fields[s] = b.findField(s)
	return b.fields[s]
}

func (b *build) findField(s *types.SourceSelector) copied {
	p := s.FieldPath
	if p == "" {
		p = types.DefaultReplacementFieldPath
	}
	at := func(n *yaml.Node) *yaml.Node {
		for _, part := range walk.SplitFieldPath(p) {
			n = walk.Part(n, part)
		}
		if n == nil || n.Kind != yaml.ScalarNode {
			return nil
		}
		return n
	}
	for _, o := range b.objects {
		if s.Kind != "" && s.Kind != node.Text(o.root, "kind") {
			continue
		}
		o.findBase()
		if s.Name != "" && !o.isNamed(s.Name) {
			continue
		}
		if n := at(o.root); n != nil {
			return copied{o, n}
		}
	}
	if s.Kind == "" || s.Name == "" {
		return copied{}
	}
	for _, d := range b.declarations(s.Kind).byName[s.Name] {
		if n := at(d.node); n != nil {
			return copied{nil, n}
		}
	}
	return copied{}
}

// variable is $(NAME) in a text.
var variable = regexp.MustCompile(`\$\(([-A-Za-z0-9_.]+)\)`)

// byVars explains a text with variables: where it is written.
func (o *object) byVars(n *yaml.Node, steps []walk.Step) (claim, bool) {
	if !slices.ContainsFunc(o.build.files.order, func(k *kustomization) bool { return len(k.spec.Vars) > 0 }) {
		return claim{}, false
	}
	written := func(doc *yaml.Node) *yaml.Node {
		_, v := walk.Follow(doc, steps)
		if v == nil || v.Kind != yaml.ScalarNode || !strings.Contains(v.Value, "$(") || o.build.expand(v.Value) != n.Value {
			return nil
		}
		return v
	}
	return o.inPatchOrBase(written)
}

// expand replaces the variables of a text by the fields that they name.
func (b *build) expand(s string) string {
	return variable.ReplaceAllStringFunc(s, func(v string) string {
		if from := b.variableField(v[2 : len(v)-1]); from != nil {
			if f := b.sourceField(from); f.node != nil {
				return f.node.Value
			}
		}
		return v
	})
}

// variableField is the field that a variable names; nil if no kustomization
// has the variable.
func (b *build) variableField(name string) *types.SourceSelector {
	for _, k := range b.files.order {
		if k.varFields == nil {
			k.varFields = map[string]*types.SourceSelector{}
			for _, v := range k.spec.Vars {
				from := &types.SourceSelector{FieldPath: v.FieldRef.FieldPath}
				from.Kind, from.Name = v.ObjRef.Kind, v.ObjRef.Name
				k.varFields[v.Name] = from
			}
		}
		if from := k.varFields[name]; from != nil {
			return from
		}
	}
	return nil
}

// missingVar matches the error about a var whose object lacks its field.
var missingVar = regexp.MustCompile(`field specified in var '\{(\S+) [^']*' not found in corresponding resource`)

// unsetVar reports the entry of vars whose object lacks the field, in whatever kustomization it is: kustomize looks for it when all of the
// overlay is there.
func (b *build) unsetVar(msg string) (lint.Problem, entry, bool) {
	m := missingVar.FindStringSubmatch(msg)
	if m == nil {
		return lint.Problem{}, entry{}, false
	}
	for _, k := range b.files.order {
		for i, v := range k.spec.Vars {
			at := user{k, ref{entry: entry{k.source.Name, "vars", i}}}
			if v.Name != m[1] || b.dropped[at.entry] {
				continue
			}
			b.follows = b.leftOut()
			field, help := cmp.Or(v.FieldRef.FieldPath, "metadata.name"), "set the field in the object, or correct fieldref"
			if field == "metadata.namespace" {
				help = "set namespace in the object, or in the kustomization that is built"
			}
			return lint.Problem{
				Position: at.position(), Code: lint.CodeInvalidKustomization, Help: help,
				Message: fmt.Sprintf("%s: var %s is for %s of %s/%s, which does not set it%s", at.label(), printable(v.Name), printable(field), printable(v.ObjRef.Kind), printable(v.ObjRef.Name), restBuilt),
			}, at.entry, true
		}
	}
	return lint.Problem{}, entry{}, false
}
