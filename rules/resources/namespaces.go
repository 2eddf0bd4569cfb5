package resources

import (
	"maps"
	"slices"

	"github.com/kubevet/kubevet/lint"
)

// clusterNamespaces belong to the cluster itself.
var clusterNamespaces = []string{"kube-system", "kube-public", "kube-node-lease"}

// checkNamespaces reports the namespaces that have workloads and no object of a
// kind, at the Namespace or else at the first workload that names it. Of namespaces
// that have one, check looks further. It may be nil.
func checkNamespaces(kind string, check func(p *lint.Pass, namespace string)) lint.UnitCheck { //nolint:gocognit // it reads best in one piece
	return func(p *lint.Pass) {
		has := map[string]bool{}
		declared := map[string]*lint.Object{}
		for _, o := range p.Unit.Objects {
			switch {
			case o.Is("", "Namespace"):
				declared[o.Name] = o
			case o.Is("", kind):
				has[o.Namespace] = true
			}
		}
		used := workloadsByNamespace(p.Unit)
		for _, name := range slices.Sorted(maps.Keys(used)) {
			if slices.Contains(clusterNamespaces, name) {
				continue
			}
			if has[name] && check != nil {
				check(p, name)
			}
			if name == "" || has[name] {
				continue
			}
			d := lint.Diagnostic{Object: declared[name], Absence: true}
			if d.Object != nil {
				d.At = d.Object.Root.Get("metadata")
			} else {
				d.Object = used[name].Object
				d.At = d.Object.Root.Get("metadata.namespace")
			}
			d.Message = `namespace "` + name + `" has workloads and no ` + kind + "; want one"
			p.Report(d)
		}
	}
}

// workloadsByNamespace is the first workload of each namespace, in the order of kind
// and name.
func workloadsByNamespace(u *lint.Unit) map[string]*lint.Workload {
	first := map[string]*lint.Workload{}
	for _, w := range u.Workloads() {
		if f := first[w.Namespace]; f == nil || w.Ref().Compare(f.Ref()) < 0 {
			first[w.Namespace] = w
		}
	}
	return first
}
