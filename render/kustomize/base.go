package kustomize

import (
	"maps"
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

// base is where an object is declared.
type base struct {
	source *source.Source // nil for what a generator made
	node   *yaml.Node     // the object as declared; nil likewise
	name   string         // as declared
	at     user           // the entry that brought it in
	// generator is where the plugin that made the object is configured; no file if
	// none did.
	generator lint.Origin
}

// label is kind/name as declared.
func (b *base) label() string { return node.Text(b.node, "kind") + "/" + b.name }

// declares is the node of a path in the object as declared, or of the nearest
// ancestor there is. It is nil if a list there lacks the element: a patch has added it.
func (b *base) declares(steps []walk.Step) *yaml.Node {
	for i := len(steps); i > 0; i-- {
		k, v := walk.Follow(b.node, steps[:i])
		_, list := walk.Follow(b.node, steps[:i-1])
		switch {
		case v == nil && steps[i-1].Index >= 0 && list != nil:
			return nil
		case v == nil:
		case v.Kind == yaml.ScalarNode || k == nil:
			return walk.FirstScalar(v)
		default:
			return k
		}
	}
	if name := node.Child(b.node, "metadata", "name"); name != nil {
		return name
	}
	return walk.FirstScalar(b.node)
}

// label names an entry: resources[1].
func (u user) label() string {
	if u.k == nil {
		return ""
	}
	if label := u.k.labels[u.entry]; label != "" {
		return label
	}
	if u.index < 0 {
		return u.field
	}
	return u.field + "[" + strconv.Itoa(u.index) + "]"
}

func (u user) position() lint.Position { return u.k.position(u.k.at(u.entry, u.keys...)) }

// claim is the entry itself.
func (u user) claim() claim {
	if u.k == nil {
		return claim{}
	}
	c := claim{kind: lint.StepKustomization, at: u, label: u.label(), origin: lint.Origin{Position: u.position()}}
	if c.origin.File == u.k.source.Text.File {
		c.origin.Text = u.k.source.Text.Line(c.origin.Line)
	}
	return c
}

// claim is the entry or the plugin that made the object.
func (b *base) claim() claim {
	c := b.at.claim()
	if b.generator.File != "" {
		c.origin, c.kind = b.generator, lint.StepPatch
	}
	return c
}

// findBase finds where the object is declared and which kustomizations it
// passed through, once.
func (o *object) findBase() {
	if o.based {
		return
	}
	o.based = true
	for _, find := range [...]func() *base{
		func() *base { return o.baseByLine(o.root) }, o.baseByNamespace, o.baseByName, o.baseByGenerator, o.baseByRename, o.baseByKind, o.baseByLikeness,
	} {
		if o.base = find(); o.base != nil {
			break
		}
	}
	o.findRoute()
	o.layers = o.layersOf()
}

// baseByLine goes by the lines that nodes have kept.
func (o *object) baseByLine(n *yaml.Node) *base {
	if n.Kind == yaml.ScalarNode {
		s, line := o.sourceOf(n)
		if s == nil || s.Patch {
			return nil
		}
		at := s.ObjectAt(line)
		if at == nil || node.Text(at, "kind") != node.Text(o.root, "kind") {
			return nil
		}
		return o.build.newBase(s, at)
	}
	for _, c := range n.Content {
		if b := o.baseByLine(c); b != nil {
			return b
		}
	}
	return nil
}

func (b *build) newBase(s *source.Source, n *yaml.Node) *base {
	return &base{source: s, node: n, name: node.Text(n, "metadata", "name"), at: b.userOf(s)}
}

// declared is an object as a source declares it.
type declared struct {
	source *source.Source
	node   *yaml.Node
	name   string
}

// declarations lists the objects that all sources declare, by kind and in the
// order of reading.
func (b *build) declarations(kind string) *declarations {
	if b.declared == nil {
		b.declared = map[string]*declarations{}
		for s := range b.files.lines.Sources() {
			if s.Patch {
				continue
			}
			for _, n := range s.ParsedObjects() {
				kind, name := node.Text(n, "kind"), node.Text(n, "metadata", "name")
				if b.declared[kind] == nil {
					b.declared[kind] = &declarations{byName: map[string][]declared{}}
				}
				d := declared{s, n, name}
				of := b.declared[kind]
				of.all = append(of.all, d)
				of.byName[name] = append(of.byName[name], d)
			}
		}
	}
	if of := b.declared[kind]; of != nil {
		return of
	}
	return &declarations{}
}

type declarations struct {
	all    []declared
	byName map[string][]declared
}

// baseByName looks for an object of the kind and name in all that was read.
func (o *object) baseByName() *base { return o.baseOfKind(node.Text(o.root, "kind")) }

func (o *object) baseOfKind(kind string) *base {
	name := node.Text(o.root, "metadata", "name")
	group, _, _ := strings.Cut(node.Text(o.root, "apiVersion"), "/")
	of := o.build.declarations(kind)
	inGroup := func(d declared) bool { return strings.HasPrefix(node.Text(d.node, "apiVersion"), group) }
	found := of.named(name, inGroup)
	// Most objects have had the same affixes put to their names: what is left
	// without them is looked up before all names are compared.
	for _, a := range o.build.affixPairs {
		if rest, ok := a.cut(name); ok && found == nil {
			found = of.named(rest, inGroup)
		}
	}
	if found == nil {
		found = o.build.renamed(of, name, inGroup)
	}
	if found == nil {
		return nil
	}
	return o.build.newBase(found.source, found.node)
}

// named is the first declaration of a name for which a condition holds.
func (of *declarations) named(name string, holds func(declared) bool) *declared {
	for i, d := range of.byName[name] {
		if holds(d) {
			return &of.byName[name][i]
		}
	}
	return nil
}

// renamed is the declaration with the longest name that affixes make a name of.
func (b *build) renamed(of *declarations, name string, holds func(declared) bool) *declared {
	var found *declared
	for i, d := range of.all {
		if b.compare() && holds(d) && b.renames(d.name, name) && (found == nil || len(found.name) < len(d.name)) {
			found = &of.all[i]
		}
	}
	if found == nil {
		return nil
	}
	before, after, _ := strings.Cut(name, found.name)
	if a := (affixPair{before, after}); !slices.Contains(b.affixPairs, a) && len(b.affixPairs) < 20 {
		b.affixPairs = append(b.affixPairs, a)
	}
	return found
}

// affixPair is what kustomizations have put before and after a name.
type affixPair struct{ prefix, suffix string }

func (a affixPair) cut(name string) (rest string, ok bool) {
	if rest, ok = strings.CutPrefix(name, a.prefix); ok {
		rest, ok = strings.CutSuffix(rest, a.suffix)
	}
	return rest, ok
}

// maxComparisons is how often objects without lines are compared with all that
// are declared, so that a large overlay takes time by its size alone.
const maxComparisons = 1_000_000

// compare reports whether there may be another comparison, and counts it.
func (b *build) compare() bool {
	b.comparisons++
	return b.comparisons <= maxComparisons
}

// baseByNamespace looks for the one Namespace that gets its name from the namespace of a kustomization.
func (o *object) baseByNamespace() *base {
	if node.Text(o.root, "kind") != "Namespace" {
		return nil
	}
	b := o.build
	if b.renamedBy == nil {
		b.renamedBy = map[string][]declared{}
		for _, d := range b.declarations("Namespace").all {
			for name := range b.namespacesOn(b.userOf(d.source).k) {
				b.renamedBy[name] = append(b.renamedBy[name], d)
			}
		}
	}
	l := b.renamedBy[node.Text(o.root, "metadata", "name")]
	if len(l) != 1 {
		return nil
	}
	return b.newBase(l[0].source, l[0].node)
}

// baseByRename looks for the object that a patch has given another kind or name.
func (o *object) baseByRename() *base {
	for _, k := range o.build.all() {
		for _, p := range o.build.patchesOf(k) {
			if !p.renames || p.target == nil {
				continue
			}
			for _, doc := range p.source.ParsedObjects() {
				if node.Text(doc, "kind") != node.Text(o.root, "kind") || !o.build.matchesName(node.Text(doc, "metadata", "name"), node.Text(o.root, "metadata", "name")) {
					continue
				}
				if found := o.build.onlySelected(p.target); found != nil {
					return o.build.newBase(found.source, found.node)
				}
			}
		}
	}
	return nil
}

// baseByKind looks for the object whose kind operations of a patch have replaced, or its name, or both.
func (o *object) baseByKind() *base {
	name := node.Text(o.root, "metadata", "name")
	for _, k := range o.build.all() {
		for _, p := range o.build.patchesOf(k) {
			kind, to := p.sets("/kind"), p.sets("/metadata/name")
			switch {
			case p.target == nil, kind == "" && to == "", kind != "" && kind != node.Text(o.root, "kind"):
				continue
			case to == "":
				if found := o.baseOfTarget(p.target); found != nil {
					return found
				}
				continue
			case !o.build.matchesName(to, name), kind == "" && !o.build.matches(p.target.Kind, node.Text(o.root, "kind")):
				continue
			}
			if found := o.build.onlySelected(p.target); found != nil {
				return o.build.newBase(found.source, found.node)
			}
		}
	}
	return nil
}

// baseOfTarget looks for the object of the name among the kinds that a selector means.
func (o *object) baseOfTarget(t *types.Selector) *base {
	o.build.declarations("")
	for _, kind := range slices.Sorted(maps.Keys(o.build.declared)) {
		if !o.build.matches(t.Kind, kind) {
			continue
		}
		if found := o.baseOfKind(kind); found != nil && o.build.matches(t.Name, found.name) {
			return found
		}
	}
	return nil
}

func (b *build) matchesName(declared, name string) bool {
	return declared == "" || declared == name || b.renames(declared, name)
}

// onlySelected is the one object that a selector means among those declared; nil
// if it means none or several.
func (b *build) onlySelected(t *types.Selector) *declared {
	var found *declared
	b.declarations("")
	for kind, of := range b.declared {
		if !b.matches(t.Kind, kind) {
			continue
		}
		for i, d := range of.all {
			if !b.compare() || !b.matches(t.Name, d.name) {
				continue
			}
			if found != nil {
				return nil
			}
			found = &of.all[i]
		}
	}
	return found
}

// baseByGenerator looks for the entry that made the object.
func (o *object) baseByGenerator() *base {
	name := node.Text(o.root, "metadata", "name")
	var found *base
	for _, k := range o.build.all() {
		for _, g := range k.generators(node.Text(o.root, "kind")) {
			if g.name != name && !o.build.renames(g.name, name) {
				continue
			}
			// Later ones are nearer to where it was first made: behavior merge.
			if found != nil && len(found.name) > len(g.name) {
				continue
			}
			found = &base{name: g.name, at: user{k, ref{entry: g.entry}}}
			if k.plugin != nil {
				found.at, found.generator = k.plugin.user, k.source.Origin(walk.FirstScalar(k.plugin.node))
				if n := node.Child(k.plugin.node, "metadata", "name"); n != nil {
					found.generator = k.source.Origin(n)
				}
			}
		}
	}
	return found
}

// baseByLikeness looks for the object that shares most with one that a patch
// has renamed: more than half.
func (o *object) baseByLikeness() *base {
	of := o.build.declarations(node.Text(o.root, "kind"))
	var found *base
	most := 0
	for _, d := range of.all {
		if !o.build.compare() {
			break
		}
		if equal, all := walk.Shared(o.root, d.node, nil); 2*equal > all && equal > most {
			found, most = o.build.newBase(d.source, d.node), equal
		}
	}
	return found
}

var contentHash = regexp.MustCompile(`-[a-z0-9]{10}$`)

// renames reports whether prefixes, suffixes and content hashes make one name
// out of another.
func (b *build) renames(declared, name string) bool {
	if declared == "" {
		return false
	}
	for rest := name; ; {
		i := strings.Index(rest, declared)
		if i < 0 {
			return false
		}
		i += len(name) - len(rest)
		if b.affixes(name[:i], name[i+len(declared):]) {
			return true
		}
		rest = name[i+1:]
	}
}

// affixes reports whether two texts are made of prefixes and of suffixes and a hash.
func (b *build) affixes(prefix, suffix string) bool {
	suffix = contentHash.ReplaceAllString(suffix, "")
	for changed := true; changed && prefix+suffix != ""; {
		changed = false
		for _, k := range b.all() {
			if p := k.spec.NamePrefix; p != "" && strings.HasPrefix(prefix, p) {
				prefix, changed = prefix[len(p):], true
			}
			if s := k.spec.NameSuffix; s != "" && strings.HasPrefix(suffix, s) {
				suffix, changed = suffix[len(s):], true
			}
		}
	}
	return prefix+suffix == ""
}

// identity is the declared name of an object if the output has another.
func (o *object) identity(lo *lint.Object) string {
	if !slices.ContainsFunc(o.build.all(), func(k *kustomization) bool {
		return k.spec.NamePrefix != "" || k.spec.NameSuffix != "" || len(k.spec.ConfigMapGenerator)+len(k.spec.SecretGenerator)+len(k.spec.Generators) > 0
	}) {
		return ""
	}
	name := node.Child(o.root, "metadata", "name")
	if name == nil {
		return ""
	}
	if _, ok := o.direct(name); ok {
		return ""
	}
	o.findBase()
	if o.base == nil || o.base.name == lo.Name {
		return ""
	}
	return o.base.name
}
