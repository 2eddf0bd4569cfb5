package network

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// NoAllowAllNetworkPolicy reports rules of network policies that allow everything.
//
// Such a policy looks like a restriction and is none: every pod of the cluster and every address may
// reach the pods, or be reached by them. Policies add up, so one such rule undoes what the others
// restrict.
//
// An empty rule, {} or null, allows everything. So does a rule whose peers include every address of
// IPv4 or IPv6 without exceptions, in one block or in several, and a rule that only names every TCP
// port. Ingress from every namespace is reported with low severity. A rule that names single ports is
// not reported. Egress is reported in the strict profile only, with low severity: many applications
// need to reach any address. The rules of Cilium and Calico policies are read in their simple forms.
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
	var open func(rule lint.Value, d direction) opening
	specs := []lint.Value{o.Root.Get("spec")}
	isolates := func(direction) bool { return true }
	switch {
	case isNativePolicy(o):
		policy := nativePolicy(o)
		isolates = func(d direction) bool { return policy.isolates[d] }
		open = openedBy
	case isCilium(o):
		specs, open = ciliumSpecs(o), openedByCilium
	case isCalico(o.Group()) && (o.Kind == "NetworkPolicy" || o.Kind == "GlobalNetworkPolicy"):
		open = openedByCalico
	default:
		return
	}
	for _, d := range []direction{ingress, egress} {
		if !isolates(d) || d == egress && p.Profile != lint.Strict {
			continue
		}
		for _, spec := range specs {
			for rule := range spec.Get(d.field).Elements() {
				reportOpening(p, o, d, open(rule, d))
			}
		}
	}
}

// opening is how a rule allows everything. why is empty if it does not.
type opening struct {
	at  lint.Value
	why string
	// cluster is set if it is open to the pods of the cluster only.
	cluster bool
}

func reportOpening(p *lint.Pass, o *lint.Object, d direction, found opening) {
	if found.why == "" {
		return
	}
	diagnostic := lint.Diagnostic{
		Object: o, At: found.at, Severity: lint.Low.If(d == egress || found.cluster),
		Message: o.Kind + " " + o.Name + " allows all " + d.field + " by " + found.why + "; want peers or ports",
	}
	if found.cluster {
		where := "from"
		if d == egress {
			where = "to"
		}
		diagnostic.Message = o.Kind + " " + o.Name + " allows " + d.field + " " + where + " every pod of the cluster by " + found.why + "; want the namespaces or pods that are meant"
	}
	p.Report(diagnostic)
}

// openedBy judges a rule of a NetworkPolicy.
func openedBy(rule lint.Value, d direction) opening {
	ports := rule.Get("ports")
	if ports.Len() > 0 && !everyTCPPort(ports) {
		return opening{}
	}
	peers := rule.Get(d.peers())
	switch {
	case peers.Len() == 0 && ports.Len() > 0:
		return opening{at: ports, why: "a rule for every TCP port without peers"}
	case peers.Len() == 0:
		return opening{at: rule, why: "an empty rule"}
	}
	var blocks []netip.Prefix
	for peer := range peers.Elements() {
		if !peer.IsSet() || peer.IsMap() && peer.Len() == 0 { // the API server refuses these
			continue
		}
		cidr := peer.Get("ipBlock.cidr")
		prefix, err := netip.ParsePrefix(cidr.Text())
		if err != nil || peer.Get("ipBlock.except").Len() > 0 {
			continue
		}
		if prefix.Bits() == 0 {
			return opening{at: cidr, why: "ipBlock " + cidr.Text()}
		}
		blocks = append(blocks, prefix.Masked())
	}
	if covers := everywhere(blocks); len(covers) > 0 {
		return opening{at: peers, why: "the ipBlocks " + strings.Join(covers, " and ") + ", which are every address together"}
	}
	for peer := range peers.Items() {
		namespaces := peer.Get("namespaceSelector")
		if namespaces.IsMap() && namespaces.Len() == 0 && peer.Get("podSelector").Len() == 0 {
			return opening{at: namespaces, why: "namespaceSelector: {}", cluster: true}
		}
	}
	return opening{}
}

// everyTCPPort reports whether ports include all of TCP.
func everyTCPPort(ports lint.Value) bool {
	for port := range ports.Elements() {
		if protocol := port.Get("protocol"); protocol.IsSet() && protocol.Text() != "TCP" {
			continue
		}
		from, _ := port.Get("port").Int()
		to, _ := port.Get("endPort").Int()
		if !port.Get("port").IsSet() || from == 1 && to == 65535 {
			return true
		}
	}
	return false
}

// everywhere lists the blocks that are all addresses of a family together. It is empty
// if they leave some out.
func everywhere(blocks []netip.Prefix) []string { //nolint:gocognit // it reads best in one piece
	for _, bits := range []int{32, 128} {
		var l []netip.Prefix
		for _, b := range blocks {
			if b.Addr().BitLen() == bits {
				l = append(l, b)
			}
		}
		slices.SortFunc(l, func(a, b netip.Prefix) int { return a.Addr().Compare(b.Addr()) })
		if len(l) == 0 || !l[0].Addr().IsUnspecified() {
			continue
		}
		next, open := l[0].Addr(), true
		var names []string
		for _, b := range l {
			if !open || b.Addr().Compare(next) > 0 {
				break
			}
			names = append(names, b.String())
			if after := last(b).Next(); !after.IsValid() {
				open = false
			} else if after.Compare(next) > 0 {
				next = after
			}
		}
		if !open {
			return names
		}
	}
	return nil
}

// last is the highest address of a block.
func last(b netip.Prefix) netip.Addr {
	bytes := b.Addr().AsSlice()
	for i := b.Bits(); i < len(bytes)*8; i++ {
		bytes[i/8] |= 1 << (7 - i%8)
	}
	addr, _ := netip.AddrFromSlice(bytes)
	return addr
}

// openedByCilium judges a rule of a Cilium policy. In contrast to Kubernetes an empty
// rule allows nothing there.
func openedByCilium(rule lint.Value, d direction) opening {
	prefix := "from"
	if d == egress {
		prefix = "to"
	}
	if rule.Get("toPorts").Len() > 0 || rule.Get("icmps").Len() > 0 {
		return opening{}
	}
	for v := range rule.Get(prefix + "Entities").Items() {
		if v.Text() == "all" {
			return opening{at: v, why: prefix + "Entities: all"}
		}
	}
	for v := range rule.Get(prefix + "CIDR").Items() {
		if isEverywhere(v.Text()) {
			return opening{at: v, why: prefix + "CIDR " + v.Text()}
		}
	}
	for v := range rule.Get(prefix + "CIDRSet").Items() {
		if cidr := v.Get("cidr"); isEverywhere(cidr.Text()) && v.Get("except").Len() == 0 {
			return opening{at: cidr, why: prefix + "CIDRSet " + cidr.Text()}
		}
	}
	return opening{}
}

// openedByCalico judges a rule of a Calico policy.
func openedByCalico(rule lint.Value, _ direction) opening {
	for key, v := range rule.Entries() {
		if v.IsSet() && key != "action" && key != "metadata" {
			return opening{}
		}
	}
	if rule.Get("action").Text() != "Allow" {
		return opening{}
	}
	return opening{at: rule.Get("action"), why: "a rule without source, destination and protocol"}
}
