package network

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// NoMetadataAPIEgress reports rules of network policies that let pods reach the metadata service of
// the cloud.
//
// The service hands out the credentials of the node to anyone who asks. A pod that can be made to fetch
// a URL is enough to take over what the node may do in the cloud.
//
// Reported are egress rules whose peers include 169.254.169.254 or fd00:ec2::254 in an ipBlock that does
// not except it, and rules that name ports and no peers. A rule that names ports must include port 80,
// where the service listens. In the strict profile the addresses of Alibaba Cloud (100.100.100.200) and
// Azure (168.63.129.16) count too. Rules that allow everything are reported by
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
	if !isNativePolicy(o) || !nativePolicy(o).isolates[egress] {
		return
	}
	services := metadataServices
	if p.Profile == lint.Strict {
		services = append(slices.Clip(services), furtherServices...)
	}
	for rule := range o.Root.Get("spec.egress").Items() {
		ports, peers := rule.Get("ports"), rule.Get("to")
		if !allowsWeb(ports) {
			continue
		}
		if peers.Len() == 0 && ports.Len() > 0 && !everyTCPPort(ports) {
			p.Report(lint.Diagnostic{
				Object: o, At: ports, KeepFix: true,
				Message: "NetworkPolicy " + o.Name + " allows egress to the cloud's metadata service by a rule for port 80 without peers; want peers, or an ipBlock with except: [169.254.169.254/32]",
				Fix:     "add to: with the pods or addresses that are meant, or with ipBlock {cidr: 0.0.0.0/0, except: [169.254.169.254/32]}",
			})
		}
		for peer := range peers.Items() {
			checkMetadataBlock(p, o, peer.Get("ipBlock"), services)
		}
	}
}

func checkMetadataBlock(p *lint.Pass, o *lint.Object, block lint.Value, services []netip.Addr) {
	cidr := block.Get("cidr")
	var open []string
	for _, a := range services {
		if holds(cidr.Text(), a) && !excepts(block.Get("except"), a) {
			open = append(open, netip.PrefixFrom(a, a.BitLen()).String())
		}
	}
	if len(open) == 0 {
		return
	}
	d := lint.Diagnostic{Object: o, At: cidr}
	d.Message = "NetworkPolicy " + o.Name + " allows egress to the cloud's metadata service by ipBlock " + cidr.Text()
	if open[0] == cidr.Text() { // the API server wants an exception to be smaller than the block
		d.Message += "; want no such ipBlock"
		d.KeepFix, d.Fix = true, "remove the ipBlock"
	} else {
		d.Message += "; want except: [" + strings.Join(open, ", ") + "]"
	}
	p.Report(d)
}

// holds reports whether a block of addresses contains one. A malformed block contains none.
func holds(cidr string, a netip.Addr) bool {
	prefix, err := netip.ParsePrefix(cidr)
	return err == nil && prefix.Contains(a)
}

func excepts(except lint.Value, a netip.Addr) bool {
	for _, cidr := range except.Strings() {
		if holds(cidr, a) {
			return true
		}
	}
	return false
}

// allowsWeb reports whether ports include 80, where metadata services listen. A named port
// is one of the selected pods, and may be any.
func allowsWeb(ports lint.Value) bool {
	if ports.Len() == 0 {
		return true
	}
	for port := range ports.Items() {
		from, ok := port.Get("port").Int()
		to, ranged := port.Get("endPort").Int()
		tcp := port.Get("protocol").Text() == "" || port.Get("protocol").Text() == "TCP"
		if tcp && (!port.Get("port").IsSet() || ok && (from == 80 || ranged && from <= 80 && 80 <= to)) {
			return true
		}
	}
	return false
}
