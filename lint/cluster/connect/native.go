package connect

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
)

// IsNative reports whether the object is a NetworkPolicy of Kubernetes' own.
func IsNative(o *lint.Object) bool {
	return o.Is("networking.k8s.io", "NetworkPolicy") || o.Is("extensions", "NetworkPolicy")
}

// fields are the keys of a policy's rules, kinds the policy types, and peers the keys of
// a rule's peers, by direction.
var (
	fields = [directions]string{"ingress", "egress"}
	kinds  = [directions]string{"Ingress", "Egress"}
	peers  = [directions]string{"from", "to"}
)

// String gives ingress or egress.
func (d Direction) String() string { return fields[d] }

// nativeOrder is the order of NetworkPolicies among those of Calico.
const nativeOrder = 1000

// nativePolicy reads a NetworkPolicy of networking.k8s.io/v1.
func nativePolicy(o *lint.Object) *Policy {
	spec := o.Root.Get("spec")
	p := &Policy{Object: o, Tier: NamespaceTier, Order: nativeOrder}
	p.SelectorAt = spec.Get("podSelector")
	p.Subject.setPods(p.SelectorAt)
	types := spec.Get("policyTypes")
	for d := range directions {
		rules := spec.Get(fields[d])
		switch {
		case !types.IsKnown():
			p.Isolates[d] = true
		case types.Len() == 0: // the API server's default
			p.Isolates[d] = d == Ingress || rules.Len() > 0
		default:
			p.Isolates[d] = slices.Contains(types.Strings(), kinds[d])
		}
		if !p.Isolates[d] {
			continue
		}
		for rule := range rules.Elements() {
			p.Rules[d] = append(p.Rules[d], nativeRule(rule, d))
		}
	}
	return p
}

func nativeRule(rule lint.Value, d Direction) Rule {
	r := Rule{At: rule, PortsAt: rule.Get("ports"), Ports: PortSet{Ports: AllPorts()}}
	from := rule.Get(peers[d])
	r.Anyone = from.Len() == 0 && from.IsKnown()
	for v := range from.Items() {
		r.addPeer(v)
	}
	if !from.IsKnown() || !r.PortsAt.IsKnown() {
		r.Unclear = "a value that is not known"
	}
	if r.PortsAt.Len() > 0 {
		r.Ports = PortSet{}
		for port := range r.PortsAt.Elements() {
			r.addPort(port.Get("protocol"), port.Get("port"), port.Get("endPort"))
		}
	}
	return r
}

// addPeer adds a NetworkPolicyPeer. One without fields is refused by the API server.
func (r *Rule) addPeer(v lint.Value) {
	if b := v.Get("ipBlock"); b.IsSet() {
		r.addBlock(b.Get("cidr"), b.Get("except"))
		return
	}
	namespaces, pods := v.Get("namespaceSelector"), v.Get("podSelector")
	if !namespaces.IsSet() && !pods.IsSet() {
		return
	}
	s := &PodSelector{}
	if namespaces.IsSet() {
		s.setNamespaces(namespaces)
	}
	s.setPods(pods)
	r.Peers = append(r.Peers, Peer{At: v, Pods: s})
}

func (r *Rule) addBlock(cidr, except lint.Value) {
	set, ok := block(cidr.Text(), except.Strings())
	if !ok || !except.IsKnown() {
		r.Unclear = "addresses that cannot be read"
		return
	}
	r.Peers = append(r.Peers, Peer{At: cidr, Blocks: set, Cidr: cidr.Text(), Except: except.Strings()})
}

// addPort adds a port by number or name, or a range of ports. Without a port it is every
// port of the protocol.
func (r *Rule) addPort(protocol, port, end lint.Value) {
	proto, ok := parseProtocol(protocol.Text())
	if !ok || !port.IsKnown() || !end.IsKnown() {
		r.Unclear = "ports that cannot be read"
		return
	}
	number, isNumber := port.Int()
	last, ranged := end.Int()
	switch {
	case !port.IsSet():
		r.Ports.Ports = r.Ports.Union(PortRange(proto, 0, lastPort))
	case !isNumber:
		r.Ports.names = append(r.Ports.names, portName{proto, port.Text()})
	case ranged:
		r.Ports.Ports = r.Ports.Union(PortRange(proto, int(number), int(last)))
	default:
		r.Ports.Ports = r.Ports.Union(PortRange(proto, int(number), int(number)))
	}
}
