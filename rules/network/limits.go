package network

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/connect"
	"github.com/kubevet/kubevet/lint/node"
)

// What the policies that a fix enables limit their pods to, for the text of the fix. See leftToDo.

// admitsOnlyNamespace reports whether the policies of a workload let in all pods of its namespace, and nothing else.
func admitsOnlyNamespace(of *connect.Workload) (admits bool) {
	for _, policy := range of.Policies(ingress.of) {
		for _, r := range policy.Rules[ingress.of] {
			isOther := func(peer connect.Peer) bool {
				return peer.Pods == nil || !peer.Pods.AllPods() || !peer.Pods.OnlyInNamespaceOf(policy)
			}
			if r.Anyone || len(r.Peers) == 0 || slices.ContainsFunc(r.Peers, isOther) {
				return false
			}
			admits = true
		}
	}
	return admits
}

// privateAddresses are those that pods, Services and the nodes have, as a rule.
var privateAddresses = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16")}

// leavesOutPrivate reports whether the policies of a workload let it reach addresses except for the private ones, and otherwise only
// name resolution.
func leavesOutPrivate(of *connect.Workload) (leavesOut bool) {
	for _, policy := range of.Policies(egress.of) {
		for _, r := range policy.Rules[egress.of] {
			ports := r.Ports.PortsOn(of)
			if isDNS := ports.Has(connect.UDP, 53) && !ports.Has(connect.TCP, 443); isDNS {
				continue
			}
			isOther := func(peer connect.Peer) bool {
				if peer.Pods != nil { // which it names, by their labels or namespace
					return peer.Pods.AllPods() && peer.Pods.Everywhere()
				}
				return peer.Blocks == nil || slices.ContainsFunc(privateAddresses, peer.Blocks.OverlapsPrefix)
			}
			if r.Anyone || len(r.Peers) == 0 || slices.ContainsFunc(r.Peers, isOther) {
				return false
			}
			leavesOut = leavesOut || slices.ContainsFunc(r.Peers, func(peer connect.Peer) bool { return peer.Blocks != nil })
		}
	}
	return leavesOut
}

// namesPods reports whether the policies of a workload let it reach some pods by more than name resolution.
func namesPods(of *connect.Workload) bool {
	for _, policy := range of.Policies(egress.of) {
		for _, r := range policy.Rules[egress.of] {
			ports := r.Ports.PortsOn(of)
			isDNS := ports.Has(connect.UDP, 53) && !ports.Has(connect.TCP, 443)
			if !isDNS && slices.ContainsFunc(r.Peers, func(peer connect.Peer) bool { return peer.Pods != nil }) {
				return true
			}
		}
	}
	return false
}

// staysInCluster reports whether the policies of a workload let it reach pods that they name, and no address.
func staysInCluster(of *connect.Workload) (stays bool) {
	for _, policy := range of.Policies(egress.of) {
		for _, r := range policy.Rules[egress.of] {
			if ports := r.Ports.PortsOn(of); ports.Has(connect.UDP, 53) && !ports.Has(connect.TCP, 443) {
				continue
			}
			if r.Anyone || len(r.Peers) == 0 || slices.ContainsFunc(r.Peers, func(peer connect.Peer) bool { return peer.Pods == nil }) {
				return false
			}
			stays = true
		}
	}
	return stays
}

// looksForName reports whether all rules for name resolution select the namespace by a label which the API server does not give to it.
func looksForName(of *connect.Workload) (looks bool) {
	for _, policy := range of.Policies(egress.of) {
		for _, r := range policy.Rules[egress.of] {
			if !r.Ports.PortsOn(of).Has(connect.UDP, 53) {
				continue
			}
			isOther := func(peer connect.Peer) bool {
				return peer.At.Get("namespaceSelector.matchLabels").Child("name").Text() != "kube-system"
			}
			if !connect.IsNative(policy.Object) || len(r.Peers) == 0 || slices.ContainsFunc(r.Peers, isOther) {
				return false
			}
			looks = true
		}
	}
	return looks
}

// ownPorts are the ports which the policies of a workload have a rule for that lets in only these pods themselves, such as those on which
// the members of a cluster find each other. A rule without ports is for all.
func ownPorts(p *lint.Pass, of *connect.Workload) (ports connect.Ports) {
	for _, policy := range of.Policies(ingress.of) {
		for _, r := range policy.Rules[ingress.of] {
			isOwn := func(peer connect.Peer) bool {
				return peer.Pods != nil && connect.Of(p).SelectsOwn(peer.Pods, policy, of)
			}
			if r.PortsAt.Len() > 0 && len(r.Peers) > 0 && !slices.ContainsFunc(r.Peers, func(peer connect.Peer) bool { return !isOwn(peer) }) {
				ports = ports.Union(r.Ports.PortsOn(of))
			}
		}
	}
	return ports
}

// maxPeers is how many peers a fix names.
const maxPeers = 3

// ruleOf is a rule of a policy.
type ruleOf struct {
	*connect.Rule
	policy *connect.Policy
}

// choosing are the rules of the policies of a workload that let in pods which they select, and the ports that others let in anyone to. ok is
// false if a policy is of another kind than NetworkPolicy.
func choosing(of *connect.Workload) (rules []ruleOf, open connect.Ports, ok bool) {
	isOpen := func(peer connect.Peer) bool { return peer.Pods == nil || peer.Pods.Everywhere() && peer.Pods.AllPods() }
	for _, policy := range of.Policies(ingress.of) {
		if !connect.IsNative(policy.Object) {
			return nil, open, false
		}
		for i := range policy.Rules[ingress.of] {
			r := &policy.Rules[ingress.of][i]
			if r.Anyone || len(r.Peers) == 0 || slices.ContainsFunc(r.Peers, isOpen) {
				open = open.Union(r.Ports.PortsOn(of))
			} else {
				rules = append(rules, ruleOf{r, policy})
			}
		}
	}
	return rules, open, true
}

// chosenPeers are the peers that the policies of a workload let in by their labels, and which of some ports are for these alone.
// There are none if a peer cannot be named, or if all are pods of the unit.
func chosenPeers(p *lint.Pass, of *connect.Workload, among connect.Ports) (ports connect.Ports, peers []string) {
	n := connect.Of(p)
	rules, open, ok := choosing(of)
	isKnown := true
	for _, r := range rules {
		left := r.Ports.PortsOn(of).Intersect(among).Minus(open)
		if left.IsEmpty() {
			continue
		}
		for _, peer := range r.Peers {
			if n.SelectsOwn(peer.Pods, r.policy, of) {
				continue
			}
			name := nameOfPeer(peer)
			ok = ok && name != ""
			isKnown = isKnown && !peer.Pods.AllPods() && len(n.Selected(*peer.Pods, r.policy.Namespace)) > 0
			ports = ports.Union(left)
			if !slices.Contains(peers, name) {
				peers = append(peers, name)
			}
		}
	}
	if !ok || isKnown { // then the clients are beside the pods
		return ports, nil
	}
	return ports, slices.DeleteFunc(peers, func(name string) bool {
		_, in, isSome := strings.Cut(name, " of ")
		return isSome && name != allPods+" of "+in && slices.Contains(peers, allPods+" of "+in)
	})
}

// allPods is how a peer that selects by no label of pods is called.
const allPods = "the pods"

// nameOfPeer is how a fix calls the pods that a peer of a network policy selects. It is empty if it selects them by many labels, or by
// expressions.
func nameOfPeer(peer connect.Peer) string {
	pods, ok := labelsOf(peer.At.Get("podSelector"))
	namespaces, known := labelsOf(peer.At.Get("namespaceSelector"))
	if !ok || !known {
		return ""
	}
	name := allPods
	switch {
	case len(pods) == 1:
		name = "pods with the label " + pods[0]
	case len(pods) > 1:
		name = "pods with the labels " + lint.And(pods)
	}
	switch {
	case len(namespaces) > 1:
		return name + " of namespaces with the labels " + lint.And(namespaces)
	case len(namespaces) == 0 && peer.At.Get("namespaceSelector").IsSet():
		return name + " of all namespaces"
	case len(namespaces) == 0:
		return name + " of their namespace"
	}
	if of, ok := strings.CutPrefix(namespaces[0], "kubernetes.io/metadata.name: "); ok {
		return name + " of namespace " + of
	}
	return name + " of namespaces with the label " + namespaces[0]
}

// maxLabels is how many labels of a selector a fix names.
const maxLabels = 3

// labelsOf are the labels that a selector wants, as YAML. ok is false if it wants more, or if one is not known.
func labelsOf(selector lint.Value) (l []string, ok bool) {
	if selector.Get("matchExpressions").Len() > 0 || selector.Get("matchLabels").Len() > maxLabels {
		return nil, false
	}
	for key, v := range selector.Get("matchLabels").Entries() {
		text := v.Text()
		switch {
		case text == "" || node.MayHavePlaceholder(text):
			return nil, false
		case text == "true" || text == "false":
			text = strconv.Quote(text)
		}
		l = append(l, key+": "+text)
	}
	return l, true
}

// usualPorts are those that nearly all pods reach: name resolution, HTTP and HTTPS. What else one reaches is its own.
var usualPorts = connect.PortRange(connect.UDP, 53, 53).Union(connect.PortRange(connect.TCP, 53, 53)).
	Union(connect.PortRange(connect.TCP, 80, 80)).Union(connect.PortRange(connect.TCP, 443, 443)).Union(connect.PortRange(connect.UDP, 443, 443))

// allowsOnlyUsual reports whether some ports are none but usual ones: a policy for any program has no others.
func allowsOnlyUsual(ports connect.Ports) bool { return ports.Minus(usualPorts).IsEmpty() }
