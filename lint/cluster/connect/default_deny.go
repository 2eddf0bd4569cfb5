package connect

import (
	"slices"

	"github.com/kubevet/kubevet/lint/cluster"
)

// IsSystemNamespace reports whether a namespace belongs to the cluster, which a policy that
// denies by default would stop.
func IsSystemNamespace(name string) bool {
	return slices.Contains(cluster.SystemNamespaces, name)
}

// OfAllPods is the policies that select all pods of a namespace and deny what no rule allows,
// of those of namespaces. It is nil if one of them allows everything.
func (n *Network) OfAllPods(d Direction, namespace string) []*Policy {
	l := n.isolateAllPods(n.policiesFor(namespace), d, namespace)
	if slices.ContainsFunc(l, func(p *Policy) bool { return p.opening(d) != nil }) {
		return nil
	}
	return l
}

// OpenedBy is the NetworkPolicy of the unit that selects all pods of a namespace and allows them
// everything, and its rule that does. NetworkPolicies add up: others that deny change nothing beside
// it. It is nil if there is none, or if a policy of another kind denies something first.
func (n *Network) OpenedBy(d Direction, namespace string) (*Policy, *Rule) {
	denies := func(p *Policy) bool {
		return n.AppliesIn(p, namespace) && slices.ContainsFunc(p.Rules[d], func(r Rule) bool { return r.Action != Allow })
	}
	if slices.ContainsFunc(n.policiesFor(namespace), denies) {
		return nil, nil
	}
	for _, p := range n.isolateAllPods(n.Policies, d, namespace) {
		if r := p.opening(d); r != nil && IsNative(p.Object) {
			return p, r
		}
	}
	return nil, nil
}

// isolateAllPods is those of some policies that select all pods of a namespace and deny what no
// rule allows.
func (n *Network) isolateAllPods(policies []*Policy, d Direction, namespace string) (l []*Policy) {
	for _, p := range policies {
		if p.Tier == NamespaceTier && p.Subject.AllPods() && p.Isolates[d] && n.AppliesIn(p, namespace) {
			l = append(l, p)
		}
	}
	return l
}

// opening is the rule of a policy that allows everything. Nil if there is none.
func (p *Policy) opening(d Direction) *Rule {
	i := slices.IndexFunc(p.Rules[d], func(r Rule) bool { return r.Action == Allow && r.AboutEverything() })
	if i < 0 {
		return nil
	}
	return &p.Rules[d][i]
}

// AllowsMoreThanDNS is the first rule of a policy that allows something besides name resolution. Nil
// if there is none.
func (p *Policy) AllowsMoreThanDNS(d Direction) *Rule {
	i := slices.IndexFunc(p.Rules[d], func(r Rule) bool { return allowsMoreThanDNS(r, d) })
	if i < 0 {
		return nil
	}
	return &p.Rules[d][i]
}

// policiesFor is the policies that may be about a namespace: those of the unit, and of the
// rest of the repository if the name of the namespace is known.
func (n *Network) policiesFor(namespace string) []*Policy {
	if namespace == "" {
		return n.Policies
	}
	return slices.Concat(n.Policies, n.OtherPolicies())
}

// DeniesByDefault reports whether everything is denied by default in a namespace: by a
// network policy that selects all pods, or by those of administrators. A policy that only
// allows name resolution counts, since almost every pod needs it.
func (n *Network) DeniesByDefault(d Direction, namespace string) bool {
	for _, p := range n.isolateAllPods(n.policiesFor(namespace), d, namespace) {
		if p.AllowsMoreThanDNS(d) == nil {
			return true
		}
	}
	return n.adminDenies(d, namespace)
}

// allowsMoreThanDNS reports whether a rule allows something besides name resolution. One
// that is not understood gets the benefit of the doubt.
func allowsMoreThanDNS(r Rule, d Direction) bool {
	switch {
	case r.Action != Allow, r.Unclear != "", !r.Anyone && len(r.Peers) == 0:
		return false
	case d == Ingress:
		return true
	}
	dns := PortRange(TCP, 53, 53).Union(PortRange(UDP, 53, 53))
	return !r.Ports.Within(dns, "dns", "dns-tcp")
}

// adminDenies reports whether policies of administrators deny everything in a namespace,
// unless a NetworkPolicy allows it: of the rules about all peers and ports the first one
// decides.
func (n *Network) adminDenies(d Direction, namespace string) bool {
	for _, tier := range []Tier{AdminTier, BaselineTier} {
	policies:
		for _, p := range n.Policies { // in their order
			if p.Tier != tier || !p.Subject.AllPods() || !n.AppliesIn(p, namespace) {
				continue
			}
			i := slices.IndexFunc(p.Rules[d], func(r Rule) bool { return r.AboutEverything() })
			if i < 0 {
				continue
			}
			switch p.Rules[d][i].Action {
			case Pass: // the rest of the tier does not apply
				break policies
			case Deny:
				return true
			case Allow:
				return false
			}
		}
	}
	return false
}
