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
// It hands out the credentials of the node to whoever asks: a pod that can be made to fetch a URL is
// enough to take over what the node may do in the cloud.
//
// Reported are peers of egress rules by ipBlock that hold 169.254.169.254 or fd00:ec2::254 and do not
// except it, unless the rule names ports and none of them is 80; under the checklist profile the
// addresses of Alibaba Cloud (100.100.100.200) and Azure (168.63.129.16) count too. Empty rules are
// reported by no-allow-all-network-policy, and pods that no policy bounds by network-policy-egress.
var NoMetadataAPIEgress = &lint.Rule{
	ID:        "no-metadata-api-egress",
	Title:     "Network policy allows the cloud's metadata service",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"network-metadata-api"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Protecting sensitive cloud infrastructure"},
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
	if p.Profile == lint.ChecklistProfile {
		services = append(slices.Clip(services), furtherServices...)
	}
	for rule := range o.Root.Get("spec.egress").Items() {
		if !allowsWeb(rule.Get("ports")) {
			continue
		}
		for peer := range rule.Get("to").Items() {
			checkMetadataBlock(p, o, peer.Get("ipBlock"), services)
		}
	}
}

func checkMetadataBlock(p *lint.Pass, o *lint.Object, block lint.Value, services []netip.Addr) {
	cidr := block.Get("cidr")
	var open []string
	for _, a := range services {
		if holds(cidr.Text(), a) && !excepts(block.Get("except"), a) {
			open = append(open, a.String()+"/"+bits(a))
		}
	}
	if len(open) == 0 {
		return
	}
	d := lint.Diagnostic{Object: o, At: cidr}
	d.Message = "NetworkPolicy " + o.Name + " allows egress to the cloud's metadata service by ipBlock " + cidr.Text()
	if open[0] == cidr.Text() { // the API server wants an exception to be less than the block
		d.Message += "; want no such ipBlock"
		d.KeepFix, d.Fix = true, "remove the ipBlock"
	} else {
		d.Message += "; want except: [" + strings.Join(open, ", ") + "]"
	}
	p.Report(d)
}

func bits(a netip.Addr) string {
	if a.Is4() {
		return "32"
	}
	return "128"
}

// holds reports whether a block of addresses holds one. A malformed one holds none.
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

// allowsWeb reports whether ports hold 80, where metadata services listen. What has
// a name is the pods' own, and may be any.
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
