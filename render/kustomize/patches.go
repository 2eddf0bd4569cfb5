package kustomize

import (
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/types"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/kustomize/source"
	"github.com/kubevet/kubevet/render/kustomize/walk"
)

// patch is an entry of patches, patchesStrategicMerge or patchesJson6902.
type patch struct {
	at     user
	source *source.Source
	target *types.Selector
	// renames is set if the patch may change the kind or the name of an object.
	renames bool
}

// patchesOf lists the patches of a kustomization, the last applied first.
func (b *build) patchesOf(k *kustomization) []patch {
	if k.patchList == nil {
		k.patchList = b.listPatches(k)
	}
	return k.patchList
}

func (b *build) listPatches(k *kustomization) []patch {
	l := []patch{}
	if k.plugin != nil {
		return append(l, k.plugin.patches(b.files, k)...)
	}
	add := func(field string, i int, file string, target *types.Selector, options *types.PatchArgs, keys ...any) {
		e := entry{k.source.Name, field, i}
		if b.dropped[e] {
			return
		}
		if file == "" {
			keys = []any{"patch"}
			if field == "patchesStrategicMerge" {
				keys = nil
			}
		}
		s := k.patches[e]
		if s == nil && file != "" {
			s = b.files.patchFile(k, file)
		}
		if s != nil {
			at := user{k, ref{entry: e, use: usePatch, path: file, keys: keys}}
			l = append(l, patch{at, s, target, options != nil && (options.AllowKindChange || options.AllowNameChange)})
		}
	}
	for i, p := range slices.Backward(k.spec.PatchesJson6902) {
		add("patchesJson6902", i, p.Path, p.Target, p.Options, "path")
	}
	for i, p := range slices.Backward(k.spec.Patches) {
		add("patches", i, p.Path, p.Target, p.Options, "path")
	}
	for i, v := range slices.Backward(k.spec.PatchesStrategicMerge) {
		file := string(v)
		if isInlinePatch(file) {
			file = ""
		}
		add("patchesStrategicMerge", i, file, nil, nil)
	}
	return l
}

// patchFile is the text of a patch file; nil if there is none.
func (f *files) patchFile(k *kustomization, p string) *source.Source {
	return f.textOf(k, ref{use: usePatch, path: p})
}

// operations of a JSON 6902 patch; nil if it is of another kind.
func (p patch) operations() []*yaml.Node {
	p.source.Parse()
	if len(p.source.Docs) == 0 || p.source.Docs[0].Node == nil || p.source.Docs[0].Node.Kind != yaml.SequenceNode {
		return nil
	}
	return p.source.Docs[0].Node.Content
}

// applies reports whether a patch is meant for an object.
func (p patch) applies(o *object, doc *yaml.Node) bool {
	if t := p.target; t != nil {
		return o.build.selects(o, t)
	}
	return doc != nil && o.isKind(node.Text(doc, "kind")) && o.isNamed(node.Text(doc, "metadata", "name"))
}

// selects reports whether a selector means an object, by its kind and name in the
// output or where it is declared.
func (b *build) selects(o *object, t *types.Selector) bool {
	kind := b.matches(t.Kind, node.Text(o.root, "kind")) || o.base != nil && o.base.node != nil && b.matches(t.Kind, node.Text(o.base.node, "kind"))
	return kind && (b.matches(t.Name, node.Text(o.root, "metadata", "name")) || o.base != nil && b.matches(t.Name, o.base.name))
}

// matches applies a pattern of a selector, which holds for the whole text.
func (b *build) matches(pattern, s string) bool {
	if pattern == "" || pattern == s {
		return true
	}
	re, seen := b.patterns[pattern]
	if !seen {
		re, _ = regexp.Compile("^(?:" + pattern + ")$") // nil: kustomize has said that it is invalid
		if b.patterns == nil {
			b.patterns = map[string]*regexp.Regexp{}
		}
		b.patterns[pattern] = re
	}
	return re != nil && re.MatchString(s)
}

// byPatches finds a value in the patches of a kustomization.
func (o *object) byPatches(k *kustomization, n *yaml.Node, steps []walk.Step) (claim, bool) {
	return o.patched(k, n, steps, false)
}

// inPatches finds a key or a collection that a patch has added.
func (o *object) inPatches(n *yaml.Node, steps []walk.Step, key bool) (claim, bool) {
	for _, k := range o.layers {
		if c, ok := o.patched(k, n, steps, key); ok {
			return c, true
		}
	}
	return claim{}, false
}

func (o *object) patched(k *kustomization, n *yaml.Node, steps []walk.Step, key bool) (claim, bool) {
	for _, a := range slices.Backward(o.patchesApplied()) {
		if a.k != k {
			continue
		}
		if a.op != nil {
			if c, ok := o.byOperation(a, n, steps, key); ok {
				return c, true
			}
			continue
		}
		if c, ok := o.build.claimAt(a.source, a.doc, n, steps, key); ok {
			c.at, c.label = a.patch.at, a.patch.at.label()
			return c, true
		}
	}
	return claim{}, false
}

// byOperation finds a node in what a JSON 6902 operation has set.
func (o *object) byOperation(a appliedPatch, n *yaml.Node, steps []walk.Step, key bool) (claim, bool) {
	p, op, value := a.patch, a.op, node.Child(a.op, "value")
	kind := node.Text(op, "op")
	copies := kind == "copy" || kind == "move"
	parts, ok := a.pointer()
	if value == nil && !copies || !ok || !o.pointsTo(a, parts, steps, kind == "add" || copies) {
		return claim{}, false
	}
	end := steps[len(parts)-1]
	rest := steps[len(parts):]
	var c claim
	switch {
	case copies:
		c, ok = o.byCopy(p, op, n, rest, key)
	case key && len(rest) == 0: // the key itself is the end of the pointer
		c = o.build.claimIn(p.source, node.Child(op, "path"))
	case end.Index >= 0 && len(rest) > 0 && !sameElement(end.Elem, value):
		return claim{}, false
	default:
		c, ok = o.build.claimAt(p.source, value, n, rest, key)
	}
	c.at, c.label = p.at, p.at.label()
	return c, ok
}

// byCopy explains what an operation has copied or moved, if the object as declared
// or an earlier patch has it where it was copied from. The operation is the place:
// that is where a person stops the copy.
func (o *object) byCopy(p patch, op, n *yaml.Node, rest []walk.Step, key bool) (claim, bool) {
	from := strings.TrimPrefix(node.Text(op, "from"), "/")
	if o.base == nil || o.base.node == nil {
		return claim{}, false
	}
	source := o.base.node
	unescape := strings.NewReplacer("~1", "/", "~0", "~")
	for part := range strings.SplitSeq(from, "/") {
		source = walk.Part(source, unescape.Replace(part))
	}
	if source == nil {
		return claim{}, false
	}
	written, ok := o.build.claimIn(o.base.source, walk.FirstScalar(source)), true
	if !key || len(rest) > 0 {
		written, ok = o.build.claimAt(o.base.source, source, n, rest, key)
	}
	if !ok {
		return claim{}, false
	}
	c := o.build.claimIn(p.source, node.Child(op, "from"))
	c.origin.Trail = []lint.Step{{Kind: lint.StepBase, Position: written.origin.Position, Label: o.base.label() + " " + strings.ReplaceAll(from, "/", ".")}}
	return c, true
}

// sameElement reports whether an element of the output is one that was added:
// what names it agrees, or all that it holds.
func sameElement(elem, added *yaml.Node) bool {
	name := node.Text(elem, "name")
	return name == node.Text(added, "name") && (name != "" || walk.Same(elem, added))
}
