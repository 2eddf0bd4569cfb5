package kustomize

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/kyaml/resid"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
)

// maxRoutes is how many ways from one kustomization into the one that is built are looked at, and maxRouteSteps how many
// kustomizations all of these may lead through. A base with more of them counts as if its objects had come through all.
const (
	maxRoutes     = 1 << 11
	maxRouteSteps = 1 << 19
)

// route is the kustomizations that an object came through: the one that is built first,
// and last the one that declares the object.
type route []*kustomization

// routeTo is a route with what it makes of objects.
type routeTo struct {
	route
	// namespace is the one that it sets. It is empty if it sets none.
	namespace string
	// prefix and suffix are what it puts around names.
	prefix, suffix string
}

// routesTo lists the routes by which a kustomization comes into the one that is built. It
// is nil if there are too many.
func (b *build) routesTo(k *kustomization) []routeTo {
	if l, seen := b.routes[k]; seen {
		return l
	}
	root := b.files.kustomizations[b.dir]
	var l []routeTo
	var below route
	var climb func(k *kustomization) bool
	climb = func(k *kustomization) bool {
		if k == nil || slices.Contains(below, k) {
			return true
		}
		b.routeSteps++
		below = append(below, k)
		defer func() { below = below[:len(below)-1] }()
		if k == root {
			r := slices.Clone(below)
			slices.Reverse(r)
			l = append(l, b.routeThrough(r))
			return len(l) <= maxRoutes && b.routeSteps <= maxRouteSteps
		}
		from := map[*kustomization]bool{}
		for _, u := range b.files.users[k.dir] {
			if !from[u.k] {
				from[u.k] = true
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
		b.routes = map[*kustomization][]routeTo{}
	}
	b.routes[k] = l
	return l
}

// routeThrough is a route with what it makes of objects.
func (b *build) routeThrough(r route) routeTo {
	to := routeTo{route: r}
	for _, k := range slices.Backward(b.applied(r)) {
		to.namespace = cmp.Or(k.spec.Namespace, to.namespace)
		to.prefix, to.suffix = k.spec.NamePrefix+to.prefix, to.suffix+k.spec.NameSuffix
	}
	return to
}

// findRoute finds the route that an object came by. Several overlays can build on one base: the
// object's namespace and name say through which of them it came, since kustomize takes no
// two objects that are equal in both. There are several if that is not clear.
func (o *object) findRoute() {
	if o.base == nil || o.base.at.k == nil {
		return
	}
	o.routes = o.build.routesTo(o.base.at.k)
	for _, fits := range [...]func(routeTo) bool{o.fitsNamespace, o.fitsName} {
		if fit := slices.DeleteFunc(slices.Clone(o.routes), func(r routeTo) bool { return !fits(r) }); len(fit) > 0 {
			o.routes = fit
		}
	}
	if len(o.routes) == 1 {
		o.route = o.routes[0].route
	}
}

// Kustomizations are those that the object came through: see lint.Kustomized.
func (o *object) Kustomizations() (l []lint.Kustomization) {
	o.findBase()
	for _, k := range o.route {
		l = append(l, lint.Kustomization{File: k.source.Text.File, Namespace: o.build.routeThrough(route{k}).namespace})
	}
	return l
}

// inLayers is what the last of the kustomizations that the object came through says of a value. If its route is not known, two
// that are not on one route may say something: then it is not known which of them gave the value.
func (o *object) inLayers(find func(k *kustomization) (claim, bool)) (claim, bool) {
	for _, k := range o.layers {
		c, ok := find(k)
		if !ok {
			continue
		}
		isOther := func(other *kustomization) bool {
			d, ok := find(other)
			return ok && d.origin.Position != c.origin.Position
		}
		return c, !o.mayBeOfAnother(k, isOther)
	}
	return claim{}, false
}

// mayBeOfAnother reports whether the route of the object is not known, and a condition holds for a kustomization that is not on
// one route with k.
func (o *object) mayBeOfAnother(k *kustomization, holds func(other *kustomization) bool) bool {
	return o.route == nil && slices.ContainsFunc(o.layers, func(other *kustomization) bool {
		return other != k && holds(other) && !o.areOnOneRoute(k, other)
	})
}

// maxAmbiguous is how many routes of an object are looked at to tell whether two kustomizations are on one of them.
const maxAmbiguous = 64

// areOnOneRoute reports whether the object may have come through two kustomizations one after the other.
func (o *object) areOnOneRoute(k, other *kustomization) bool {
	if k.dir == other.dir || slices.Contains(o.build.above(k), other) || slices.Contains(o.build.above(other), k) {
		return true
	}
	return len(o.routes) <= maxAmbiguous && slices.ContainsFunc(o.routes, func(r routeTo) bool {
		applied := o.build.applied(r.route)
		return slices.Contains(applied, k) && slices.Contains(applied, other)
	})
}

// fitsNamespace reports whether a route gives the object its namespace. A Namespace gets
// its name so; other objects of the cluster have none and fit every route.
func (o *object) fitsNamespace(r routeTo) bool {
	namespace := cmp.Or(r.namespace, node.Text(o.base.node, "metadata", "namespace"))
	own, isIn := o.namespace()
	return !isIn || namespace == own || namespace == "" && node.Text(o.root, "kind") == "Namespace"
}

// namespace is the one that kustomizations give the object, which is the name of a Namespace. ok is false for objects
// of the cluster.
func (o *object) namespace() (name string, ok bool) {
	kind := node.Text(o.root, "kind")
	if kind == "Namespace" {
		return node.Text(o.root, "metadata", "name"), true
	}
	return node.Text(o.root, "metadata", "namespace"), !o.isClusterScoped(kind)
}

func (o *object) isClusterScoped(kind string) bool {
	group, version := resid.ParseGroupVersion(node.Text(o.root, "apiVersion"))
	return resid.NewGvk(group, version, kind).IsClusterScoped()
}

// fitsName reports whether a route gives the object its name, apart from a content hash.
// A Namespace gets no prefix and no suffix.
func (o *object) fitsName(r routeTo) bool {
	if node.Text(o.root, "kind") == "Namespace" {
		return true
	}
	name := node.Text(o.root, "metadata", "name")
	rest, ok := strings.CutPrefix(name, r.prefix+o.base.name+r.suffix)
	return ok && contentHash.ReplaceAllString(rest, "") == "" || slices.ContainsFunc(o.build.applied(r.route), func(k *kustomization) bool { return o.build.sets(k, name) })
}

// sets reports whether a patch of a kustomization gives objects a name.
func (b *build) sets(k *kustomization, name string) bool {
	return slices.ContainsFunc(b.patchesOf(k), func(p patch) bool {
		isName := func(doc *yaml.Node) bool { return node.Text(doc, "metadata", "name") == name }
		return p.sets("/metadata/name") == name || p.renames && slices.ContainsFunc(p.source.ParsedObjects(), isName)
	})
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
	if declaring == nil {
		own, isIn := o.namespace()
		key.namespace, key.ofCluster = own, !isIn
	}
	if layers, seen := b.layers[key]; seen {
		return layers
	}
	through := o.route
	switch {
	case through != nil:
	case declaring == nil:
		through = slices.DeleteFunc(slices.Clone(b.files.order), func(k *kustomization) bool { return !o.mayPass(k) })
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

// mayPass reports whether the object may have come through a kustomization: none of the routes into it need set another namespace.
func (o *object) mayPass(k *kustomization) bool {
	namespaces := o.build.namespacesOn(k)
	own, isIn := o.namespace()
	return !isIn || namespaces == nil || namespaces[""] || namespaces[own]
}

// namespacesOn is the namespaces that the routes into a kustomization set, one of which is empty if one sets none. It is nil if
// there are too many routes.
func (b *build) namespacesOn(k *kustomization) map[string]bool {
	if m, seen := b.routeNamespaces[k]; seen {
		return m
	}
	var m map[string]bool
	for _, r := range b.routesTo(k) {
		if m == nil {
			m = map[string]bool{}
		}
		m[r.namespace] = true
	}
	if b.routeNamespaces == nil {
		b.routeNamespaces = map[*kustomization]map[string]bool{}
	}
	b.routeNamespaces[k] = m
	return m
}

// passed is the kustomization that declares objects and the first element of their route,
// which is nil if the route is not known. The namespace is that of objects of which nothing is known.
type passed struct {
	declaring *kustomization
	route     **kustomization
	namespace string
	ofCluster bool
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
	if l := b.rootEntries(root, k); len(l) > 0 {
		return l[0], true
	}
	return user{}, false
}

// rootEntries are the entries of the kustomization that is built through which another one came in.
func (b *build) rootEntries(root, k *kustomization) (l []user) {
	seen := map[*kustomization]bool{root: true}
	var climb func(k *kustomization)
	climb = func(k *kustomization) {
		if k == nil || seen[k] {
			return
		}
		seen[k] = true
		for _, u := range b.files.users[k.dir] {
			if u.k == root {
				l = append(l, u)
			} else {
				climb(u.k)
			}
		}
	}
	climb(k)
	return l
}

// rootUser is the entry of the kustomization that is built through which another one came in with the object. ok is false
// if there may be several.
func (o *object) rootUser(k *kustomization) (u user, ok bool) {
	u, ok = o.build.rootUser(k, o.route)
	return u, ok && (o.route != nil || !o.build.hasSeveralUsers(k))
}

// between lists the entries by which the object came from a kustomization into others, but for that of the kustomization which is
// built. There are none if its route is not known.
func (o *object) between(k *kustomization) (l []user) {
	for at := slices.Index(o.route, k) - 1; at > 0; at-- {
		if u, ok := o.build.userIn(o.route[at], o.route[at+1]); ok {
			l = append(l, u)
		}
	}
	return l
}

// hasSeveralUsers reports whether several entries of the kustomization that is built lead to another one.
func (b *build) hasSeveralUsers(k *kustomization) bool {
	several, seen := b.severalUsers[k]
	if seen {
		return several
	}
	l := b.rootEntries(b.files.kustomizations[b.dir], k)
	several = slices.ContainsFunc(l, func(u user) bool { return u.position() != l[0].position() })
	if b.severalUsers == nil {
		b.severalUsers = map[*kustomization]bool{}
	}
	b.severalUsers[k] = several
	return several
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
