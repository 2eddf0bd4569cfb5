package validity

import (
	"net/netip"

	"github.com/kubevet/kubevet/lint"
)

// ValidNetworkPolicy reports NetworkPolicies with fields that the API server refuses: an exception
// outside of its range, a peer of two kinds, a range of ports that ends before it starts.
//
// The policy is not there, and what it should have closed stays open.
//
// What a policy allows is checked by the other rules on network policies.
var ValidNetworkPolicy = &lint.Rule{
	ID:        "valid-network-policy",
	Title:     "NetworkPolicy is not valid",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{infraUpgrades},
	Fix:       "change or remove the field that the API server refuses",
	Check: objects(
		kind{"networking.k8s.io", "NetworkPolicy", []row{
			{"spec.podSelector", labelSelector},
			{"spec.policyTypes", atMost(2)},
			{"spec.ingress[].from[]", peer},
			{"spec.egress[].to[]", peer},
			{"spec.ingress[].ports[]", policyPort},
			{"spec.egress[].ports[]", policyPort},
		}},
	),
}

func peer(s subject, v lint.Value) {
	if !v.IsMap() || !known(v) {
		return
	}
	block := v.Get("ipBlock")
	switch set := setFields(v, "podSelector", "namespaceSelector", "ipBlock"); {
	case len(set) == 0:
		s.refuseFor(v, "must specify a peer", "podSelector, namespaceSelector or ipBlock", "add podSelector, namespaceSelector or ipBlock to the peer")
	case block.IsSet() && len(set) > 1:
		s.refuseFor(block, "may not be specified together with another peer", "each in an element of its own", "write ipBlock and the selectors as elements of their own")
	}
	labelSelector(s, v.Get("podSelector"))
	labelSelector(s, v.Get("namespaceSelector"))
	if !block.IsMap() {
		return
	}
	required(s, block.Get("cidr"))
	cidr(s, block.Get("cidr"))
	whole, err := netip.ParsePrefix(block.Get("cidr").Text())
	for except := range block.Get("except").Items() {
		cidr(s, except)
		part, err2 := netip.ParsePrefix(except.Text())
		if err == nil && err2 == nil && (!whole.Contains(part.Addr()) || part.Bits() <= whole.Bits()) {
			s.refuse(except, "must be a strict subset of cidr", "a range within "+whole.String())
		}
	}
}

func policyPort(s subject, v lint.Value) {
	port, end := v.Get("port"), v.Get("endPort")
	if !known(v, port, end) {
		return
	}
	portOrName(s, port)
	first, isNumber := port.Int()
	last, ok := end.Int()
	switch {
	case !end.IsSet():
	case !port.IsSet():
		s.refuseFor(end, "may not be specified when port is not", "a port", "set port, or remove "+s.path(end))
	case !isNumber:
		s.refuseFor(end, "may not be specified when port is a name", "a number as port", "write port as a number, or remove "+s.path(end))
	case ok && last < first:
		s.refuse(end, "must be greater than or equal to port", port.Text()+" or more")
	default:
		portNumber(s, end)
	}
}
