package network

import (
	"slices"

	"github.com/kubevet/kubevet/lint/cluster/connect"
)

// hasPolicy says for namespaces whether a policy restricts pods there in a direction.
func hasPolicy(n *connect.Network, d direction) func(namespace string) bool {
	known := map[string]bool{}
	return func(namespace string) bool {
		if _, asked := known[namespace]; !asked {
			restricts := func(p *connect.Policy) bool { return p.Restricts(d.of) && n.AppliesIn(p, namespace) }
			known[namespace] = slices.ContainsFunc(n.Policies, restricts) || namespace != "" && slices.ContainsFunc(n.Elsewhere(), restricts)
		}
		return known[namespace]
	}
}

// deniesByDefault reports whether everything is denied by default in a namespace: by a
// network policy that selects all pods, or by those of administrators. A policy that only
// allows name resolution counts, since almost every pod needs it.
func deniesByDefault(n *connect.Network, d direction, namespace string) bool {
	policies := n.Policies
	if namespace != "" {
		policies = slices.Concat(policies, n.Elsewhere())
	}
	for _, p := range policies {
		if p.Tier != connect.NamespaceTier || !p.Subject.AllPods() || !p.Isolates[d.of] || !n.AppliesIn(p, namespace) {
			continue
		}
		if !slices.ContainsFunc(p.Rules[d.of], func(r connect.Rule) bool { return allowsMoreThanDNS(r, d) }) {
			return true
		}
	}
	return adminDenies(n, d, namespace)
}

// allowsMoreThanDNS reports whether a rule allows something besides name resolution. One
// that is not understood gets the benefit of the doubt.
func allowsMoreThanDNS(r connect.Rule, d direction) bool {
	switch {
	case r.Action != connect.Allow, r.Unclear != "", !r.Anyone && len(r.Peers) == 0:
		return false
	case d == ingress:
		return true
	}
	dns := connect.PortRange(connect.TCP, 53, 53).Union(connect.PortRange(connect.UDP, 53, 53))
	return !r.Ports.Within(dns, "dns", "dns-tcp")
}

// adminDenies reports whether policies of administrators deny everything in a namespace,
// unless a NetworkPolicy allows it: of the rules about all peers and ports the first one
// decides.
func adminDenies(n *connect.Network, d direction, namespace string) bool {
	for _, tier := range []connect.Tier{connect.AdminTier, connect.BaselineTier} {
	policies:
		for _, p := range n.Policies { // in their order
			if p.Tier != tier || !p.Subject.AllPods() || !n.AppliesIn(p, namespace) {
				continue
			}
			i := slices.IndexFunc(p.Rules[d.of], func(r connect.Rule) bool { return r.AboutEverything() })
			if i < 0 {
				continue
			}
			switch p.Rules[d.of][i].Action {
			case connect.Pass: // the rest of the tier does not apply
				break policies
			case connect.Deny:
				return true
			case connect.Allow:
				return false
			}
		}
	}
	return false
}
