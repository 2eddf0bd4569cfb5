package kustomize

import (
	"cmp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/kustomize/edit"
	"github.com/kubevet/kubevet/render/kustomize/source"
	"github.com/kubevet/kubevet/render/kustomize/walk"
)

// object is one object of the output, and the Locator of its values.
type object struct {
	build *build
	root  *yaml.Node
	line  int    // of its first line in the output
	text  []byte // as it is there
	lines int    // of text

	ways     map[*yaml.Node]way
	base     *base
	routes   []routeTo        // that it may have come by
	route    route            // that it came by; nil if that is not known
	layers   []*kustomization // that it passed through, the one that is built first
	based    bool
	patches  []appliedPatch        // nil until they are needed
	names    map[string][][]string // of lists, before each patch
	rendered *yaml.Node
	byLine   map[int]*yaml.Node
}

// way is how a node is reached from its parent.
type way struct {
	parent *yaml.Node
	step   walk.Step
	key    bool // the node is the key of what the step leads to
}

// claim is a place that is known to have given a value.
type claim struct {
	origin lint.Origin
	kind   lint.StepKind  // patch, base or kustomization
	at     user           // the entry that brought it in
	label  string         // of the entry, as in images[2].newTag
	image  string         // the name in an entry of images
	in     *lineOf        // where the node was read; nil if it was not by its line
	source *source.Source // that has the value; nil for an entry of a kustomization
	node   *yaml.Node     // the value in the source
	file   *source.Source // the file that is the value, which a generator read
}

// lineOf is a line of a source.
type lineOf struct {
	source *source.Source
	line   int
}

// Locate is where a value can be edited.
func (o *object) Locate(v lint.Value) lint.Origin {
	n, missing := v.Anchor()
	if n == nil {
		n = o.root
	}
	steps, key := o.steps(n)
	c := o.claim(n, steps, key, 0)
	if missing != "" {
		if patch, ok := o.withoutField(steps, missing); ok {
			return o.withTrail(patch, steps, key)
		}
	}
	if at, w, ok := o.inChart(v, c, steps, key); ok {
		c.origin = at.Locate(w)
	}
	return o.withTrail(c, steps, key)
}

// LocateLineIn is where a line of a value that is text can be edited. ok is false unless
// the place is sure.
func (o *object) LocateLineIn(v lint.Value, line int) (at lint.Origin, ok bool) {
	if !v.IsScalar() {
		return at, false
	}
	steps, key := o.steps(v.Node)
	c := o.claim(v.Node, steps, key, 0)
	locator, w, inChart := o.inChart(v, c, steps, key)
	chart, ok := locator.(interface {
		LocateLineIn(v lint.Value, line int) (lint.Origin, bool)
	})
	switch {
	case inChart && ok && w.IsScalar():
		if at, ok = chart.LocateLineIn(w, line); ok {
			c.origin = at
			at = o.withTrail(c, steps, key)
		}
		return at, ok
	case c.file != nil: // whoever asks compares the line: a Secret holds the file in base64
		c.origin = c.file.Text.LocateLine(line)
		return o.withTrail(c, steps, key), true
	case c.source != nil && c.source.Chart == nil && !c.source.IsInline() && c.node.Style&yaml.LiteralStyle != 0:
		at = c.source.Text.LocateLine(c.node.Line + line)
	default:
		return at, false
	}
	c.origin = at
	lines := strings.Split(v.Node.Value, "\n")
	return o.withTrail(c, steps, key), line <= len(lines) && strings.TrimSpace(at.Text) == strings.TrimSpace(lines[line-1])
}

func (o *object) locate(n *yaml.Node, depth int) lint.Origin {
	if n == nil {
		n = o.root
	}
	steps, key := o.steps(n)
	return o.withTrail(o.claim(n, steps, key, depth), steps, key)
}

func (o *object) withTrail(c claim, steps []walk.Step, key bool) lint.Origin {
	c.origin.Trail = append(slices.Clip(c.origin.Trail), o.trail(c, steps, key)...)
	return c.origin
}

// claim finds what gave a node its value. A mapping belongs where the object is declared, if it is there
// too, whatever patches add to it: after a patch in JSON only their lines are known.
func (o *object) claim(n *yaml.Node, steps []walk.Step, key bool, depth int) claim {
	c := o.cause(n, steps, key, depth)
	if c.kind == lint.StepPatch && (identifies(steps) || n.Kind == yaml.MappingNode && !key) {
		o.findBase()
		if added, ok := o.addedElement(n, steps, key); ok {
			return added
		}
		if base, ok := o.inBase(n, steps, key); ok {
			return base
		}
	}
	return c
}

func (o *object) cause(n *yaml.Node, steps []walk.Step, key bool, depth int) claim {
	o.findBase()
	kept, isKept := o.direct(n)
	if isKept && !o.isForeign(kept) {
		return kept
	}
	if n.Kind == yaml.ScalarNode && !key {
		if c, ok := o.explained(n, steps, depth); ok {
			return c
		}
	}
	if isKept {
		return kept
	}
	if (n.Kind != yaml.ScalarNode || key) && o.isReplacedAbove(steps) {
		if c, ok := o.inPatches(n, steps, key); ok {
			return c
		}
	}
	if c, ok := o.inBase(n, steps, key); ok {
		return c
	}
	if n.Kind != yaml.ScalarNode || key {
		if c, ok := o.inPatches(n, steps, key); ok {
			return c
		}
	}
	return o.nearest(n, steps)
}

// identifies reports whether a field is one by which a patch names the object that
// it is for. Where they are as in the base, they are the base's.
func identifies(steps []walk.Step) bool {
	switch len(steps) {
	case 0:
		return true
	case 1:
		return steps[0].Key == "apiVersion" || steps[0].Key == "kind" || steps[0].Key == "metadata"
	case 2:
		return steps[0].Key == "metadata" && (steps[1].Key == "name" || steps[1].Key == "namespace")
	}
	return false
}

// direct goes by the line that a node has kept.
func (o *object) direct(n *yaml.Node) (claim, bool) {
	if n.Kind != yaml.ScalarNode {
		for i := range len(n.Content) {
			if n.Kind == yaml.MappingNode && i%2 == 1 && n.Content[i].Kind != yaml.ScalarNode {
				continue
			}
			if c, ok := o.direct(n.Content[i]); ok {
				return c, true
			}
		}
		return claim{}, false
	}
	s, line := o.sourceOf(n)
	if s == nil {
		return claim{}, false
	}
	m := s.Scalar(line, n.Column, n.Value)
	if m == nil {
		return claim{}, false
	}
	c := o.build.claimIn(s, m)
	c.in = &lineOf{s, line}
	return c, true
}

// isForeign reports whether a claim is in another object than the one that the
// object is declared as: a replacement has copied the node, with its line.
func (o *object) isForeign(c claim) bool {
	if c.kind != lint.StepBase || c.in == nil || o.base == nil || o.base.node == nil {
		return false
	}
	return c.in.source != o.base.source || c.in.source.ObjectAt(c.in.line) != o.base.node
}

// sourceOf is the source from which kustomize read a node, and the line in it.
func (o *object) sourceOf(n *yaml.Node) (*source.Source, int) {
	if o.root.Line < edit.FirstLine && n.Line <= 2*o.lines {
		return nil, 0 // written and read anew by kustomize: its line is of that text
	}
	return o.build.files.lines.Find(n.Line)
}

// claimIn is a value in a source.
func (b *build) claimIn(s *source.Source, n *yaml.Node) claim {
	c := claim{origin: s.Origin(n), kind: lint.StepBase, at: b.userOf(s), source: s, node: n}
	if s.Patch {
		c.kind = lint.StepPatch
	}
	c.label = c.at.label()
	return c
}

// userOf is the entry that brought a source in.
func (b *build) userOf(s *source.Source) user {
	if u, seen := b.usersOf[s]; seen {
		return u
	}
	if b.usersOf == nil {
		b.usersOf = map[*source.Source]user{}
	}
	b.usersOf[s] = b.findUser(s)
	return b.usersOf[s]
}

func (b *build) findUser(s *source.Source) user {
	if s.IsInline() {
		for _, k := range b.files.order {
			for e, p := range k.patches {
				if p == s {
					return user{k, ref{entry: e, use: usePatch}}
				}
			}
		}
	}
	for _, u := range b.files.users[s.Name] {
		if (u.use == usePatch) == s.Patch {
			return u
		}
	}
	return user{}
}

// steps is the way from the root to a node, or to the value of a key.
func (o *object) steps(n *yaml.Node) (steps []walk.Step, key bool) {
	if o.ways == nil {
		o.ways = map[*yaml.Node]way{}
		o.walk(o.root)
	}
	first := true
	for n != o.root {
		w, ok := o.ways[n]
		if !ok {
			break
		}
		key = key || first && w.key
		first = false
		steps = append(steps, w.step)
		n = w.parent
	}
	slices.Reverse(steps)
	return steps, key
}

func (o *object) walk(n *yaml.Node) {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			k, v := n.Content[i], node.Deref(n.Content[i+1])
			s := walk.Step{Key: k.Value, Index: -1}
			o.ways[k] = way{n, s, true}
			o.ways[v] = way{n, s, false}
			o.walk(v)
		}
	case yaml.SequenceNode:
		for i, c := range n.Content {
			c = node.Deref(c)
			o.ways[c] = way{n, walk.Step{Index: i, Elem: c}, false}
			o.walk(c)
		}
	case yaml.ScalarNode, yaml.DocumentNode, yaml.AliasNode:
	}
}

// inBase finds a node at its path in the object as declared.
func (o *object) inBase(n *yaml.Node, steps []walk.Step, key bool) (claim, bool) {
	if o.base == nil || o.base.node == nil {
		return claim{}, false
	}
	return o.build.claimAt(o.base.source, o.base.node, n, steps, key)
}

// claimAt claims the like of a node in another object, if it is equal.
func (b *build) claimAt(s *source.Source, root, n *yaml.Node, steps []walk.Step, key bool) (claim, bool) {
	k, v := walk.Follow(root, steps)
	switch {
	case v == nil && (len(steps) > 0 || root == nil):
		return claim{}, false
	case key:
		return b.claimIn(s, k), k != nil
	case n.Kind == yaml.ScalarNode:
		if !walk.HasText(v, n.Value) {
			return claim{}, false
		}
		return b.claimIn(s, v), true
	case v.Kind != n.Kind:
		return claim{}, false
	}
	if first := walk.FirstScalar(v); first != nil {
		return b.claimIn(s, first), true
	}
	return claim{}, false
}

// nearest is the closest place that is known for a node that nothing explains.
func (o *object) nearest(n *yaml.Node, steps []walk.Step) claim {
	var c claim
	found := false
	if s, line := o.sourceOf(n); s != nil && s.Chart == nil {
		c, found = o.build.claimIn(s, &yaml.Node{Kind: yaml.ScalarNode, Line: line, Column: n.Column}), true
	}
	for i := len(steps); i >= 0 && !found && o.base != nil && o.base.node != nil; i-- {
		k, v := walk.Follow(o.base.node, steps[:i])
		if k == nil {
			k = walk.FirstScalar(v)
		}
		if k != nil {
			c, found = o.build.claimIn(o.base.source, k), true
		}
	}
	if !found && o.base != nil {
		c, found = o.base.claim(), true
	}
	if !found {
		return claim{origin: lint.Origin{Position: lint.Position{File: o.build.rootFile()}, Precision: lint.PrecisionFile}}
	}
	c.origin.Column, c.origin.EndColumn = 0, 0
	c.origin.Precision = max(c.origin.Precision, lint.PrecisionBlock)
	return c
}

// trail is the way of a value from its origin into the output.
func (o *object) trail(c claim, steps []walk.Step, key bool) []lint.Step {
	o.findBase()
	var trail []lint.Step
	add := func(kind lint.StepKind, p lint.Position, label string) {
		if p.File != "" {
			trail = append(trail, lint.Step{Kind: kind, Position: p, Label: label})
		}
	}
	if c.kind != lint.StepBase && o.base != nil && o.base.node != nil {
		if v := o.base.declares(steps); v != nil {
			add(lint.StepBase, o.base.source.Origin(v).Position, node.Text(o.base.node, "kind")+"/"+node.Text(o.base.node, "metadata", "name"))
		}
	}
	entryAt := lint.Position{}
	if by, ok := o.kindChange(c); ok {
		add(lint.StepPatch, by.origin.Position, by.label)
	}
	if c.at.k != nil {
		entryAt = c.at.position()
		at := entryAt
		if c.kind == lint.StepKustomization {
			at = c.origin.Position
		}
		add(lint.StepKustomization, at, cmp.Or(c.label, c.at.label()))
		if n := len(trail); at.File != "" {
			trail[n-1].Replaces = c.image
		}
	}
	for _, u := range o.between(c.at.k) {
		add(lint.StepKustomization, u.position(), u.label())
	}
	if root, ok := o.rootUser(c.at.k); ok {
		if p := root.position(); p != entryAt {
			add(lint.StepKustomization, p, root.label())
		}
	}
	if missing := o.build.missing; missing.label != "" && c.kind != lint.StepBase { // only the overlay has the value
		add(lint.StepKustomization, missing.Position, missing.label+" is missing, without which kustomize builds nothing")
	}
	if line := o.renderedLine(steps, key); line > 0 {
		add(lint.StepRendered, lint.Position{File: o.build.rootFile(), Line: line}, "")
	}
	return trail
}

// kindChange is the patch that has given the object another kind than the one that it is declared with, for a value of the
// declaration. ok is false if there is none.
func (o *object) kindChange(c claim) (by claim, ok bool) {
	_, kind := node.Get(o.root, "kind")
	if c.kind != lint.StepBase || kind == nil || o.base == nil || o.base.node == nil || node.Text(o.base.node, "kind") == kind.Value {
		return claim{}, false
	}
	by = o.claim(kind, []walk.Step{{Key: "kind", Index: -1}}, false, 0)
	return by, by.kind == lint.StepPatch
}

// renderedLine is the line of the output on which a node is.
func (o *object) renderedLine(steps []walk.Step, key bool) int {
	o.parseRendered()
	n := o.rendered
	var k *yaml.Node
	for _, s := range steps {
		if s.Index < 0 {
			k, n = node.Get(n, s.Key)
		} else {
			k, n = nil, node.Item(n, s.Index)
		}
	}
	if n == nil {
		return 0
	}
	if k != nil && (key || n.Kind != yaml.ScalarNode) {
		n = k
	}
	return o.line + n.Line - 1
}

func (o *object) parseRendered() {
	if o.rendered != nil {
		return
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(o.text, &doc); err != nil || len(doc.Content) == 0 {
		o.rendered = &yaml.Node{}
		return
	}
	o.rendered = doc.Content[0]
}

// originOfLine is where a line of the object's text came from.
func (o *object) originOfLine(line int) lint.Origin {
	if o.byLine == nil {
		o.parseRendered()
		o.byLine = map[int]*yaml.Node{}
		o.matchLines(o.rendered, o.root)
	}
	n := o.byLine[line]
	if n == nil {
		return lint.Origin{}
	}
	return o.locate(n, 0)
}

// matchLines notes which node is on each line of the text, the value rather than
// its key.
func (o *object) matchLines(r, n *yaml.Node) {
	r, n = node.Deref(r), node.Deref(n)
	switch {
	case r == nil || n == nil || r.Kind != n.Kind:
	case r.Kind == yaml.ScalarNode:
		o.byLine[r.Line] = n
	case r.Kind == yaml.MappingNode:
		for i := 0; i+1 < len(r.Content); i += 2 {
			k, v := node.Get(n, r.Content[i].Value)
			if v == nil {
				continue
			}
			o.byLine[r.Content[i].Line] = k
			o.matchLines(r.Content[i+1], v)
		}
	case r.Kind == yaml.SequenceNode && len(r.Content) == len(n.Content):
		for i, c := range r.Content {
			o.matchLines(c, n.Content[i])
		}
	}
}
