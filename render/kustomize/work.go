package kustomize

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/types"

	"github.com/kubevet/kubevet/render/kustomize/limits"
)

// Limits restrict what building one overlay may take. They are far above what
// overlays of real repositories need.
type Limits struct {
	// FileBytes is the size of a file that kustomize parses.
	FileBytes int
	// AliasNodes is the number of YAML nodes that aliases add to a document.
	AliasNodes int
	// Depth is the nesting of a document once aliases are replaced.
	Depth int
	// Kustomizations, Objects, Nodes and Bytes count what kustomize reads. What it
	// reads several times counts as often.
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
	// Trials is how many objects are built, squared, to find a broken entry: the
	// time of kustomize grows with the square.
	Trials int
}

// DefaultLimits are the limits of a zero Options.
var DefaultLimits = Limits{
	FileBytes:      16 << 20,
	AliasNodes:     100_000,
	Depth:          500,
	Kustomizations: 2_000,
	Objects:        10_000,
	Nodes:          2_000_000,
	Bytes:          128 << 20,
	Steps:          200_000_000,
	Written:        64 << 20,
	Copies:         5_000,
	NestedCopies:   8,
	Components:     12,
	Trials:         12_000_000,
}

// excess is what goes beyond a limit.
type excess struct {
	// line is that of the text in which it was found. 0: none in particular.
	line int
	// message ends in what the limit is.
	message string
}

func (e *excess) Error() string { return e.message }

// check counts the values of a document and reports what is beyond the limits.
func (l *Limits) check(n *yaml.Node) (nodes int, over *excess) {
	size := limits.SizeOf(n)
	switch {
	case size.Cycle != nil:
		return 0, &excess{size.Cycle.Line, fmt.Sprintf("the alias *%s is inside of its own anchor: it has no end", size.Cycle.Value)}
	case size.Nodes > l.AliasNodes && size.Nodes-plainSize(n) > l.AliasNodes:
		return 0, &excess{n.Line, fmt.Sprintf("the aliases of the document stand for more than %d values", l.AliasNodes)}
	case size.Depth > l.Depth:
		return 0, &excess{n.Line, fmt.Sprintf("the document is nested deeper than %d levels once its aliases are replaced", l.Depth)}
	}
	return size.Nodes, nil
}

// plainSize counts the nodes of a document as it is.
func plainSize(n *yaml.Node) int {
	size := 1
	for _, c := range n.Content {
		size += plainSize(c)
	}
	return size
}

// work counts what kustomize has been given while it builds one overlay.
type work struct {
	limits                                *Limits
	kustomizations, objects, nodes, bytes int
	// perObject is the size of what may change each object, written the bytes
	// that may be added to each.
	perObject, written int
	copies             limits.Copies
}

// exceeded is the first limit that was exceeded. Nil: none was.
func (w *work) exceeded() *excess {
	for _, c := range []struct {
		have, limit int
		what        string
	}{
		{w.kustomizations, w.limits.Kustomizations, "kustomizations, counted as often as they are included"},
		{w.objects, w.limits.Objects, "objects"},
		{w.nodes, w.limits.Nodes, "YAML values"},
		{w.bytes, w.limits.Bytes, "bytes of files"},
		{w.objects * w.perObject, w.limits.Steps, "steps of transformers: objects × the size of patches, labels and the like"},
		{w.objects * w.written, w.limits.Written, "bytes of prefixes, labels and the like in all objects"},
		{w.copies.Total, w.limits.Copies, "copies by patches and replacements"},
		{w.copies.Nested, w.limits.NestedCopies, "copies of what patches and replacements have copied already"},
	} {
		if c.have > c.limit {
			return &excess{message: fmt.Sprintf("it needs more than %d %s", c.limit, c.what)}
		}
	}
	return nil
}

// copyStep is a copy or, without from, the target of a move within objects.
type copyStep struct {
	from, to []string
	appends  bool // the text at the target stays and is appended to
}

// cost is what one kustomization adds to the work, each time it is included.
type cost struct {
	perObject, written int
	copies             []copyStep
}

func (w *work) include(c *cost) {
	w.kustomizations++
	w.perObject += c.perObject
	w.written += c.written
	for _, s := range c.copies {
		if w.copies.Total > w.limits.Copies {
			return
		}
		if s.from == nil {
			w.copies.Move(s.to)
		} else {
			w.copies.Copy(s.from, s.to, s.appends)
		}
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
	spread := func(texts ...string) {
		for _, t := range texts {
			c.written += len(t)
		}
	}
	spread(s.NamePrefix, s.NameSuffix, s.Namespace)
	for key, v := range s.CommonLabels {
		spread(key, v, key, v, key, v)
	}
	for key, v := range s.CommonAnnotations {
		spread(key, v, key, v)
	}
	for _, l := range s.Labels {
		for key, v := range l.Pairs {
			spread(key, v, key, v, key, v)
		}
		for _, fs := range l.FieldSpecs {
			spread(fs.Path)
			c.perObject++
		}
	}
	c.perObject += fieldSpecs * (len(s.Labels) + len(s.Images) + len(s.ImageTags) + len(s.Replicas) + 4)
	c.perObject += len(s.Vars)
	for _, p := range f.build.patchesOf(k) {
		f.costOfPatch(c, p)
	}
	for _, r := range s.Replacements {
		f.costOfReplacement(c, k, r)
	}
	for _, r := range k.refs() {
		if r.use == useConfig && r.field == "configurations" {
			if t := f.textOf(k, r); t != nil {
				c.perObject += t.nodes
				c.written += len(t.data)
			}
		}
	}
	for _, p := range k.plugins {
		size, _ := f.build.limits().check(p.node)
		c.perObject += size
		c.written += textSize(p.node)
		f.costOfPlugin(c, p.node)
	}
	return c
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
	p.source.parse()
	c.perObject++
	if t := p.target; t != nil {
		c.perObject += p.source.nodes
		for _, expr := range [...]string{t.Group, t.Version, t.Kind, t.Name, t.Namespace} {
			c.perObject += limits.Pattern(expr)
		}
	}
	addOperations(c, p.operations())
}

// addOperations adds the copies of a JSON 6902 patch.
func addOperations(c *cost, ops []*yaml.Node) {
	for _, op := range ops {
		to := pointerSteps(text(op, "path"))
		switch text(op, "op") {
		case "copy":
			c.copies = append(c.copies, copyStep{from: pointerSteps(text(op, "from")), to: to})
		case "move":
			c.copies = append(c.copies, copyStep{to: to})
		}
	}
}

// pointerSteps takes a JSON pointer apart.
func pointerSteps(pointer string) []string {
	rest, ok := strings.CutPrefix(pointer, "/")
	if !ok {
		return []string{}
	}
	return strings.Split(rest, "/")
}

func (f *files) costOfReplacement(c *cost, k *kustomization, r types.ReplacementField) {
	if r.Path == "" {
		addReplacement(c, &r.Replacement)
		return
	}
	t := f.textOf(k, ref{use: useConfig, path: r.Path})
	if t == nil {
		return
	}
	for _, d := range t.docs {
		var l []types.Replacement
		if d.Node == nil || d.Node.Decode(&l) != nil {
			var one types.Replacement
			if d.Node == nil || d.Node.Decode(&one) != nil {
				continue
			}
			l = []types.Replacement{one}
		}
		for i := range l {
			addReplacement(c, &l[i])
		}
	}
}

func addReplacement(c *cost, r *types.Replacement) {
	for _, t := range r.Targets {
		if t == nil {
			continue
		}
		for _, s := range append([]*types.Selector{t.Select}, t.Reject...) {
			if s != nil {
				for _, expr := range [...]string{s.Group, s.Version, s.Kind, s.Name, s.Namespace} {
					c.perObject += limits.Pattern(expr)
				}
			}
		}
		for _, p := range t.FieldPaths {
			c.perObject++
			c.written += len(p)
			if r.Source != nil {
				from := r.Source.FieldPath
				if from == "" {
					from = types.DefaultReplacementFieldPath
				}
				c.copies = append(c.copies, copyStep{splitFieldPath(from), splitFieldPath(p), t.Options != nil && t.Options.Delimiter != ""})
			}
		}
	}
}

// costOfPlugin adds the copies that the configuration of a transformer makes.
func (f *files) costOfPlugin(c *cost, o *yaml.Node) {
	for _, key := range [...]string{"patch", "jsonOp"} {
		if v := text(o, key); v != "" {
			s := &source{limits: f.build.limits(), data: []byte(v), patch: true}
			addOperations(c, patch{source: s}.operations())
		}
	}
	if l := child(o, "replacements"); l != nil && l.Kind == yaml.SequenceNode {
		for _, n := range l.Content {
			var r types.Replacement
			if resolve(n).Decode(&r) == nil {
				addReplacement(c, &r)
			}
		}
	}
}
