package rbac

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/access"
	"github.com/kubevet/kubevet/lint/node"
)

// mayBeBound reports whether something of the unit but its bindings may give a role: an object that names it
// where it speaks of roles, such as a resource from which an operator makes bindings, or a RoleBinding of
// which it is not known that it is in another namespace.
func mayBeBound(p *lint.Pass, r *access.Role) bool {
	return namedRoles(p)[r.Name] || slices.ContainsFunc(access.Of(p).Bindings, func(b *access.Binding) bool {
		return b.RoleKind == "Role" && !r.IsCluster() && b.RoleName == r.Name && (b.Namespace == "") != (r.Namespace == "")
	})
}

// isBoundElsewhere reports whether another unit of the repository has a binding for a ClusterRole: a manifest, or a template of a chart.
func isBoundElsewhere(p *lint.Pass, r *access.Role) bool {
	if !r.IsCluster() || r.Name == "" {
		return false
	}
	if boundInRepository(p)[r.Name] || p.Unit.BoundByCharts == nil {
		return boundInRepository(p)[r.Name]
	}
	isOther := func(chart string) bool { return p.Unit.Kind != lint.UnitChart || chart != p.Unit.Input }
	return slices.ContainsFunc(p.Unit.BoundByCharts()[r.Name], isOther)
}

// boundInRepository are the ClusterRoles that bindings in the manifests of the repository give.
var boundInRepository = lint.UnitIndex("bound in the repository", func(p *lint.Pass) map[string]bool {
	names := map[string]bool{}
	for _, o := range p.Unit.Bindings {
		if ref := o.Root.Get("roleRef"); ref.Get("kind").Text() == "ClusterRole" {
			names[ref.Get("name").Text()] = true
		}
	}
	return names
})

// namedRoles is the texts below keys that speak of a role, in objects that are not RBAC's own.
var namedRoles = lint.UnitIndex("named roles", func(p *lint.Pass) map[string]bool {
	n := roleNames{names: map[string]bool{}, seen: map[placed]bool{}}
	for _, o := range p.Unit.Objects {
		if o.Group() != "rbac.authorization.k8s.io" {
			n.add(o.Root.Node, false)
		}
	}
	return n.names
})

type roleNames struct {
	names map[string]bool
	seen  map[placed]bool // aliases lead to a node more than once
}

// placed is a node, and whether it is below a key that speaks of a role.
type placed struct {
	node *yaml.Node
	role bool
}

func (r *roleNames) add(n *yaml.Node, role bool) {
	n = node.Deref(n)
	if n == nil || r.seen[placed{n, role}] {
		return
	}
	r.seen[placed{n, role}] = true
	switch n.Kind {
	case yaml.ScalarNode:
		if role {
			r.names[n.Value] = true
		}
	case yaml.MappingNode:
		for k, v := range node.Entries(n) {
			r.add(v, role || strings.Contains(strings.ToLower(k.Value), "role"))
		}
	case yaml.SequenceNode, yaml.DocumentNode:
		for _, c := range n.Content {
			r.add(c, role)
		}
	case yaml.AliasNode:
	}
}
