package kustomize

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/types"

	"github.com/kubevet/kubevet/lint"
)

// patch is an entry of patches, patchesStrategicMerge or patchesJson6902.
type patch struct {
	at     user
	source *source
	target *types.Selector
}

// patchesOf lists the patches of a kustomization, the last applied first.
func (b *build) patchesOf(k *kustomization) []patch {
	var l []patch
	add := func(field string, i int, file string, target *types.Selector, keys ...any) {
		e := entry{k.source.name, field, i}
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
			l = append(l, patch{user{k, ref{entry: e, use: usePatch, path: file, keys: keys}}, s, target})
		}
	}
	for i, p := range slices.Backward(k.spec.PatchesJson6902) {
		add("patchesJson6902", i, p.Path, p.Target, "path")
	}
	for i, p := range slices.Backward(k.spec.Patches) {
		add("patches", i, p.Path, p.Target, "path")
	}
	for i, v := range slices.Backward(k.spec.PatchesStrategicMerge) {
		file := string(v)
		if isInlinePatch(file) {
			file = ""
		}
		add("patchesStrategicMerge", i, file, nil)
	}
	return l
}

// patchFile is the text of a patch file; nil if there is none.
func (f *files) patchFile(k *kustomization, p string) *source {
	return f.textOf(k, ref{use: usePatch, path: p})
}

// operations of a JSON 6902 patch; nil if it is of another kind.
func (p patch) operations() []*yaml.Node {
	p.source.parse()
	if len(p.source.docs) == 0 || p.source.docs[0].Node == nil || p.source.docs[0].Node.Kind != yaml.SequenceNode {
		return nil
	}
	return p.source.docs[0].Node.Content
}

// applies reports whether a patch is meant for an object.
func (p patch) applies(o *object, doc *yaml.Node) bool {
	if t := p.target; t != nil {
		return matches(t.Kind, text(o.root, "kind")) && (matches(t.Name, text(o.root, "metadata", "name")) || o.base != nil && matches(t.Name, o.base.name))
	}
	return doc != nil && text(doc, "kind") == text(o.root, "kind") && o.isNamed(text(doc, "metadata", "name"))
}

// matches applies a pattern of a selector, which holds for the whole text.
func matches(pattern, s string) bool {
	if pattern == "" || pattern == s {
		return true
	}
	re, err := regexp.Compile("^(?:" + pattern + ")$")
	return err == nil && re.MatchString(s)
}

// byPatches finds a value in the patches of a kustomization.
func (o *object) byPatches(k *kustomization, n *yaml.Node, steps []step) (claim, bool) {
	return o.patched(k, n, steps, false)
}

// inPatches finds a key or a collection that a patch has added.
func (o *object) inPatches(n *yaml.Node, steps []step, key bool) (claim, bool) {
	for _, k := range o.layers {
		if c, ok := o.patched(k, n, steps, key); ok {
			return c, true
		}
	}
	return claim{}, false
}

func (o *object) patched(k *kustomization, n *yaml.Node, steps []step, key bool) (claim, bool) {
	for _, p := range o.build.patchesOf(k) {
		ops := p.operations()
		if ops != nil && p.applies(o, nil) {
			for _, op := range slices.Backward(ops) {
				if c, ok := o.byOperation(p, resolve(op), n, steps, key); ok {
					return c, true
				}
			}
			continue
		}
		for _, doc := range p.source.parsedObjects() {
			if ops != nil || !p.applies(o, doc) {
				continue
			}
			if c, ok := o.build.claimAt(p.source, doc, n, steps, key); ok {
				c.at, c.label = p.at, p.at.label()
				return c, true
			}
		}
	}
	return claim{}, false
}

// byOperation finds a node in the value of a JSON 6902 operation.
func (o *object) byOperation(p patch, op, n *yaml.Node, steps []step, key bool) (claim, bool) {
	pointer, value := text(op, "path"), child(op, "value")
	if value == nil || !strings.HasPrefix(pointer, "/") {
		return claim{}, false
	}
	parts := strings.Split(pointer[1:], "/")
	if len(parts) > len(steps) || !pointsTo(parts, steps, text(op, "op") == "add") {
		return claim{}, false
	}
	end := steps[len(parts)-1]
	if key && len(parts) == len(steps) { // the key itself is the end of the pointer
		c := o.build.claimIn(p.source, child(op, "path"))
		c.at, c.label = p.at, p.at.label()
		return c, true
	}
	if end.index >= 0 && len(parts) < len(steps) && !sameElement(end.elem, value) {
		return claim{}, false
	}
	c, ok := o.build.claimAt(p.source, value, n, steps[len(parts):], key)
	c.at, c.label = p.at, p.at.label()
	return c, ok
}

// pointsTo reports whether a JSON pointer leads where steps start. An element
// that was added may have been moved by later ones.
func pointsTo(parts []string, steps []step, added bool) bool {
	unescape := strings.NewReplacer("~1", "/", "~0", "~")
	for i, part := range parts {
		switch s := steps[i]; {
		case s.index < 0 && unescape.Replace(part) != s.key:
			return false
		case s.index < 0 || added && i == len(parts)-1:
		case part != strconv.Itoa(s.index) && part != "-":
			return false
		}
	}
	return true
}

// sameElement reports whether an element of the output is one that was added:
// what names it agrees, or all that it holds.
func sameElement(elem, added *yaml.Node) bool {
	name := text(elem, "name")
	return name == text(added, "name") && (name != "" || same(elem, added))
}

// kustomizationAt is the one that a path in another refers to; nil if it was
// not read.
func (b *build) kustomizationAt(k *kustomization, p string) *kustomization {
	return b.files.kustomizations[path.Join(k.dir, p)]
}

// byPlugins finds a value in the configuration of kustomize's own transformers,
// where it is under the same key.
func (o *object) byPlugins(k *kustomization, n *yaml.Node, steps []step) (claim, bool) {
	key := last(steps, 0)
	if key == "" {
		return claim{}, false
	}
	for _, p := range slices.Backward(k.plugins) {
		if o.build.dropped[p.at.entry] || p.at.field == "validators" {
			continue
		}
		if v := valueOf(p.node, key, n.Value); v != nil {
			return claim{origin: p.source.origin(v), kind: lint.StepPatch, at: p.at, label: p.at.label()}, true
		}
	}
	return claim{}, false
}

// valueOf finds a key with a value anywhere below a node.
func valueOf(n *yaml.Node, key, value string) *yaml.Node {
	if v := child(n, key); literal(v, value) {
		return v
	}
	for _, c := range n.Content {
		if v := valueOf(resolve(c), key, value); v != nil {
			return v
		}
	}
	return nil
}
