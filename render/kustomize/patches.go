package kustomize

import (
	"path"
	"regexp"
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
			s = b.files.patchFile(path.Join(k.dir, file))
		}
		if s != nil {
			l = append(l, patch{user{k, ref{entry: e, use: usePatch, path: file, keys: keys}}, s, target})
		}
	}
	for i := len(k.spec.PatchesJson6902) - 1; i >= 0; i-- {
		p := k.spec.PatchesJson6902[i]
		add("patchesJson6902", i, p.Path, p.Target, "path")
	}
	for i := len(k.spec.Patches) - 1; i >= 0; i-- {
		p := k.spec.Patches[i]
		add("patches", i, p.Path, p.Target, "path")
	}
	for i := len(k.spec.PatchesStrategicMerge) - 1; i >= 0; i-- {
		file := string(k.spec.PatchesStrategicMerge[i])
		if isInlinePatch(file) {
			file = ""
		}
		add("patchesStrategicMerge", i, file, nil)
	}
	return l
}

// patchFile is the text of a patch file; nil if it was not read.
func (f *files) patchFile(name string) *source {
	if s := f.sources[name]; s != nil || !f.seen[name] {
		return s
	}
	data, err := f.build.tree.ReadFile(name)
	if err != nil {
		return nil
	}
	s := f.newSource(name, data)
	s.patch = true
	f.sources[name] = s
	return s
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
	for _, l := range o.layers {
		if c, ok := o.patched(l.k, n, steps, key); ok {
			return c, true
		}
	}
	return claim{}, false
}

func (o *object) patched(k *kustomization, n *yaml.Node, steps []step, key bool) (claim, bool) {
	for _, p := range o.build.patchesOf(k) {
		ops := p.operations()
		if ops != nil && p.applies(o, nil) {
			for i := len(ops) - 1; i >= 0; i-- {
				if c, ok := o.byOperation(p, resolve(ops[i]), n, steps, key); ok {
					return c, true
				}
			}
			continue
		}
		for _, doc := range p.source.objects {
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
	if len(parts) > len(steps) || key && len(parts) == len(steps) {
		if !key || len(parts) != len(steps) {
			return claim{}, false
		}
	}
	unescape := strings.NewReplacer("~1", "/", "~0", "~")
	for i, part := range parts {
		s := steps[i]
		switch {
		case s.index < 0:
			if unescape.Replace(part) != s.key {
				return claim{}, false
			}
		case i == len(parts)-1 && text(op, "op") == "add": // later ones may have moved it
		case part != strconv.Itoa(s.index) && part != "-":
			return claim{}, false
		}
	}
	if key && len(parts) == len(steps) { // the key itself is the end of the pointer
		c := o.build.claimIn(p.source, child(op, "path"))
		c.at, c.label = p.at, p.at.label()
		return c, true
	}
	rest := steps[len(parts):]
	at := value
	if len(parts) > 0 && steps[len(parts)-1].index >= 0 && len(rest) > 0 {
		// An element is this one only if what names it agrees.
		elem := steps[len(parts)-1].elem
		name := text(elem, "name")
		if name != text(value, "name") || name == "" && !same(elem, value) {
			return claim{}, false
		}
	}
	c, ok := o.build.claimAt(p.source, at, n, rest, key)
	if ok {
		c.at, c.label = p.at, p.at.label()
	}
	return c, ok
}

// kustomizationAt is the one that a path in another refers to; nil if it was
// not read.
func (b *build) kustomizationAt(k *kustomization, p string) *kustomization {
	return b.files.kustomizations[path.Join(k.dir, p)]
}

// byPlugins finds a value in the configuration of kustomize's own transformers,
// where it stands under the same key.
func (o *object) byPlugins(k *kustomization, n *yaml.Node, steps []step) (claim, bool) {
	key := last(steps, 0)
	if key == "" {
		return claim{}, false
	}
	for i := len(k.spec.Transformers) - 1; i >= 0; i-- {
		e := entry{k.source.name, "transformers", i}
		s := o.build.files.patchFile(path.Join(k.dir, k.spec.Transformers[i]))
		if s == nil || o.build.dropped[e] {
			continue
		}
		s.parse()
		for _, doc := range s.objects {
			if v := valueOf(doc, key, n.Value); v != nil {
				u := user{k, ref{entry: e, use: usePlugin}}
				return claim{origin: s.origin(v), kind: lint.StepPatch, at: u, label: u.label()}, true
			}
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
