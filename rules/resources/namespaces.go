package resources

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
)

// clusterNamespaces belong to the cluster itself.
var clusterNamespaces = []string{"kube-system", "kube-public", "kube-node-lease"}

// checkNamespaces reports the namespaces that the unit declares and puts workloads
// into, but has no object of a kind for.
func checkNamespaces(kind string) lint.UnitCheck {
	return func(p *lint.Pass) {
		used, has := map[string]bool{}, map[string]bool{}
		for _, o := range p.Unit.Objects {
			used[o.Namespace] = used[o.Namespace] || len(o.Workloads) > 0
			has[o.Namespace] = has[o.Namespace] || o.Is("", kind)
		}
		for _, o := range p.Unit.Objects {
			if !o.Is("", "Namespace") || !used[o.Name] || has[o.Name] || slices.Contains(clusterNamespaces, o.Name) {
				continue
			}
			p.Report(lint.Diagnostic{
				Object: o, At: o.Root.Get("metadata.name"),
				Message: `namespace "` + o.Name + `" has workloads and no ` + kind + "; want one",
			})
		}
	}
}
