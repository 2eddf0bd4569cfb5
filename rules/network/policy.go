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
			known[namespace] = slices.ContainsFunc(n.Policies, restricts) || namespace != "" && slices.ContainsFunc(n.OtherPolicies(), restricts)
		}
		return known[namespace]
	}
}
