package kustomize

import (
	"regexp"
	"slices"
	"strconv"
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

// sets is the text that the operations of a JSON 6902 patch give a field. It is empty if they give it none.
func (p patch) sets(field string) (text string) {
	for _, op := range p.operations() {
		if node.Text(op, "path") == field && node.Text(op, "op") != "test" {
			text = node.Text(op, "value")
		}
	}
	return text
}

// applies reports whether a patch is meant for an object.
func (p patch) applies(o *object, doc *yaml.Node) bool {
	if t := p.target; t != nil {
		return o.build.selects(o, t)
	}
	return doc != nil && o.isKind(node.Text(doc, "kind")) && o.isNamed(node.Text(doc, "metadata", "name"))
}

// selects reports whether a selector means an object, by its kind, name, labels and annotations in the
// output or where it is declared.
func (b *build) selects(o *object, t *types.Selector) bool {
	kind := b.matches(t.Kind, node.Text(o.root, "kind")) || o.base != nil && o.base.node != nil && b.matches(t.Kind, node.Text(o.base.node, "kind"))
	return kind && (b.matches(t.Name, node.Text(o.root, "metadata", "name")) || o.base != nil && b.matches(t.Name, o.base.name)) &&
		b.hasLabels(o, "labels", t.LabelSelector) && b.hasLabels(o, "annotations", t.AnnotationSelector)
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
	return o.inLayers(func(k *kustomization) (claim, bool) { return o.patched(k, n, steps, key) })
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
			c.at, c.label = a.at, a.at.label()
			return c, true
		}
	}
	return claim{}, false
}

// addedElement finds the element of a list in the patch that adds it: others only change what is in it.
func (o *object) addedElement(n *yaml.Node, steps []walk.Step, key bool) (claim, bool) {
	last := len(steps) - 1
	if key || last < 0 || steps[last].Index < 0 || elementName(steps) == "" || o.route == nil {
		return claim{}, false
	}
	patches := o.patchesApplied()
	at := len(patches) - 1
	for at >= 0 && slices.Contains(o.namesIn(steps[:last], at), elementName(steps)) {
		at--
	}
	if at < 0 {
		return claim{}, false
	}
	a := patches[at]
	if a.doc != nil {
		c, ok := o.build.claimAt(a.source, a.doc, n, steps, false)
		c.at, c.label = a.at, a.at.label()
		return c, ok
	}
	if parts, ok := a.pointer(); !ok || len(parts) == len(steps) && !sameElement(steps[last].Elem, node.Child(a.op, "value")) {
		return claim{}, false
	}
	return o.byOperation(a, n, steps, false)
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
	for part := range strings.SplitSeq(from, "/") {
		source = walk.Part(source, node.PointerKey(part))
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
	return name == node.Text(added, "name") && (name != "" || node.IsSame(elem, added))
}

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
	for _, k := range slices.Backward(o.layers) {
		for _, p := range slices.Backward(o.build.patchesOf(k)) {
			for _, a := range p.partsFor(o, k) {
				a.place = len(o.patches)
				o.patches = append(o.patches, a)
			}
		}
	}
	return o.patches
}

// partsFor lists the documents or the operations of a patch of a kustomization that are meant for an object. They have no place yet.
func (p patch) partsFor(o *object, k *kustomization) (parts []appliedPatch) {
	if ops := p.operations(); ops != nil {
		if !p.applies(o, nil) {
			return nil
		}
		for _, op := range ops {
			parts = append(parts, appliedPatch{patch: p, k: k, op: node.Deref(op)})
		}
		return parts
	}
	for _, doc := range p.source.ParsedObjects() {
		if p.applies(o, doc) {
			parts = append(parts, appliedPatch{patch: p, k: k, doc: doc})
		}
	}
	return parts
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

// isReplacedAbove reports whether an operation replaces something around a node: what the base has there is removed, also if it is equal.
func (o *object) isReplacedAbove(steps []walk.Step) bool {
	return slices.ContainsFunc(o.patchesApplied(), func(a appliedPatch) bool {
		if a.op == nil || node.Text(a.op, "op") != "replace" {
			return false
		}
		parts, ok := a.pointer()
		return ok && len(parts) < len(steps) && o.pointsTo(a, parts, steps, false)
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
		names = walk.Names(o.base.node, list)
	}
	history := make([][]string, 0, len(o.patchesApplied()))
	for _, a := range o.patchesApplied() {
		history = append(history, names)
		if a.doc != nil {
			names = walk.MergedNames(names, a.doc, list)
			continue
		}
		names = o.operatedNames(names, a, list)
	}
	return history
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
	r, later := o.removed(at, missing)
	switch {
	case later != nil:
		return *later, true
	case r == nil:
		return claim{}, false
	}
	return o.claimPatch(r.by, r.at), true
}

// removed is what a patch did to a field that is not there.
type removed struct {
	by appliedPatch
	at *yaml.Node
	// way leads to what the patch removed or replaced: the field, or a map in which it should be. want leads to the field.
	way, want []walk.Step
}

// removed is the last patch because of which a field is not there, or the place in a patch after it that has what the field would
// be in.
func (o *object) removed(at []walk.Step, missing string) (r *removed, later *claim) {
	missing, _, _ = strings.Cut(missing, "[") // the rest are elements of lists, or keys with dots
	want := slices.Clip(at)
	for key := range strings.SplitSeq(strings.TrimSuffix(missing, "."), ".") {
		if key != "" {
			want = append(want, walk.Step{Key: key, Index: -1})
		}
	}
	for _, a := range slices.Backward(o.patchesApplied()) {
		n, depth := o.removes(a, want)
		switch {
		case n == nil && a.doc != nil && later == nil:
			if k, v := walk.Follow(a.doc, at); k != nil && v.Kind == yaml.MappingNode {
				c := o.claimPatch(a, k)
				later = &c
			}
		case n == nil:
		case o.mayBeOfAnother(a.k, func(k *kustomization) bool { return o.removedIn(k, want) }):
			return nil, nil
		case depth <= len(at) && later != nil:
			return nil, later
		default:
			return &removed{a, n, want[:depth], want}, nil
		}
	}
	return nil, nil
}

// Removal is what of a patch removes a value that is not there, if the patch is its place.
func (o *object) Removal(v lint.Value) *lint.Removal {
	n, missing := v.Anchor()
	if n == nil || missing == "" {
		return nil
	}
	steps, isKey := o.steps(n)
	r, _ := o.removed(steps, missing)
	if isKey {
		_, n = node.Get(o.ways[n].parent, n.Value)
	}
	switch {
	case r == nil:
		return nil
	case r.by.doc != nil:
		if _, v := walk.Follow(r.by.doc, r.way); !node.IsNull(v) && node.Text(v, "$patch") != "delete" {
			return nil
		}
		return &lint.Removal{Part: "this entry", Without: o.without(r, n, steps)}
	case node.Text(r.by.op, "op") == "remove" && o.neverHad(r):
		return &lint.Removal{Part: "this operation", LacksValue: true}
	case node.Text(r.by.op, "op") == "remove", node.IsNull(node.Child(r.by.op, "value")) && node.Text(r.by.op, "op") != "move":
		return &lint.Removal{Part: "this operation", Without: o.without(r, n, steps)}
	}
	return nil
}

// neverHad reports whether the field is not in what a patch removed: the base lacks it, and no other patch may set it.
func (o *object) neverHad(r *removed) bool {
	if o.base == nil || o.base.node == nil {
		return false
	}
	_, v := walk.Follow(o.base.node, r.want)
	return v == nil && !slices.ContainsFunc(o.patchesApplied(), func(a appliedPatch) bool { return a.place != r.by.place && o.changes(a, r.want) })
}

// without is the object as it is without a part of a patch: with what the base has where that part removes it, below a mapping of
// the object. It is nil if that is not known: other patches change what the part removes, too.
func (o *object) without(r *removed, below *yaml.Node, at []walk.Step) *yaml.Node {
	if o.base == nil || o.base.node == nil || below == nil || below.Kind != yaml.MappingNode || len(r.way) <= len(at) {
		return nil
	}
	key, value := walk.Follow(o.base.node, r.way)
	if key == nil || value == nil || slices.ContainsFunc(o.patchesApplied(), func(a appliedPatch) bool { return a.place != r.by.place && o.changes(a, r.way) }) {
		return nil
	}
	for i := len(r.way) - 1; i > len(at); i-- { // kustomize drops mappings that are empty
		value = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Content: []*yaml.Node{key, value}}
		if key, _ = walk.Follow(o.base.node, r.way[:i]); key == nil {
			return nil
		}
	}
	now, with := below, *below
	with.Content = append(slices.Clone(below.Content), key, value)
	for now != o.root {
		w, ok := o.ways[now]
		if !ok {
			return nil
		}
		above := *w.parent
		above.Content = slices.Clone(above.Content)
		i := slices.IndexFunc(above.Content, func(n *yaml.Node) bool { return node.Deref(n) == now })
		if i < 0 {
			return nil
		}
		child := with
		above.Content[i] = &child
		now, with = w.parent, above
	}
	return &with
}

// changes reports whether a patch may change what is at a place, or below it.
func (o *object) changes(a appliedPatch, way []walk.Step) bool {
	if a.doc != nil {
		_, v := walk.Follow(a.doc, way)
		removes, _ := removedByMerge(a.doc, way)
		return v != nil || removes != nil
	}
	parts, ok := a.pointer()
	n := min(len(parts), len(way))
	if ok && n == len(parts) && addsAnother(a, way[:n]) {
		return false
	}
	return !ok || node.Text(a.op, "op") == "move" || o.pointsTo(a, parts[:n], way[:n], true)
}

// addsAnother reports whether an operation adds an element to a list that has another name than the element to which a way leads.
func addsAnother(a appliedPatch, way []walk.Step) bool {
	last := len(way) - 1
	if last < 1 || way[last].Index < 0 || node.Text(a.op, "op") != "add" {
		return false
	}
	added, own := walk.NameOf(way[last-1].Key, node.Child(a.op, "value")), elementName(way)
	return added != "" && own != "" && added != own
}

// removedIn reports whether a patch of a kustomization keeps a field from being there.
func (o *object) removedIn(k *kustomization, want []walk.Step) bool {
	return slices.ContainsFunc(o.patchesApplied(), func(a appliedPatch) bool {
		if a.k != k {
			return false
		}
		n, _ := o.removes(a, want)
		return n != nil
	})
}

func (o *object) claimPatch(a appliedPatch, n *yaml.Node) claim {
	c := o.build.claimIn(a.source, n)
	c.kind, c.at, c.label = lint.StepPatch, a.at, a.at.label()
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

// removedByMerge is that of a strategic-merge patch: null in place of a value, a map that says so, or a map that
// replaces another.
func removedByMerge(doc *yaml.Node, want []walk.Step) (at *yaml.Node, depth int) {
	replaced := 0
	for i := range want {
		k, v := walk.Follow(doc, want[:i+1])
		switch {
		case v == nil:
			return at, replaced
		case (v.Kind == yaml.ScalarNode && v.Tag == "!!null" || node.Text(v, "$patch") == "delete") && k != nil:
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
