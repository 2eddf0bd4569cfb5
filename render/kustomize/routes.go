package kustomize

import (
	"path"
	"slices"
	"strings"

	"sigs.k8s.io/kustomize/kyaml/resid"

	"github.com/kubevet/kubevet/lint/node"
)

// maxRoutes is how many ways into the kustomization that is built are looked at. A base
// with more of them counts as if its objects had come through all.
const maxRoutes = 64

// route is the kustomizations that an object came through: the one that is built first,
// and last the one that declares the object.
type route []*kustomization

// routesTo lists the routes by which a kustomization comes into the one that is built. It
// is nil if there are too many.
func (b *build) routesTo(k *kustomization) []route {
	if l, seen := b.routes[k]; seen {
		return l
	}
	root := b.files.kustomizations[b.dir]
	var l []route
	var below route
	var climb func(k *kustomization) bool
	climb = func(k *kustomization) bool {
		if k == nil || slices.Contains(below, k) {
			return true
		}
		below = append(below, k)
		defer func() { below = below[:len(below)-1] }()
		if k == root {
			r := slices.Clone(below)
			slices.Reverse(r)
			l = append(l, r)
			return len(l) <= maxRoutes
		}
		var from []*kustomization
		for _, u := range b.files.users[k.dir] {
			if !slices.Contains(from, u.k) {
				from = append(from, u.k)
				if !climb(u.k) {
					return false
				}
			}
		}
		return true
	}
	if !climb(k) {
		l = nil
	}
	if b.routes == nil {
		b.routes = map[*kustomization][]route{}
	}
	b.routes[k] = l
	return l
}

// routeOf is the route that an object came by. Several overlays can build on one base: the
// object's namespace and name say through which of them it came, since kustomize takes no
// two objects that are equal in both. It is nil if that is not clear.
func (o *object) routeOf() route {
	if o.base == nil || o.base.at.k == nil {
		return nil
	}
	l := o.build.routesTo(o.base.at.k)
	for _, fits := range [...]func(route) bool{o.fitsNamespace, o.fitsName} {
		if fit := slices.DeleteFunc(slices.Clone(l), func(r route) bool { return !fits(r) }); len(fit) > 0 {
			l = fit
		}
	}
	if len(l) != 1 {
		return nil
	}
	return l[0]
}

// fitsNamespace reports whether a route gives the object its namespace. A Namespace gets
// its name so; other objects of the cluster have none and fit every route.
func (o *object) fitsNamespace(r route) bool {
	namespace := node.Text(o.base.node, "metadata", "namespace")
	for _, k := range slices.Backward(o.build.applied(r)) {
		if k.spec.Namespace != "" {
			namespace = k.spec.Namespace
		}
	}
	switch kind := node.Text(o.root, "kind"); {
	case kind == "Namespace":
		return namespace == "" || namespace == node.Text(o.root, "metadata", "name")
	case o.isClusterScoped(kind):
		return true
	}
	return namespace == node.Text(o.root, "metadata", "namespace")
}

func (o *object) isClusterScoped(kind string) bool {
	group, version := resid.ParseGroupVersion(node.Text(o.root, "apiVersion"))
	return resid.NewGvk(group, version, kind).IsClusterScoped()
}

// fitsName reports whether a route gives the object its name, apart from a content hash.
// A Namespace gets no prefix and no suffix.
func (o *object) fitsName(r route) bool {
	if node.Text(o.root, "kind") == "Namespace" {
		return true
	}
	want, name := node.Text(o.root, "metadata", "name"), o.base.name
	for _, k := range slices.Backward(o.build.applied(r)) {
		name = k.spec.NamePrefix + name + k.spec.NameSuffix
	}
	rest, ok := strings.CutPrefix(want, name)
	return ok && contentHash.ReplaceAllString(rest, "") == ""
}

// applied lists what a route applies to an object, the last applied first: its
// kustomizations, each after what its plugins are read as and before its components.
func (b *build) applied(r route) []*kustomization {
	var l []*kustomization
	seen := map[*kustomization]bool{}
	var add func(k *kustomization)
	add = func(k *kustomization) {
		if seen[k] {
			return
		}
		seen[k] = true
		l = append(append(l, b.standIns(k)...), k)
		for _, v := range slices.Backward(k.spec.Components) {
			if c := b.kustomizationAt(k, v); c != nil {
				add(c)
			}
		}
	}
	for _, k := range r {
		add(k)
	}
	return l
}

// declaring is the kustomization that declares a base; nil if none is known.
func (b *base) declaring() *kustomization {
	if b == nil {
		return nil
	}
	return b.at.k
}

// all lists the kustomizations in the order of reading, each before what its
// plugins are read as.
func (b *build) all() []*kustomization {
	if b.kustomizations == nil {
		for _, k := range b.files.order {
			b.kustomizations = append(append(b.kustomizations, k), b.standIns(k)...)
		}
	}
	return b.kustomizations
}

// standIns is the kustomizations that plugins are read as, the last applied
// first.
func (b *build) standIns(k *kustomization) []*kustomization {
	if k.standIns == nil {
		k.standIns = []*kustomization{}
		for _, p := range slices.Backward(k.plugins) {
			if b.dropped[p.user.entry] || p.user.field == "validators" {
				continue
			}
			if as := p.asKustomization(k); as != nil {
				k.standIns = append(k.standIns, as)
			}
		}
	}
	return k.standIns
}

// layersOf lists the kustomizations that an object passed through, from the
// one that is built to the one that declares it, each after what its plugins
// are read as: those are applied last.
func (o *object) layersOf() []*kustomization {
	b, declaring := o.build, o.base.declaring()
	key := passed{declaring: declaring}
	if len(o.route) > 0 {
		key.route = &o.route[0] // routesTo makes each once
	}
	if layers, seen := b.layers[key]; seen {
		return layers
	}
	through := o.route
	switch {
	case through != nil:
	case declaring == nil:
		through = b.files.order
	default:
		through = b.above(declaring)
	}
	layers := b.applied(through)
	if b.layers == nil {
		b.layers = map[passed][]*kustomization{}
	}
	b.layers[key] = layers
	return layers
}

// passed is the kustomization that declares objects and the first element of their route,
// which is nil if the route is not known.
type passed struct {
	declaring *kustomization
	route     **kustomization
}

// above lists the kustomizations that include one, from the one that is built to
// itself.
func (b *build) above(k *kustomization) []*kustomization {
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
	climb(k)
	return chain
}

// kustomizationAt is the one that a path in another refers to; nil if it was
// not read.
func (b *build) kustomizationAt(k *kustomization, p string) *kustomization {
	return b.files.kustomizations[path.Join(k.dir, p)]
}

// rootUser is the entry of the kustomization that is built through which
// another one came in. If a route is given, the entry is of that.
func (b *build) rootUser(k *kustomization, through route) (user, bool) {
	key := passed{declaring: k}
	if len(through) > 0 {
		key.route = &through[0]
	}
	if u, seen := b.rootUsers[key]; seen {
		return u, u.k != nil
	}
	u, ok := b.findRootUser(k, through)
	if b.rootUsers == nil {
		b.rootUsers = map[passed]user{}
	}
	b.rootUsers[key] = u
	return u, ok
}

func (b *build) findRootUser(k *kustomization, through route) (user, bool) {
	root := b.files.kustomizations[b.dir]
	if len(through) > 1 && k != nil && k != root {
		// What the root uses itself, such as a component, is an entry of its own.
		if !slices.Contains(through, k) {
			if u, ok := b.userIn(root, k); ok {
				return u, true
			}
		}
		return b.userIn(root, through[1])
	}
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

// userIn is the entry of one kustomization that refers to another.
func (b *build) userIn(k, used *kustomization) (user, bool) {
	l := b.files.users[used.dir]
	i := slices.IndexFunc(l, func(u user) bool { return u.k == k })
	if i < 0 {
		return user{}, false
	}
	return l[i], true
}
