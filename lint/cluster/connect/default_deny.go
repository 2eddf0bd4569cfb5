package connect

import "slices"

// IsSystemNamespace reports whether a namespace belongs to the cluster, which a policy that
// denies by default would stop.
func IsSystemNamespace(name string) bool {
	return slices.Contains([]string{"kube-system", "kube-public", "kube-node-lease"}, name)
}

// OfAllPods is a policy that selects all pods of a namespace and denies what no rule allows,
// of those of namespaces. It is nil if it has none, or one of them allows everything.
func (n *Network) OfAllPods(d Direction, namespace string) *Policy {
	var first *Policy
	for _, p := range n.policiesFor(namespace) {
		if p.Tier != NamespaceTier || !p.Subject.AllPods() || !p.Isolates[d] || !n.AppliesIn(p, namespace) {
			continue
		}
		if slices.ContainsFunc(p.Rules[d], func(r Rule) bool { return r.Action == Allow && r.AboutEverything() }) {
			return nil
		}
		if first == nil {
			first = p
		}
	}
	return first
}

// policiesFor is the policies that may be about a namespace: those of the unit, and of the
// rest of the repository if the name of the namespace is known.
func (n *Network) policiesFor(namespace string) []*Policy {
	if namespace == "" {
		return n.Policies
	}
	return slices.Concat(n.Policies, n.Elsewhere())
}

// DeniesByDefault reports whether everything is denied by default in a namespace: by a
// network policy that selects all pods, or by those of administrators. A policy that only
// allows name resolution counts, since almost every pod needs it.
func (n *Network) DeniesByDefault(d Direction, namespace string) bool {
	for _, p := range n.policiesFor(namespace) {
		if p.Tier != NamespaceTier || !p.Subject.AllPods() || !p.Isolates[d] || !n.AppliesIn(p, namespace) {
			continue
		}
		if !slices.ContainsFunc(p.Rules[d], func(r Rule) bool { return allowsMoreThanDNS(r, d) }) {
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
