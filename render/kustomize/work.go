package kustomize

import (
	"cmp"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/types"

	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/render/kustomize/limits"
	"github.com/kubevet/kubevet/render/kustomize/source"
	"github.com/kubevet/kubevet/render/kustomize/walk"
)

// Limits restrict what building one overlay may take. They are far above what
// overlays of real repositories need.
type Limits struct {
	// FileBytes is the size of a file that kustomize parses.
	FileBytes int
	// Kustomizations, Objects, Nodes and Bytes count what kustomize reads. What it
	// reads several times counts as often. Its time grows with the square of the
	// objects: it compares each with all others, several times.
	Kustomizations, Objects, Nodes, Bytes int
	// Steps is what transformers do: objects × the size of what may change each.
	Steps int
	// Written is how many bytes are added to objects: objects × the length of
	// prefixes, labels and the like.
	Written int
	// Copies is the number of copies within objects, NestedCopies of those that
	// hold what another copy has written.
	Copies, NestedCopies int
	// Components is how deep components may refer to components.
	Components int
	// Padding is how many blank lines are put into texts to distinguish documents.
	// Objects of documents beyond it are found by name.
	Padding int
	// Trials is how many objects, squared, are built to find broken entries: the
	// time of kustomize grows with the square.
	Trials int
}

// DefaultLimits are the limits of a zero Options.
var DefaultLimits = Limits{
	FileBytes:      16 << 20,
	Kustomizations: 2_000,
	Objects:        2_500,
	Nodes:          2_000_000,
	Bytes:          128 << 20,
	Steps:          200_000_000,
	Written:        64 << 20,
	Copies:         5_000,
	NestedCopies:   8,
	Components:     12,
	Padding:        32 << 20,
	Trials:         4_000_000,
}

// excess is what goes beyond a limit.
type excess struct {
	// at is the entry that takes most. It is zero for none in particular.
	at user
	// message ends in what the limit is.
	message string
}

func (e *excess) Error() string { return e.message }

// work counts what kustomize has been given while it builds one overlay.
type work struct {
	limits                                *Limits
	kustomizations, objects, nodes, bytes int
	// perObject is the size of what may change each object, written the bytes
	// that may be added to each.
	perObject, written int
	copies             limits.Copies
	// heaviest is the entry with the largest size of what may change each object,
	// copier the one whose copies exceeded the limit.
	heaviest, copier user
	heaviestSize     int
}

// exceeded is the first limit that was exceeded. It is nil if none was.
func (w *work) exceeded() *excess {
	heaviest := user{}
	if w.objects*w.heaviestSize > w.limits.Steps/2 {
		heaviest = w.heaviest
	}
	for _, c := range []struct {
		have, limit int
		what        string
		at          user
	}{
		{w.kustomizations, w.limits.Kustomizations, "kustomizations, counted as often as they are included", user{}},
		{w.objects, w.limits.Objects, "objects", user{}},
		{w.nodes, w.limits.Nodes, "YAML values", user{}},
		{w.bytes, w.limits.Bytes, "bytes of files", user{}},
		{w.objects * w.perObject, w.limits.Steps, "steps of transformers: objects × the size of patches, labels and the like", heaviest},
		{w.objects * w.written, w.limits.Written, "bytes of prefixes, labels and the like in all objects", user{}},
		{w.copies.Total, w.limits.Copies, "copies by patches and replacements", w.copier},
		{w.copies.Nested, w.limits.NestedCopies, "copies of what patches and replacements have copied already", w.copier},
	} {
		if c.have > c.limit {
			return &excess{at: c.at, message: fmt.Sprintf("more than %d %s", c.limit, c.what)}
		}
	}
	return nil
}

// copyStep is a copy or, without from, the target of a move within objects.
type copyStep struct {
	at       user
	from, to []string
	appends  bool // the text at the target stays and is appended to
}

// cost is what one kustomization adds to the work, each time it is included.
type cost struct {
	perObject, written int
	copies             []copyStep
	heaviest           user // the entry that may change most of each object
	heaviestSize       int
}

func (w *work) include(c *cost) {
	w.kustomizations++
	w.perObject += c.perObject
	w.written += c.written
	if c.heaviestSize > w.heaviestSize {
		w.heaviest, w.heaviestSize = c.heaviest, c.heaviestSize
	}
	for _, s := range c.copies {
		if s.from == nil {
			w.copies.Move(s.to)
		} else {
			w.copies.Copy(s.from, s.to, s.appends)
		}
		if w.copies.Total > w.limits.Copies || w.copies.Nested > w.limits.NestedCopies {
			w.copier = s.at
			return
		}
	}
}

// add notes that an entry may change each object.
func (c *cost) add(at user, size int) {
	c.perObject += size
	if size > c.heaviestSize {
		c.heaviest, c.heaviestSize = at, size
	}
}

// fieldSpecs is about how many places of an object kustomize looks at for a
// label, an image or a name.
const fieldSpecs = 40

// costOf counts what the entries of a kustomization make kustomize do with each
// object.
func (f *files) costOf(k *kustomization) *cost {
	c := &cost{}
	s := &k.spec
	c.spread(s)
	for _, p := range f.build.patchesOf(k) {
		f.costOfPatch(c, p)
	}
	for i, r := range s.Replacements {
		if f.build.dropped[entry{k.source.Name, "replacements", i}] {
			continue
		}
		f.costOfReplacement(c, user{k, ref{entry: entry{k.source.Name, "replacements", i}}}, r)
	}
	for _, r := range k.refs() {
		if r.use == useConfig && r.field == "configurations" {
			if t := f.textOf(k, r); t != nil {
				c.add(user{k, r}, t.Nodes)
				c.written += len(t.Data)
			}
		}
	}
	for _, p := range k.plugins {
		if f.build.dropped[p.user.entry] {
			continue
		}
		c.add(p.user, limits.Nodes(p.node))
		c.written += textSize(p.node)
		f.costOfPlugin(c, p)
	}
	return c
}

// spread adds what prefixes, labels and the like write into each object.
func (c *cost) spread(s *types.Kustomization) {
	c.written += len(s.NamePrefix) + len(s.NameSuffix) + len(s.Namespace)
	c.written += 3*pairSize(s.CommonLabels) + 2*pairSize(s.CommonAnnotations)
	for _, l := range s.Labels {
		c.written += 3 * pairSize(l.Pairs)
		for _, fs := range l.FieldSpecs {
			c.written += len(fs.Path)
			c.perObject++
		}
	}
	c.perObject += fieldSpecs * (len(s.Labels) + len(s.Images) + len(s.ImageTags) + len(s.Replicas) + 4)
	c.perObject += len(s.Vars)
}

// pairSize is the length of all keys and values.
func pairSize(m map[string]string) int {
	size := 0
	for key, v := range m {
		size += len(key) + len(v)
	}
	return size
}

// textSize is the length of all texts of a node.
func textSize(n *yaml.Node) int {
	size := len(n.Value)
	for _, c := range n.Content {
		size += textSize(c)
	}
	return size
}

func (f *files) costOfPatch(c *cost, p patch) {
	p.source.Parse()
	size := 1
	if t := p.target; t != nil {
		size += p.source.Nodes + patterns(t)
	}
	c.add(p.at, size)
	addOperations(c, p.at, p.operations())
}

// patterns is the steps that the regular expressions of a selector take.
func patterns(t *types.Selector) int {
	steps := 0
	for _, expr := range [...]string{t.Group, t.Version, t.Kind, t.Name, t.Namespace} {
		steps += limits.Pattern(expr)
	}
	return steps
}

// addOperations adds the copies of a JSON 6902 patch.
func addOperations(c *cost, at user, ops []*yaml.Node) {
	for _, op := range ops {
		to := pointerSteps(node.Text(op, "path"))
		switch node.Text(op, "op") {
		case "copy":
			c.copies = append(c.copies, copyStep{at: at, from: pointerSteps(node.Text(op, "from")), to: to})
		case "move":
			c.copies = append(c.copies, copyStep{at: at, to: to})
		}
	}
}

// pointerSteps splits a JSON pointer.
func pointerSteps(pointer string) []string {
	rest, ok := strings.CutPrefix(pointer, "/")
	if !ok {
		return []string{}
	}
	return strings.Split(rest, "/")
}

func (f *files) costOfReplacement(c *cost, at user, r types.ReplacementField) {
	if r.Path == "" {
		addReplacement(c, at, &r.Replacement)
		return
	}
	t := f.textOf(at.k, ref{use: useConfig, path: r.Path})
	if t == nil {
		return
	}
	for _, d := range t.Docs {
		var l []types.Replacement
		if d.Node == nil || d.Node.Decode(&l) != nil {
			var one types.Replacement
			if d.Node == nil || d.Node.Decode(&one) != nil {
				continue
			}
			l = []types.Replacement{one}
		}
		for i := range l {
			addReplacement(c, at, &l[i])
		}
	}
}

func addReplacement(c *cost, at user, r *types.Replacement) {
	size := 0
	for _, t := range r.Targets {
		if t == nil {
			continue
		}
		for _, s := range append([]*types.Selector{t.Select}, t.Reject...) {
			if s != nil {
				size += patterns(s)
			}
		}
		for _, p := range t.FieldPaths {
			size++
			c.written += len(p)
			if r.Source != nil {
				from := cmp.Or(r.Source.FieldPath, types.DefaultReplacementFieldPath)
				c.copies = append(c.copies, copyStep{at, walk.SplitFieldPath(from), walk.SplitFieldPath(p), t.Options != nil && t.Options.Delimiter != ""})
			}
		}
	}
	c.add(at, size)
}

// costOfPlugin adds the copies that the configuration of a transformer makes.
func (f *files) costOfPlugin(c *cost, p *plugin) {
	for _, key := range [...]string{"patch", "jsonOp"} {
		if v := node.Text(p.node, key); v != "" {
			s := source.New("", []byte(v), nil, f.build.limits().FileBytes)
			s.Patch = true
			addOperations(c, p.user, patch{source: s}.operations())
		}
	}
	if l := node.Child(p.node, "replacements"); l != nil && l.Kind == yaml.SequenceNode {
		for _, n := range l.Content {
			var r types.Replacement
			if node.Deref(n).Decode(&r) == nil {
				addReplacement(c, p.user, &r)
			}
		}
	}
}
