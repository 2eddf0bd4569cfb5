package network

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/connect"
)

// NoKubeletEgress reports rules of network policies that let pods reach the kubelet of the nodes.
//
// The kubelet runs commands in all containers of its node. It asks for credentials, and a pod that
// stole some, or a kubelet that asks for none, is a way from one container to all.
//
// The kubelet listens on ports 10250 and 10255 of each node, and no file says which addresses nodes
// have. Reported are egress rules for one of these ports that name no peers, that name every address, or
// Cilium's entities host and remote-node. The rule is part of the strict profile only. Rules that allow
// every port are reported by no-allow-all-network-policy.
var NoKubeletEgress = &lint.Rule{
	ID:        "no-kubelet-egress",
	Title:     "Network policy allows the kubelet",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"network-policies-all-workloads"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Network policies"},
		{Standard: owasp, Control: "K05"},
	},
	Fix: "name the peers of the rule, or leave the kubelet's ports out",
	Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		checkNodePorts(p, o, "the kubelet of the nodes", connect.Target{Node: true}, 10250, 10255)
	}),
}

// checkNodePorts reports egress rules that allow ports of nodes, or of the API server. Cilium
// knows these as entities; in other clusters they have addresses that no file shows.
func checkNodePorts(p *lint.Pass, o *lint.Object, what string, entity connect.Target, ports ...int) {
	for _, policy := range connect.PoliciesOf(p, o) {
		if policy.Tier != connect.NamespaceTier || !policy.Isolates[connect.Egress] {
			continue
		}
		for i := range policy.Rules[connect.Egress] {
			rule := &policy.Rules[connect.Egress][i]
			if at, why := opensNodePort(rule, entity, ports); why != "" {
				p.Report(lint.Diagnostic{
					Object: o, At: at, Fix: lint.Intent{AdviceOnly: true},
					Message: o.KindName() + " allows egress to " + what + " by " + why + "; want peers or other ports",
				})
				break
			}
		}
	}
}

// opensNodePort says by what a rule allows one of some ports of nodes. why is empty if it
// does not.
func opensNodePort(rule *connect.Rule, entity connect.Target, ports []int) (at lint.Value, why string) {
	has := slices.ContainsFunc(ports, func(n int) bool { return rule.Ports.Has(connect.TCP, n) })
	if !has || rule.Action != connect.Allow || rule.Unclear != "" || rule.Ports.IsAll(connect.TCP) && !namesNodes(rule, entity) {
		return at, ""
	}
	if rule.Anyone {
		return rule.PortsAt, "a rule without peers"
	}
	if peer := openPeer(rule, entity); peer != nil {
		return peer.At, peerName(*peer)
	}
	return at, ""
}

// openPeer is the peer of a rule that is an entity of Cilium by itself, or every address.
// It is nil if there is none.
func openPeer(rule *connect.Rule, entity connect.Target) *connect.Peer {
	for i := range rule.Peers {
		if p := &rule.Peers[i]; connect.EveryAddress(p.Blocks) && p.Name == "" || p.Name != "" && (entity.Node && p.Nodes || entity.APIServer && p.APIServer) {
			return p
		}
	}
	return nil
}

// namesNodes reports whether a rule names just the entity, whose ports are all open then.
func namesNodes(rule *connect.Rule, entity connect.Target) bool {
	for _, p := range rule.Peers {
		if p.Pods == nil && p.Blocks == nil && (entity.Node && p.Nodes || entity.APIServer && p.APIServer) {
			return true
		}
	}
	return false
}
