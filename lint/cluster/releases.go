package cluster

import (
	"cmp"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/dirs"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/lint/release"
)

// Release is what an object of the repository installs in a namespace.
type Release struct {
	*lint.Object
	release.Release
	// More are values that it takes from ConfigMaps.
	More []lint.Value
}

// releases are those of the unit and of the repository by their namespaces.
var releases = lint.UnitIndex("releases", func(p *lint.Pass) map[string][]Release {
	byNamespace := map[string][]Release{}
	configMaps := map[[2]string]*lint.Object{}
	for _, o := range p.Unit.Objects {
		if o.Is("", "ConfigMap") {
			configMaps[[2]string{o.Namespace, o.Name}] = o
		}
	}
	for i, o := range slices.Concat(p.Unit.Objects, p.Unit.Releases) {
		if o.Kind == "ApplicationSet" && p.Unit.Kind != lint.UnitChart {
			continue // what it makes is among those of the repository
		}
		isOwn := i < len(p.Unit.Objects)
		if r, ok := release.Of(o); ok && (!isOwn || !r.HasVariable || len(p.Unit.Placed) == 0 || !p.Unit.Placed[FileOf(p, o)]) {
			key := r.Namespace
			if r.IsAnywhere {
				key = anywhere
			}
			byNamespace[key] = append(byNamespace[key], Release{o, r, append(valuesFrom(o, configMaps), o.Given...)})
		}
	}
	return byNamespace
})

// appliers are the Kustomizations of Flux in the unit.
type appliers struct {
	// byTarget are those with a target by its name, and those of a source of their own namespace, which is mostly another repository, by that
	// namespace, too.
	byTarget map[string][]*lint.Object
	// below are those without a target by their directories and those above, and namespaces how many Namespaces are there.
	below      map[string][]*lint.Object
	namespaces map[string]int
}

var appliersOf = lint.UnitIndex("kustomizations of Flux", func(p *lint.Pass) appliers {
	a := appliers{map[string][]*lint.Object{}, map[string][]*lint.Object{}, map[string]int{}}
	sources := map[string]bool{}
	for _, o := range p.Unit.Objects {
		if o.Group() == "source.toolkit.fluxcd.io" && o.Namespace != bootstrap {
			sources[o.Kind+"/"+o.Namespace+"/"+o.Name] = true
		}
	}
	for _, o := range p.Unit.Objects {
		from := o.Root.Get("spec.sourceRef")
		switch {
		case o.Is("", "Namespace"):
			for _, dir := range dirs.Above(DirOf(p, o)) {
				a.namespaces[dir]++
			}
		case !o.Is("kustomize.toolkit.fluxcd.io", "Kustomization"):
		case o.Root.Get("spec.targetNamespace").IsSet():
			target := o.Root.Get("spec.targetNamespace").Text()
			a.byTarget[target] = append(a.byTarget[target], o)
		default:
			if sources[from.Get("kind").Text()+"/"+o.Namespace+"/"+from.Get("name").Text()] {
				a.byTarget[o.Namespace] = append(a.byTarget[o.Namespace], o)
			}
			for _, dir := range dirs.Above(DirOf(p, o)) {
				a.below[dir] = append(a.below[dir], o)
			}
		}
	}
	return a
})

// bootstrap is the namespace of Flux itself. What is in it applies to others.
const bootstrap = "flux-system"

// AppliersIn lists the Kustomizations of Flux that may apply something in the namespace which a Namespace declares: those with it as
// target, those without a target that are in it with their source, and those without a target in the Namespace's directory or below,
// if no other Namespace is there.
func AppliersIn(p *lint.Pass, o *lint.Object) []*lint.Object {
	a, dir := appliersOf(p), DirOf(p, o)
	if a.namespaces[dir] != 1 {
		return a.byTarget[o.Name]
	}
	return slices.Concat(a.byTarget[o.Name], a.below[dir])
}

// anywhere is the key of those whose namespace is not known.
const anywhere = "*"

// ReleasesAnywhere lists what is installed in a namespace that is not known, each once by kind and name.
var ReleasesAnywhere = lint.UnitIndex("releases without a known namespace", func(p *lint.Pass) (names []string) {
	seen := map[string]bool{}
	for _, r := range releases(p)[anywhere] {
		if name := r.KindName(); !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return names
})

// valuesFrom reads the values that a HelmRelease takes from ConfigMaps, by their namespaces and names.
func valuesFrom(o *lint.Object, configMaps map[[2]string]*lint.Object) (l []lint.Value) {
	for ref := range o.Root.Get("spec.valuesFrom").Items() {
		from := configMaps[[2]string{o.Namespace, ref.Get("name").Text()}]
		if from == nil || ref.Get("kind").Text() != "ConfigMap" {
			continue
		}
		var n yaml.Node
		text := from.Root.Get("data").Child(cmp.Or(ref.Get("valuesKey").Text(), "values.yaml"))
		if text.IsScalar() && yaml.Unmarshal([]byte(text.Node.Value), &n) == nil && node.IsExpandable(&n) {
			l = append(l, node.NewValue(&n))
		}
	}
	return l
}

// ReleasesIn lists what is installed in the namespace that a Namespace declares. A repository may have that of several
// clusters: the releases are those of the Namespace's directory and below, or else those of the nearest above.
func ReleasesIn(p *lint.Pass, o *lint.Object) []Release {
	all := releases(p)[o.Name]
	if len(all) == 0 {
		return nil
	}
	const below = 2 // the distance of what is in the directory's own ones
	file := FileOf(p, o)
	distances, nearest := make([]int, len(all)), 0
	for i, r := range all {
		distances[i] = max(dirs.Distance(file, FileOf(p, r.Object)), below)
		if i == 0 || distances[i] < nearest {
			nearest = distances[i]
		}
	}
	var l []Release
	for i, r := range all {
		if distances[i] == nearest {
			l = append(l, r)
		}
	}
	return l
}
