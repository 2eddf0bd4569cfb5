package network

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/connect"
)

// NoMetadataAPIEgress reports rules of network policies that let pods reach the metadata service of
// the cloud.
//
// The service hands out the credentials of the node to anyone who asks. A pod that can be made to fetch
// a URL is enough to take over what the node may do in the cloud.
//
// Reported are egress rules whose peers include 169.254.169.254 or fd00:ec2::254 in a block that does
// not except it, or in an entity of Cilium, and rules that name ports and no peers. A rule that names ports
// must include port 80, where the service listens. A rule is fine if a policy of an administrator, of Cilium
// or of Calico denies what it allows. In the strict profile the addresses of Alibaba Cloud (100.100.100.200)
// and Azure (168.63.129.16) count too. Rules that allow everything are reported by
// no-allow-all-network-policy, and pods without a policy by network-policy-egress.
var NoMetadataAPIEgress = &lint.Rule{
	ID:        "no-metadata-api-egress",
	Title:     "Network policy allows the cloud's metadata service",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"network-metadata-api"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Protecting sensitive cloud infrastructure"},
		{Standard: owasp, Control: "K08"},
	},
	Fix:   "add the addresses of the metadata service to except of the ipBlock",
	Check: lint.ObjectCheck(checkMetadataEgress),
}

var (
	metadataServices = []netip.Addr{netip.MustParseAddr("169.254.169.254"), netip.MustParseAddr("fd00:ec2::254")}
	furtherServices  = []netip.Addr{netip.MustParseAddr("100.100.100.200"), netip.MustParseAddr("168.63.129.16")}
)

func checkMetadataEgress(p *lint.Pass, o *lint.Object) {
	services := metadataServices
	if p.Profile == lint.Strict {
		services = append(slices.Clip(services), furtherServices...)
	}
	for _, policy := range connect.PoliciesOf(p, o) {
		if !policy.Isolates[connect.Egress] {
			continue
		}
		var found []lint.Diagnostic
		for i := range policy.Rules[connect.Egress] {
			rule := &policy.Rules[connect.Egress][i]
			if rule.Action == connect.Allow && rule.Unclear == "" && rule.Ports.Has(connect.TCP, 80) {
				found = append(found, checkMetadataRule(p, policy, rule, services)...)
			}
		}
		reportOpenings(p, found)
	}
}

// reportOpenings reports the places of one policy that let the metadata service through. Each is related to another: to
// close one is not enough.
func reportOpenings(p *lint.Pass, found []lint.Diagnostic) {
	for i, d := range found {
		if len(found) > 1 {
			other := found[0]
			if i == 0 {
				other = found[1]
			}
			d.Related = append(d.Related, lint.Related{Object: other.Object, At: other.At, Label: "allows it too"})
		}
		p.Report(d)
	}
}

// checkMetadataRule finds the places of a rule that let some of the services through.
func checkMetadataRule(p *lint.Pass, policy *connect.Policy, rule *connect.Rule, services []netip.Addr) (found []lint.Diagnostic) {
	o := policy.Object
	services = slices.DeleteFunc(slices.Clone(services), func(a netip.Addr) bool { return !names(rule, a) || !reaches(p, policy, a) })
	if len(services) == 0 {
		return nil
	}
	if rule.Anyone && !rule.Ports.IsAll(connect.TCP) {
		fix, want := "add to: with the pods or addresses that are meant, or with namespaceSelector: {} for the pods and ipBlock {cidr: 0.0.0.0/0, except: [169.254.169.254/32]} for the rest", "peers, or an ipBlock with except: [169.254.169.254/32]"
		if connect.IsCilium(o) { // it has no ipBlock
			fix, want = "add toEndpoints, toFQDNs or toCIDR, or egressDeny with toCIDR: [169.254.169.254/32]", "peers, or egressDeny for 169.254.169.254/32"
		}
		advice := lint.Advice(fix)
		advice.OrSwitch, advice.Sample = true, "[10.0.0.0/8]" // a chart may have a list for the peers
		found = append(found, lint.Diagnostic{
			Object: o, At: rule.PortsAt, Fix: advice,
			Message: o.KindName() + " allows egress to the cloud's metadata service by a rule for port 80 without peers; want " + want,
		})
	}
	for _, peer := range rule.Peers {
		var open []string
		for _, a := range services {
			if peer.Blocks != nil && peer.Blocks.Contains(a) {
				open = append(open, netip.PrefixFrom(a, a.BitLen()).String())
			}
		}
		if len(open) == 0 {
			continue
		}
		d := lint.Diagnostic{Object: o, At: peer.At, Message: o.KindName() + " allows egress to the cloud's metadata service by " + peerName(peer)}
		switch {
		case peer.Cidr == "": // an entity of Cilium
			d.Message += "; want names or addresses, or egressDeny for " + strings.Join(open, ", ")
			d.Fix = lint.Advice("add egressDeny with toCIDR: [" + strings.Join(open, ", ") + "]")
		case open[0] == peer.Cidr: // the API server wants an exception to be smaller than the block
			d.Message += "; want no such block"
			d.Fix = lint.Advice("remove the block")
		default:
			want, fix := withoutBlocks(o, peer, open)
			d.Message += "; want " + want
			d.Fix = lint.Advice(fix)
		}
		found = append(found, d)
	}
	return found
}

// withoutBlocks is what a policy should have for a peer that holds some addresses to be left out, and how to do it: each kind of policy
// has its own fields.
func withoutBlocks(o *lint.Object, peer connect.Peer, addresses []string) (want, fix string) {
	list, words := strings.Join(addresses, ", "), strings.Join(addresses, " and ")
	switch {
	case connect.IsCalico(o):
		return "notNets: [" + list + "]", "add " + words + " to notNets of the destination"
	case connect.IsCilium(o) && !strings.Contains(peer.At.Path(), "toCIDRSet"):
		set := "toCIDRSet: [{cidr: " + peer.Cidr + ", except: [" + list + "]}]"
		return set, "replace the entry of toCIDR by " + set
	case connect.IsCilium(o):
		return "except: [" + list + "]", "add " + words + " to except of the entry of toCIDRSet"
	}
	return "except: [" + list + "]", "add " + words + " to except of the ipBlock"
}

// names reports whether a rule allows an address by itself.
func names(rule *connect.Rule, a netip.Addr) bool {
	return rule.Anyone || slices.ContainsFunc(rule.Peers, func(peer connect.Peer) bool { return peer.Blocks != nil && peer.Blocks.Contains(a) })
}

// reaches reports whether some pods that a policy selects may reach an address, all
// policies together. A policy that selects no pods of the input is judged by itself, with what its object denies.
func reaches(p *lint.Pass, policy *connect.Policy, a netip.Addr) bool {
	n := connect.Of(p)
	subjects := n.Subjects(policy)
	if len(subjects) == 0 {
		return !deniesToo(p, policy, a)
	}
	return slices.ContainsFunc(subjects, func(w *connect.Workload) bool {
		r := n.Allowed(w, connect.Egress, connect.Target{Addr: a})
		return r.Ports.Has(connect.TCP, 80)
	})
}

// deniesToo reports whether the object of a policy denies its pods an address, as a policy of Cilium can do beside what it allows, or may do so
// by a rule of which a part is unknown.
func deniesToo(p *lint.Pass, policy *connect.Policy, a netip.Addr) bool {
	return slices.ContainsFunc(connect.PoliciesOf(p, policy.Object), func(other *connect.Policy) bool {
		return other.SelectorAt.Node == policy.SelectorAt.Node && slices.ContainsFunc(other.Rules[connect.Egress], func(r connect.Rule) bool {
			return r.Action == connect.Deny && (r.Unclear != "" || r.Ports.Has(connect.TCP, 80) && names(&r, a))
		})
	})
}
