package cluster

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
)

// SystemNamespaces are those of the cluster itself. They must not be changed.
var SystemNamespaces = []string{"kube-system", "kube-public", "kube-node-lease"}

// line is one of a file.
type line struct {
	file string
	line int
}

func lineOf(p *lint.Pass, o *lint.Object) line {
	at := p.Locate(o, o.Root.Get("kind")).Position
	return line{at.File, at.Line}
}

// systemNamespaces are those of the cluster that files of the repository make, by the lines at which they are.
var systemNamespaces = lint.UnitIndex("system namespaces", func(p *lint.Pass) map[line][]string {
	at := map[line][]string{}
	for _, o := range slices.Concat(p.Unit.Objects, p.Unit.Namespaces) {
		if l := (line{}); o.Is("", "Namespace") && slices.Contains(SystemNamespaces, o.Name) {
			if l = lineOf(p, o); l.line > 0 && !slices.Contains(at[l], o.Name) {
				at[l] = append(at[l], o.Name)
			}
		}
	}
	return at
})

// SystemNamespacesOf are the namespaces of the cluster that come of the same place as a Namespace: overlays that use a
// component have a Namespace each.
func SystemNamespacesOf(p *lint.Pass, o *lint.Object) []string {
	all := systemNamespaces(p)
	if len(all) == 0 {
		return nil
	}
	return all[lineOf(p, o)]
}
