package connect

import (
	"iter"
	"net/netip"
	"slices"

	"go4.org/netipx"
)

// Target is a peer of a workload. The zero Target is a pod that no file shows, with labels
// and in a namespace that no selector names.
type Target struct {
	// Workload is pods of the unit.
	Workload *Workload
	// Namespace is that of a pod that no file shows, if InNamespace is set.
	Namespace   string
	InNamespace bool
	// Addr is an address outside of the cluster, if it is valid.
	Addr netip.Addr
	// Node is set for a node of the cluster, APIServer for the API server.
	Node, APIServer bool
}

// Reach is what a workload and a peer may exchange in a direction.
type Reach struct {
	Ports Ports
	// Unclear is set if it may be less: a policy is not understood as a whole, or the labels of a
	// namespace are not known.
	Unclear bool
	// By is the rules that allow it. It is empty if no policy restricts it.
	By []*Rule
}

// Allowed is the ports on which a workload may talk to a peer (egress), or a peer to it
// (ingress), as far as the policies of this one side go.
func (n *Network) Allowed(w *Workload, d Direction, t Target) Reach {
	destination := w
	if d == Egress {
		destination = t.Workload
	}
	e := evaluation{open: AllPorts()}
	if w.HostNetwork { // no policy applies
		e.Ports = AllPorts()
		return e.Reach
	}
	for tier := range tiers {
		isolated := false
		for _, p := range w.policies[d] {
			if p.Tier != tier {
				continue
			}
			isolated = isolated || p.Isolates[d]
			for i := range p.Rules[d] {
				rule := &p.Rules[d][i]
				if m := rule.matches(n, p, t); m != no {
					e.apply(rule, rule.Ports.of(destination), m == maybe || rule.Unclear != "" || p.Subject.unclear)
				}
			}
		}
		if isolated {
			e.Ports = e.Ports.Union(e.passed)
			return e.Reach
		}
		e.open, e.passed = e.open.Union(e.passed), Ports{}
	}
	e.Ports = e.Ports.Union(e.open)
	return e.Reach
}

// evaluation is how far the rules have decided.
type evaluation struct {
	Reach
	// open is the ports of which no rule has decided, passed those left to the next tier.
	open, passed Ports
}

// apply is what a rule that matches decides of ports. unclear is set if it may not match.
func (e *evaluation) apply(rule *Rule, ports Ports, unclear bool) {
	hit := e.open.Intersect(ports)
	if hit.IsEmpty() {
		return
	}
	e.Unclear = e.Unclear || unclear
	if unclear && rule.Action != Allow {
		return // what it denies or passes is not known
	}
	switch rule.Action {
	case Allow:
		e.Ports = e.Ports.Union(hit)
		e.By = append(e.By, rule)
	case Pass:
		e.passed = e.passed.Union(hit)
	case Deny:
	}
	e.open = e.open.Minus(hit)
}

// Connection is the ports on which one workload may talk to another: what the egress of
// the one and the ingress of the other allow.
func (n *Network) Connection(from, to *Workload) Reach {
	out, in := n.Allowed(from, Egress, Target{Workload: to}), n.Allowed(to, Ingress, Target{Workload: from})
	return Reach{
		Ports: out.Ports.Intersect(in.Ports), Unclear: out.Unclear || in.Unclear,
		By: slices.Concat(out.By, in.By),
	}
}

// matches reports whether a rule of a policy is about a peer.
func (r *Rule) matches(n *Network, p *Policy, t Target) match {
	if r.Anyone {
		return yes
	}
	best := no
	for _, peer := range r.Peers {
		best = max(best, peer.matches(n, p, t))
	}
	return best
}

func (peer *Peer) matches(n *Network, p *Policy, t Target) match {
	switch {
	case t.Workload != nil && t.Workload.HostNetwork, t.Node:
		return toMatch(peer.Nodes)
	case t.APIServer:
		return toMatch(peer.APIServer)
	case t.Addr.IsValid():
		return toMatch(peer.Blocks != nil && peer.Blocks.Contains(t.Addr))
	case peer.Pods == nil:
		return no
	case t.Workload != nil:
		return peer.Pods.selects(n, p.Namespace, t.Workload)
	case peer.Pods.pods != nil || peer.Pods.unclear:
		return no
	case t.InNamespace:
		return peer.Pods.inNamespace(n, p.Namespace, t.Namespace)
	}
	return toMatch(peer.Pods.Everywhere())
}

func toMatch(b bool) match {
	if b {
		return yes
	}
	return no
}

// Outside is addresses outside of the cluster with which a workload may talk on the same
// ports.
type Outside struct {
	Addresses *netipx.IPSet
	Reach
}

// Everywhere reports whether the addresses are all of IPv4 or all of IPv6.
func (o Outside) Everywhere() bool { return EveryAddress(o.Addresses) }

// Outside is the addresses outside of the cluster with which a workload may talk, by the
// ports, in the order of the addresses. Each address is in one element at most.
func (n *Network) Outside(w *Workload, d Direction) []Outside {
	starts := []netip.Addr{everyIPv4.Addr(), everyIPv6.Addr()}
	if !w.HostNetwork {
		for _, p := range w.policies[d] {
			for _, rule := range p.Rules[d] {
				for _, peer := range rule.Peers {
					starts = appendEdges(starts, peer.Blocks)
				}
			}
		}
	}
	slices.SortFunc(starts, netip.Addr.Compare)
	starts = slices.CompactFunc(starts, func(a, b netip.Addr) bool { return a == b })
	var l []Outside
	var sets []*netipx.IPSetBuilder
	for i, first := range starts {
		r := n.Allowed(w, d, Target{Addr: first})
		if r.Ports.IsEmpty() {
			continue
		}
		last := lastOf(first)
		if i+1 < len(starts) && starts[i+1].BitLen() == first.BitLen() {
			last = starts[i+1].Prev()
		}
		at := slices.IndexFunc(l, func(o Outside) bool { return o.Ports.Equal(r.Ports) && o.Unclear == r.Unclear })
		if at < 0 {
			at = len(l)
			l, sets = append(l, Outside{Reach: r}), append(sets, &netipx.IPSetBuilder{})
		}
		sets[at].AddRange(netipx.IPRangeFrom(first, last))
	}
	for i := range l {
		l[i].Addresses, _ = sets[i].IPSet() // ranges of one family each are valid
	}
	return l
}

// appendEdges appends the addresses at which a set begins, and those after it ends.
func appendEdges(l []netip.Addr, s *netipx.IPSet) []netip.Addr {
	if s == nil {
		return l
	}
	for _, r := range s.Ranges() {
		l = append(l, r.From())
		if next := r.To().Next(); next.IsValid() {
			l = append(l, next)
		}
	}
	return l
}

// lastOf is the highest address of the family of an address.
func lastOf(a netip.Addr) netip.Addr {
	if a.Is4() {
		return netipx.PrefixLastIP(everyIPv4)
	}
	return netipx.PrefixLastIP(everyIPv6)
}

// NamedPeers is the workloads that policies of a workload name as peers, by labels of pods
// or for a group of pods that is smaller than a namespace, in the order of the unit.
func (n *Network) NamedPeers(w *Workload, d Direction) []*Workload {
	seen := map[*Workload]bool{}
	var l []*Workload
	for s, own := range w.selectors(d) {
		if s.pods == nil {
			continue
		}
		for _, peer := range n.Selected(*s, own) {
			if !seen[peer] {
				seen[peer] = true
				l = append(l, peer)
			}
		}
	}
	slices.SortFunc(l, func(a, b *Workload) int { return a.index - b.index })
	return l
}

// PeerNamespaces is the namespaces of which policies of a workload name all pods as peers,
// sorted.
func (n *Network) PeerNamespaces(w *Workload, d Direction) []string {
	var l []string
	for s, own := range w.selectors(d) {
		switch {
		case s.pods != nil || s.Everywhere():
		case s.OwnNamespace():
			l = append(l, own)
		default:
			for _, name := range n.Namespaces() {
				if s.inNamespace(n, own, name) != no {
					l = append(l, name)
				}
			}
		}
	}
	slices.Sort(l)
	return slices.Compact(l)
}

// selectors yields the selectors of pods in the policies of a workload, each with the
// namespace of its policy.
func (w *Workload) selectors(d Direction) iter.Seq2[*PodSelector, string] {
	return func(yield func(*PodSelector, string) bool) {
		for _, p := range w.policies[d] {
			for _, rule := range p.Rules[d] {
				for _, peer := range rule.Peers {
					if peer.Pods != nil && !yield(peer.Pods, p.Namespace) {
						return
					}
				}
			}
		}
	}
}
