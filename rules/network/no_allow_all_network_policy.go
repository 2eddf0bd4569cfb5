package network

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/connect"
)

// NoAllowAllNetworkPolicy reports rules of network policies that allow everything.
//
// Such a policy looks like a restriction and is none: every pod of the cluster and every address may
// reach the pods, or be reached by them. Policies add up, so one such rule undoes what the others
// restrict.
//
// An empty rule, {} or null, allows everything. So does a rule whose peers include every address of
// IPv4 or IPv6, in one block or in several, also of several rules of the policy, Cilium's entities all
// and world, and a rule that only names every TCP port. Cilium's world and its blocks are what is outside of the
// cluster, and the finding says so. Ingress from every pod of the cluster is reported
// with low severity. A rule that names single ports is not reported, and neither is one of Cilium or Calico
// that is restricted in a way that kubevet does not read. Egress is reported in the strict profile only,
// with low severity: many applications need to reach any address.
var NoAllowAllNetworkPolicy = &lint.Rule{
	ID:        "no-allow-all-network-policy",
	Title:     "Network policy allows everything",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"network-policies-all-workloads"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Network policies"},
		{Standard: owasp, Control: "K05"},
	},
	Fix:   "name the peers and ports that the pods need",
	Check: lint.ObjectCheck(checkAllowAll),
}

func checkAllowAll(p *lint.Pass, o *lint.Object) {
	policies := connect.PoliciesOf(p, o)
	for _, policy := range policies {
		for _, d := range []direction{ingress, egress} {
			if policy.Tier == connect.BaselineTier || d == egress && p.Profile != lint.Strict {
				continue
			}
			for _, found := range openingsOf(policy, d) {
				found.cluster = found.cluster || deniesAddresses(policies, d)
				reportOpening(p, o, d, found)
			}
		}
	}
}

// openingsOf lists the rules of a policy that allow everything.
func openingsOf(policy *connect.Policy, d direction) []opening {
	var l []opening
	var blocks []connect.Peer // of rules for all ports that are not open by themselves
	for i := range policy.Rules[d.of] {
		rule := &policy.Rules[d.of][i]
		if rule.Action != connect.Allow || rule.Unclear != "" || !rule.Ports.IsAll(connect.TCP) {
			continue
		}
		found := openedBy(rule)
		if found.why == "" {
			blocks = append(blocks, blocksOf(rule)...)
			found = openedTogether(blocks, rule)
		}
		if found.why != "" {
			found.addresses = found.addresses && connect.IsCilium(policy.Object)
			l = append(l, found)
		}
	}
	return l
}

// deniesAddresses reports whether policies of an object deny every address outside of the
// cluster, as Cilium's ingressDeny from world does. What they allow besides is for pods.
func deniesAddresses(policies []*connect.Policy, d direction) bool {
	return slices.ContainsFunc(policies, func(policy *connect.Policy) bool {
		return slices.ContainsFunc(policy.Rules[d.of], func(r connect.Rule) bool {
			return r.Action == connect.Deny && r.Unclear == "" && r.Ports.IsAll(connect.TCP) && connect.EveryAddress(r.Addresses())
		})
	})
}

// opening is how a rule allows everything. why is empty if it does not.
type opening struct {
	at  lint.Value
	why string
	// cluster is set if it is open to the pods of the cluster only.
	cluster bool
	// addresses is set if it is open by blocks of addresses. Those of Cilium are not for the pods
	// and nodes of the cluster.
	addresses bool
}

func reportOpening(p *lint.Pass, o *lint.Object, d direction, found opening) {
	diagnostic := lint.Diagnostic{
		Object: o, At: found.at, Severity: lint.Low.If(d == egress || found.cluster),
		Message: o.KindName() + " allows all " + d.field + " by " + found.why + "; want peers or ports",
	}
	where := "from"
	if d == egress {
		where = "to"
	}
	switch {
	case found.addresses:
		diagnostic.Message = o.KindName() + " allows " + d.field + " " + where + " every address outside of the cluster by " + found.why + "; want the addresses or ports that are meant"
	case found.cluster:
		diagnostic.Message = o.KindName() + " allows " + d.field + " " + where + " every pod of the cluster by " + found.why + "; want the namespaces or pods that are meant"
	}
	p.Report(diagnostic)
}

// openedBy judges a rule for every TCP port: by its peers, each by itself.
func openedBy(rule *connect.Rule) opening {
	switch {
	case rule.Anyone && rule.PortsAt.Len() > 0:
		return opening{at: rule.PortsAt, why: "a rule for every TCP port without peers"}
	case rule.Anyone && rule.At.Get("action").IsSet(): // Calico
		return opening{at: rule.At.Get("action"), why: "a rule without source, destination and protocol"}
	case rule.Anyone:
		return opening{at: rule.At, why: "an empty rule"}
	}
	var cluster opening
	for _, peer := range rule.Peers {
		if connect.EveryAddress(peer.Blocks) && len(peer.Except) == 0 {
			return opening{at: peer.At, why: peerName(peer), addresses: peer.Pods == nil}
		}
		if peer.Pods != nil && peer.Pods.Everywhere() && peer.Pods.AllPods() && cluster.why == "" {
			cluster = opening{at: clusterPeer(peer), why: peerName(peer), cluster: true}
		}
	}
	if cluster.why == "" {
		return openedTogether(blocksOf(rule), rule)
	}
	return cluster
}

// clusterPeer is the place of a peer that is all pods: its selector of namespaces, if it
// has one.
func clusterPeer(peer connect.Peer) lint.Value {
	for _, key := range []string{"namespaceSelector", "namespaces"} {
		if v := peer.At.Get(key); v.IsSet() {
			return v
		}
	}
	return peer.At
}

// peerName is how messages call a peer: by its entity, its block, or its field.
func peerName(peer connect.Peer) string {
	path := strings.TrimRight(peer.At.Path(), "0123456789[]")
	field := path[strings.LastIndexByte(path, '.')+1:]
	switch {
	case peer.Name != "":
		return field + ": " + peer.Name
	case field == "cidr" && strings.HasSuffix(path, "ipBlock.cidr"):
		return "ipBlock " + peer.Cidr
	case peer.Cidr != "":
		return field + " " + peer.Cidr
	case peer.At.Get("namespaceSelector").IsSet():
		return "namespaceSelector: {}"
	case peer.At.Get("namespaces").IsSet():
		return "namespaces: {}"
	}
	return "a peer that is all pods"
}

// blocksOf is the peers of a rule that are addresses.
func blocksOf(rule *connect.Rule) []connect.Peer {
	return slices.DeleteFunc(slices.Clone(rule.Peers), func(p connect.Peer) bool { return p.Blocks == nil })
}

// openedTogether judges blocks of addresses that are every address together, such as
// 0.0.0.0/1 and 128.0.0.0/1. The last of them are in a rule.
func openedTogether(blocks []connect.Peer, rule *connect.Rule) opening {
	if len(blocks) < 2 || !connect.EveryAddress(connect.Union(blocks)) {
		return opening{}
	}
	var names []string
	for _, b := range blocks {
		names = append(names, b.Cidr)
	}
	slices.Sort(names)
	at := rule.At
	for _, key := range []string{"from", "to"} {
		if v := rule.At.Get(key); v.IsSet() {
			at = v
		}
	}
	return opening{at: at, why: "the blocks " + strings.Join(slices.Compact(names), " and ") + ", which are every address together", addresses: true}
}

// isEverywhere reports whether a block is every address of its family.
func isEverywhere(cidr string) bool {
	prefix, err := netip.ParsePrefix(strings.TrimSpace(cidr))
	return err == nil && prefix.Bits() == 0
}
