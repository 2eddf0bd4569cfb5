package kustomize

import (
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
