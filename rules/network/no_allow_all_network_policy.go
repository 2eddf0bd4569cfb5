package network

import (
	"net/netip"

	"github.com/kubevet/kubevet/lint"
)

// NoAllowAllNetworkPolicy reports rules of network policies that allow everything.
//
// The policy then looks like a bound and is none: every pod of the cluster and every address may
// reach the pods, on every port, or be reached by them. Policies add up, so one such rule undoes what the others bound.
//
// An empty rule, {}, allows everything, and so does one whose peer is 0.0.0.0/0 or ::/0 without
// exceptions or ports. A rule that names ports, or pods by selector, is not reported. Egress has low
// severity: to reach anything is what many applications need.
var NoAllowAllNetworkPolicy = &lint.Rule{
	ID:        "no-allow-all-network-policy",
	Title:     "Network policy allows everything",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"network-policies-all-workloads"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Network policies"},
	},
	Fix:   "name the peers and ports that the pods need",
	Check: lint.ObjectCheck(checkAllowAll),
}

func checkAllowAll(p *lint.Pass, o *lint.Object) {
	if !isNativePolicy(o) {
		return
	}
	policy := nativePolicy(o)
	for _, d := range []direction{ingress, egress} {
		if !policy.isolates[d] {
			continue
		}
		for rule := range o.Root.Get("spec." + d.field).Items() {
			at, why := allowsAll(rule, d)
			if why == "" {
				continue
			}
			p.Report(lint.Diagnostic{
				Object: o, At: at, Severity: lint.Low.If(d == egress),
				Message: "NetworkPolicy " + o.Name + " allows all " + d.field + " by " + why + "; want peers or ports",
			})
		}
	}
}

// allowsAll tells by what a rule allows everything. Empty: it does not.
func allowsAll(rule lint.Value, d direction) (at lint.Value, why string) {
	if rule.Get("ports").Len() > 0 {
		return rule, ""
	}
	peers := rule.Get(d.peers())
	if peers.Len() == 0 {
		return rule, "an empty rule"
	}
	for peer := range peers.Items() {
		cidr := peer.Get("ipBlock.cidr")
		prefix, err := netip.ParsePrefix(cidr.Text())
		if err == nil && prefix.Bits() == 0 && peer.Get("ipBlock.except").Len() == 0 {
			return cidr, "ipBlock " + cidr.Text()
		}
	}
	return rule, ""
}

// peers is the key of a rule's peers.
func (d direction) peers() string {
	if d == ingress {
		return "from"
	}
	return "to"
}
