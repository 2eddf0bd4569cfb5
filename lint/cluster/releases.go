package cluster

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/dirs"
)

// Release is what an object of the repository installs in a namespace.
type Release struct {
	*lint.Object
	lint.Release
}

// releases are those of the unit and of the repository by their namespaces.
var releases = lint.UnitIndex("releases", func(p *lint.Pass) map[string][]Release {
	byNamespace := map[string][]Release{}
	for _, o := range slices.Concat(p.Unit.Objects, p.Unit.Releases) {
		if r, ok := o.Release(); ok {
			byNamespace[r.Namespace] = append(byNamespace[r.Namespace], Release{o, r})
		}
	}
	return byNamespace
})

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
