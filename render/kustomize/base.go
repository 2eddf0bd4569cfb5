package kustomize

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
)

// base is where an object is declared.
type base struct {
	source *source    // nil for what a generator made
	node   *yaml.Node // the object as declared; nil likewise
	name   string     // as declared
	at     user       // the entry that brought it in
}

// declares is the node of a path in the object as declared, or of the nearest
// ancestor there is.
func (b *base) declares(steps []step) *yaml.Node {
	for i := len(steps); i > 0; i-- {
		k, v := follow(b.node, steps[:i])
		switch {
		case v == nil:
		case v.Kind == yaml.ScalarNode || k == nil:
			return firstScalar(v)
		default:
			return k
		}
	}
	if name := child(child(b.node, "metadata"), "name"); name != nil {
		return name
	}
	return firstScalar(b.node)
}

// label names an entry: resources[1].
func (u user) label() string {
	if u.k == nil {
		return ""
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
	c.origin.Text = u.k.source.text.Line(c.origin.Line)
	return c
}

// findBase finds where the object is declared and which kustomizations it
// passed through, once.
func (o *object) findBase() {
	if o.based {
		return
	}
	o.based = true
	if o.base = o.baseByLine(o.root); o.base == nil {
		if o.base = o.baseByName(); o.base == nil {
			if o.base = o.baseByGenerator(); o.base == nil {
				o.base = o.baseByLikeness()
			}
		}
	}
	o.layers = o.build.layersOf(o.base)
}

// baseByLine goes by the lines that nodes have kept.
func (o *object) baseByLine(n *yaml.Node) *base {
	if n.Kind == yaml.ScalarNode {
		s, line := o.sourceOf(n)
		if s == nil || s.patch {
			return nil
		}
		at := s.objectAt(line)
		if at == nil || text(at, "kind") != text(o.root, "kind") {
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

func (b *build) newBase(s *source, n *yaml.Node) *base {
	return &base{source: s, node: n, name: text(n, "metadata", "name"), at: b.userOf(s)}
}

// baseByName looks for an object of the kind and name in all that was read.
func (o *object) baseByName() *base {
	kind, name := text(o.root, "kind"), text(o.root, "metadata", "name")
	group, _, _ := strings.Cut(text(o.root, "apiVersion"), "/")
	var found *base
	for _, r := range o.build.files.lines.ranges {
		if r.source.patch {
			continue
		}
		r.source.parse()
		for _, n := range r.source.objects {
			declared := text(n, "metadata", "name")
			if text(n, "kind") != kind || !strings.HasPrefix(text(n, "apiVersion"), group) {
				continue
			}
			if declared == name {
				return o.build.newBase(r.source, n)
			}
			if o.build.renames(declared, name) && (found == nil || len(found.name) < len(declared)) {
				found = o.build.newBase(r.source, n)
			}
		}
	}
	return found
}

// baseByGenerator looks for the entry that made the object.
func (o *object) baseByGenerator() *base {
	name := text(o.root, "metadata", "name")
	var found *base
	for _, k := range o.build.files.order {
		for _, g := range k.generators(text(o.root, "kind")) {
			if g.name != name && !o.build.renames(g.name, name) {
				continue
			}
			// Later ones are nearer to where it was first made: behavior merge.
			if found == nil || len(found.name) <= len(g.name) {
				found = &base{name: g.name, at: user{k, ref{entry: g.entry}}}
			}
		}
	}
	return found
}

// baseByLikeness looks for the object that shares most with one that a patch
// has renamed: more than half.
func (o *object) baseByLikeness() *base {
	kind := text(o.root, "kind")
	var found *base
	most := 0
	for _, r := range o.build.files.lines.ranges {
		if r.source.patch {
			continue
		}
		r.source.parse()
		for _, n := range r.source.objects {
			if text(n, "kind") != kind {
				continue
			}
			if equal, all := shared(o.root, n, nil); 2*equal > all && equal > most {
				found, most = o.build.newBase(r.source, n), equal
			}
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
		for _, k := range b.files.order {
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
	if !slices.ContainsFunc(o.build.files.order, func(k *kustomization) bool {
		return k.spec.NamePrefix != "" || k.spec.NameSuffix != "" || len(k.spec.ConfigMapGenerator)+len(k.spec.SecretGenerator)+len(k.spec.Generators) > 0
	}) {
		return ""
	}
	name := child(child(o.root, "metadata"), "name")
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

// layersOf lists the kustomizations that an object passed through, from the
// one that is built to the one that declares it.
func (b *build) layersOf(at *base) []*kustomization {
	var layers []*kustomization
	seen := map[*kustomization]bool{}
	var add func(k *kustomization)
	add = func(k *kustomization) {
		if seen[k] {
			return
		}
		seen[k] = true
		layers = append(layers, k)
		for _, v := range slices.Backward(k.spec.Components) {
			if c := b.kustomizationAt(k, v); c != nil {
				add(c)
			}
		}
	}
	if at == nil || at.at.k == nil {
		for _, k := range b.files.order {
			add(k)
		}
		return layers
	}
	var chain []*kustomization
	up := map[*kustomization]bool{}
	var climb func(k *kustomization)
	climb = func(k *kustomization) {
		if up[k] {
			return
		}
		up[k] = true
		for _, u := range b.files.users[k.dir] {
			climb(u.k)
		}
		chain = append(chain, k)
	}
	climb(at.at.k)
	for _, k := range chain {
		add(k)
	}
	return layers
}

// rootUser is the entry of the kustomization that is built through which
// another one came in.
func (b *build) rootUser(k *kustomization) (user, bool) {
	root := b.files.kustomizations[b.dir]
	seen := map[*kustomization]bool{}
	var climb func(k *kustomization) (user, bool)
	climb = func(k *kustomization) (user, bool) {
		if k == nil || seen[k] || k == root {
			return user{}, false
		}
		seen[k] = true
		for _, u := range b.files.users[k.dir] {
			if u.k == root {
				return u, true
			}
			if r, ok := climb(u.k); ok {
				return r, true
			}
		}
		return user{}, false
	}
	return climb(k)
}
