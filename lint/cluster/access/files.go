package access

import (
	"path"
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/dirs"
)

// files are those of the roles, bindings, accounts and workloads in a tree of manifests, whose directories
// are often deployed apart. It is nil for other units.
type files map[*lint.Object]string

func newFiles(p *lint.Pass) files {
	if p.Unit.Kind != lint.UnitManifests {
		return nil
	}
	f := files{}
	for _, o := range p.Unit.Objects {
		if slices.Contains(accessKinds, o.Kind) || len(o.Workloads) > 0 {
			f[o] = p.Locate(o, o.Root.Get("kind")).File
		}
	}
	return f
}

var accessKinds = []string{"Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "ServiceAccount"}

// dir is the directory of an object. It is empty where it is not known.
func (f files) dir(o *lint.Object) string {
	if f[o] == "" {
		return ""
	}
	return path.Dir(f[o])
}

// distance is how far apart the files of two objects are. It is none where they are not known.
func (f files) distance(from, to *lint.Object) int {
	if f[from] == "" || f[to] == "" {
		return 0
	}
	return dirs.Distance(f[from], f[to])
}

// nearest is the first of some objects that is nearest to another. It is nil if there are none.
func (f files) nearest(from *lint.Object, l []*lint.Object) *lint.Object {
	var found *lint.Object
	least := 0
	for _, o := range l {
		if n := f.distance(from, o); found == nil || n < least {
			found, least = o, n
		}
	}
	return found
}
