package network

import (
	"maps"
	"path"
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
	"github.com/kubevet/kubevet/lint/cluster/connect"
	"github.com/kubevet/kubevet/lint/cluster/dirs"
	"github.com/kubevet/kubevet/lint/node"
)

// namespace is one that a unit declares or names, and where it does.
type namespace struct {
	name   string
	object *lint.Object
	at     lint.Value
}

// namespacesOf lists the namespaces that should deny by default, each with its
// Namespace object or, if the repository has none, the first workload that names it. A
// namespace that no file names counts in the strict profile only, and so does one that a chart names and does not make.
// Manifests of several directories with one placeholder for a name are of a Namespace each.
func namespacesOf(p *lint.Pass) []namespace {
	found, others := declaredIn(p)
	workloads := p.Unit.Workloads()
	slices.SortStableFunc(workloads, func(a, b *lint.Workload) int { return a.Ref().Compare(b.Ref()) })
	for _, w := range workloads {
		if _, ok := found[w.Namespace]; ok || !isPolicyTarget(w) || isDeclaredElsewhere(p, w) {
			continue
		}
		if p.Unit.Kind == lint.UnitChart && p.Profile != lint.Strict {
			continue // it has pods of others, and a policy for all of them is not the chart's
		}
		if o := declaredAbove(p, w.Namespace); o != nil {
			found[w.Namespace] = namespace{w.Namespace, o, o.Root.Get("metadata")}
			continue
		}
		at := w.Root.Get("metadata.namespace")
		if w.Namespace == "" {
			if p.Profile != lint.Strict {
				continue
			}
			at = w.Root.Get("metadata.name")
		}
		found[w.Namespace] = namespace{w.Namespace, w.Object, at}
	}
	maps.DeleteFunc(found, func(name string, _ namespace) bool { return connect.IsSystemNamespace(name) })
	l := others
	for _, name := range slices.Sorted(maps.Keys(found)) {
		l = append(l, found[name])
	}
	return l
}

// declaredIn are the namespaces that a unit declares, by their names. Others have a placeholder that one of found has, too.
func declaredIn(p *lint.Pass) (found map[string]namespace, others []namespace) {
	found = map[string]namespace{}
	for _, o := range p.Unit.Objects {
		if !o.Is("", "Namespace") || node.IsComputed(o.Name) { // which may be one that has policies
			continue
		}
		ns := namespace{o.Name, o, o.Root.Get("metadata")} // not the name, which each overlay may set: the policy is added beside the object
		if first, has := found[o.Name]; has && node.MayHavePlaceholder(o.Name) && cluster.DirOf(p, first.object) != cluster.DirOf(p, o) {
			others = append(others, first)
		}
		found[o.Name] = ns
	}
	return found, others
}

// declared are the Namespaces of the repository by their names.
var declared = lint.UnitIndex("declared namespaces", func(p *lint.Pass) map[string][]*lint.Object {
	byName := map[string][]*lint.Object{}
	for _, o := range p.Unit.Namespaces {
		byName[o.Name] = append(byName[o.Name], o)
	}
	return byName
})

// isDeclaredElsewhere reports whether another unit has the Namespace of a workload: it is reported there. One
// in a file that looks like a variant of the workload's is that of another cluster.
func isDeclaredElsewhere(p *lint.Pass, w *lint.Workload) bool {
	all := declared(p)[w.Namespace]
	if len(all) != 1 {
		return false
	}
	file, home := cluster.FileOf(p, w.Object), cluster.FileOf(p, all[0])
	isListed := all[0].Lister.File != "" && p.Unit.Kind == lint.UnitManifests && path.Dir(file) == path.Dir(home) // the workload beside it is in no list
	return isListed || !dirs.AreVariants(file, home)
}

// declaredAbove is the Namespace of a name in the directory of an overlay or in one above it, if the nearest that has it
// has one: the overlays below are built together with it, and have one finding there. It is nil if there is none.
func declaredAbove(p *lint.Pass, name string) *lint.Object {
	all := declared(p)[name]
	if p.Unit.Kind != lint.UnitOverlay || len(all) == 0 {
		return nil
	}
	byDir := map[string][]*lint.Object{}
	for _, o := range all {
		dir := cluster.DirOf(p, o)
		byDir[dir] = append(byDir[dir], o)
	}
	for _, dir := range dirs.Above(path.Clean(p.Unit.Input)) {
		if l := byDir[dir]; len(l) == 1 {
			return l[0]
		} else if len(l) > 1 {
			return nil
		}
	}
	return nil
}

// label is how messages call the namespace.
func (n namespace) label(u *lint.Unit) string {
	switch {
	case n.name != "":
		return `namespace "` + n.name + `"`
	case n.isOfRelease(u):
		return "the release namespace"
	}
	return "the namespace of " + n.object.KindName()
}

// subject is how messages call what should have a policy: of a chart only what it renders
// is known, and not what else its namespace has. The same is true of an operator's bundle.
func (n namespace) subject(u *lint.Unit) string {
	switch {
	case n.isOfRelease(u):
		return "the chart"
	case n.isOfBundle():
		return "the bundle"
	}
	return n.label(u)
}

// isOfRelease reports whether the namespace is the one that a chart is installed in.
func (n namespace) isOfRelease(u *lint.Unit) bool { return n.name == "" && u.Kind == lint.UnitChart }

// isShared reports whether the namespace may have pods of others, which a policy for all of it would cut off. A
// chart knows that only of a namespace that it makes, and what is read of an input that lacks a part, of none. Nobody knows it of
// the namespace that the person chooses who applies manifests, or installs the bundle that is made of an overlay.
func (n namespace) isShared(p *lint.Pass) bool {
	switch {
	case n.name == "", isForBundle(p), p.LacksInput(n.object):
		return true
	case p.Unit.Kind != lint.UnitChart:
		return false
	}
	return !slices.ContainsFunc(p.Unit.Objects, func(o *lint.Object) bool { return o.Is("", "Namespace") && o.Name == n.name })
}

// lacks is what the overlays with the namespace lack together where it has no policy. It is zero for a namespace that is not known, and
// where each may be of another cluster.
func (n namespace) lacks(p *lint.Pass) lint.Lack {
	if n.name == "" || node.MayHavePlaceholder(n.name) || p.Unit.Kind != lint.UnitOverlay {
		return lint.Lack{}
	}
	return lint.Lack{Of: n.name + " of " + cluster.DirOfCluster(p), IsPart: n.isShared(p)}
}

// isOfBundle reports whether the namespace is the one in which a person installs an operator with the Operator
// Lifecycle Manager, often one with other operators.
func (n namespace) isOfBundle() bool {
	return n.name == "" && isVersion(n.object)
}

// bundle says whether an overlay has a ClusterServiceVersion, of which a bundle is made with its other objects, and the Deployments
// that it has beside it. These replace those of the ClusterServiceVersion.
type bundle struct {
	is          bool
	deployments map[string]bool
}

var bundled = lint.UnitIndex("bundle", func(p *lint.Pass) (b bundle) {
	b.deployments = map[string]bool{}
	for _, o := range p.Unit.Objects {
		b.is = b.is || p.Unit.Kind == lint.UnitOverlay && isVersion(o)
		if o.Is("apps", "Deployment") {
			b.deployments[o.Name] = true
		}
	}
	return b
})

func isForBundle(p *lint.Pass) bool { return bundled(p).is }

// isReplaced reports whether a workload is of a ClusterServiceVersion whose Deployments are all beside it.
func isReplaced(p *lint.Pass, w *lint.Workload) bool {
	if !isVersion(w.Object) || !isForBundle(p) {
		return false
	}
	for d := range w.Root.Each("spec.install.spec.deployments[]") {
		if !bundled(p).deployments[d.Get("name").Text()] {
			return false
		}
	}
	return true
}

func isVersion(o *lint.Object) bool { return o.Is("operators.coreos.com", "ClusterServiceVersion") }
