package kustomize

import (
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/kustomize/walk"
)

// appliedPatch is what one document or one operation of a patch does to an object.
type appliedPatch struct {
	patch
	k     *kustomization
	doc   *yaml.Node // of a strategic-merge patch; nil for an operation
	op    *yaml.Node // of a JSON 6902 patch; nil for a document
	place int        // among those of the object
}

// patchesApplied lists what patches do to the object, the first applied first.
func (o *object) patchesApplied() []appliedPatch {
	o.findBase()
	if o.patches != nil {
		return o.patches
	}
	o.patches = []appliedPatch{}
	add := func(p patch, k *kustomization, doc, op *yaml.Node) {
		o.patches = append(o.patches, appliedPatch{p, k, doc, op, len(o.patches)})
	}
	for _, k := range slices.Backward(o.layers) {
		for _, p := range slices.Backward(o.build.patchesOf(k)) {
			if ops := p.operations(); ops != nil {
				if p.applies(o, nil) {
					for _, op := range ops {
						add(p, k, nil, node.Deref(op))
					}
				}
				continue
			}
			for _, doc := range p.source.ParsedObjects() {
				if p.applies(o, doc) {
					add(p, k, doc, nil)
				}
			}
		}
	}
	return o.patches
}

// pointer is the parts of the path that an operation changes. ok is false if it has none.
func (a appliedPatch) pointer() (parts []string, ok bool) {
	p, ok := strings.CutPrefix(node.Text(a.op, "path"), "/")
	return strings.Split(p, "/"), ok
}

// pointsTo reports whether a JSON pointer of an operation leads where steps of the output start. A
// number counts the elements that were there then: patches move elements. One that the operation
// adds may be anywhere.
func (o *object) pointsTo(a appliedPatch, parts []string, steps []walk.Step, added bool) bool {
	return len(parts) <= len(steps) && walk.PointsTo(parts, steps, func(i int) bool {
		if parts[i] == "-" || added && i == len(parts)-1 {
			return true
		}
		place, err := strconv.Atoi(parts[i])
		name := elementName(steps[:i+1])
		if names := o.namesIn(steps[:i], a.place); err == nil && name != "" && place < len(names) {
			return names[place] == name
		}
		return parts[i] == strconv.Itoa(steps[i].Index)
	})
}

// elementName is what names the element that the last step leads to. Empty if nothing does.
func elementName(steps []walk.Step) string {
	list, s := "", steps[len(steps)-1]
	if len(steps) > 1 {
		list = steps[len(steps)-2].Key
	}
	return walk.NameOf(list, s.Elem)
}

// namesIn lists the names of the elements that a list had before a patch was applied. Elements
// that nothing names have an empty name.
func (o *object) namesIn(list []walk.Step, before int) []string {
	var key strings.Builder
	for i, s := range list {
		key.WriteString("/" + s.Key)
		if s.Index >= 0 {
			key.WriteString(elementName(list[:i+1]) + "#" + strconv.Itoa(s.Index))
		}
	}
	history, known := o.names[key.String()]
	if !known {
		history = o.nameHistory(list)
		if o.names == nil {
			o.names = map[string][][]string{}
		}
		o.names[key.String()] = history
	}
	return history[before]
}

// nameHistory is the names of a list before each of the patches.
func (o *object) nameHistory(list []walk.Step) [][]string {
	var names []string
	if o.base != nil {
		names = namesOf(o.base.node, list)
	}
	history := make([][]string, 0, len(o.patchesApplied()))
	for _, a := range o.patchesApplied() {
		history = append(history, names)
		if a.doc != nil {
			names = mergedNames(names, a.doc, list)
			continue
		}
		names = o.operatedNames(names, a, list)
	}
	return history
}

func namesOf(root *yaml.Node, list []walk.Step) (names []string) {
	_, l := walk.Follow(root, list)
	for _, e := range node.Items(l) {
		names = append(names, walk.NameOf(list[len(list)-1].Key, e))
	}
	return names
}

// mergedNames are those of a list after a strategic-merge patch: its elements come first.
func mergedNames(names []string, doc *yaml.Node, list []walk.Step) []string {
	_, l := walk.Follow(doc, list)
	if l == nil || l.Kind != yaml.SequenceNode {
		return names
	}
	var first, removed []string
	replaces := false
	for _, e := range node.Items(l) {
		name := walk.NameOf(list[len(list)-1].Key, e)
		switch directive := node.Text(e, "$patch"); {
		case directive == "replace":
			replaces = true
		case directive == "delete":
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

// operatedNames are those of a list after an operation.
func (o *object) operatedNames(names []string, a appliedPatch, list []walk.Step) []string {
	parts, ok := a.pointer()
	kind, value := node.Text(a.op, "op"), node.Child(a.op, "value")
	switch {
	case !ok || len(parts) > len(list)+1 || kind != "add" && kind != "replace" && kind != "remove":
		return names
	case len(parts) <= len(list):
		if !o.pointsTo(a, parts, list, false) {
			return names
		}
		_, l := walk.Follow(value, list[len(parts):])
		names = nil
		for _, e := range node.Items(l) {
			names = append(names, walk.NameOf(list[len(list)-1].Key, e))
		}
		return names
	case !o.pointsTo(a, parts[:len(list)], list, false):
		return names
	}
	place, err := strconv.Atoi(parts[len(list)])
	if err != nil || place > len(names) || kind != "add" && place == len(names) {
		place = len(names)
	}
	name := walk.NameOf(list[len(list)-1].Key, value)
	names = slices.Clone(names)
	switch {
	case kind == "add":
		return slices.Insert(names, place, name)
	case place == len(names):
	case kind == "remove":
		return slices.Delete(names, place, place+1)
	default:
		names[place] = name
	}
	return names
}

// withoutField is the patch because of which a field is not there: the map in which it
// should be was replaced or removed, or the field was. The value of a base is then of no use.
func (o *object) withoutField(at []walk.Step, missing string) (claim, bool) {
	missing, _, _ = strings.Cut(missing, "[") // the rest are elements of lists, or keys with dots
	want := slices.Clip(at)
	for key := range strings.SplitSeq(strings.TrimSuffix(missing, "."), ".") {
		if key != "" {
			want = append(want, walk.Step{Key: key, Index: -1})
		}
	}
	var later claim // a patch after that, which has what the field would be in
	found := false
	for _, a := range slices.Backward(o.patchesApplied()) {
		n, depth := o.removes(a, want)
		switch {
		case n == nil && a.doc != nil && !found:
			if k, v := walk.Follow(a.doc, at); k != nil && v.Kind == yaml.MappingNode {
				later, found = o.claimPatch(a, k), true
			}
		case n == nil:
		case depth <= len(at) && found:
			return later, true
		default:
			return o.claimPatch(a, n), true
		}
	}
	return claim{}, false
}

func (o *object) claimPatch(a appliedPatch, n *yaml.Node) claim {
	c := o.build.claimIn(a.source, n)
	c.kind, c.at, c.label = lint.StepPatch, a.patch.at, a.patch.at.label()
	return c
}

// removes is the place in a patch that keeps a field from being there, and how much of the way to the field it
// removes or replaces. It is nil if the patch does not.
func (o *object) removes(a appliedPatch, want []walk.Step) (at *yaml.Node, depth int) {
	if a.doc != nil {
		return removedByMerge(a.doc, want)
	}
	parts, ok := a.pointer()
	value := node.Child(a.op, "value")
	switch kind := node.Text(a.op, "op"); {
	case kind == "move":
		from, ok := strings.CutPrefix(node.Text(a.op, "from"), "/")
		if parts := strings.Split(from, "/"); ok && o.pointsTo(a, parts, want, false) && want[len(parts)-1].Index < 0 {
			return node.Child(a.op, "from"), len(parts)
		}
	case !ok || !o.pointsTo(a, parts, want, false) || want[len(parts)-1].Index >= 0: // fields of an element have places in it
	case kind == "remove":
		return node.Child(a.op, "path"), len(parts)
	case (kind == "add" || kind == "replace") && value != nil && (value.Kind == yaml.MappingNode || value.Tag == "!!null"):
		at, _ := node.Get(a.op, "value")
		for i := len(parts) + 1; i <= len(want); i++ {
			k, v := walk.Follow(value, want[len(parts):i])
			if v == nil {
				break
			}
			if k != nil {
				at = k
			}
		}
		return at, len(parts)
	}
	return nil, 0
}

// removedByMerge is that of a strategic-merge patch: null in place of a value, or a map that
// replaces another.
func removedByMerge(doc *yaml.Node, want []walk.Step) (at *yaml.Node, depth int) {
	replaced := 0
	for i := range want {
		k, v := walk.Follow(doc, want[:i+1])
		switch {
		case v == nil:
			return at, replaced
		case v.Kind == yaml.ScalarNode && v.Tag == "!!null" && k != nil:
			return k, i + 1
		}
		if replaced == 0 && replaces(v) {
			replaced = i + 1
		}
		if replaced > 0 && k != nil {
			at = k
		}
	}
	return at, replaced
}

// replaces reports whether a map or list of a patch takes the place of what is there.
func replaces(n *yaml.Node) bool {
	if n.Kind == yaml.SequenceNode {
		for _, e := range node.Items(n) {
			if node.Text(e, "$patch") == "replace" {
				return true
			}
		}
	}
	return node.Text(n, "$patch") == "replace"
}
