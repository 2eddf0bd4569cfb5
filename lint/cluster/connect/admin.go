package connect

import (
	"github.com/kubevet/kubevet/lint"
)

// adminPolicy reads a policy of the cluster's administrators: AdminNetworkPolicy and
// BaselineAdminNetworkPolicy of policy.networking.k8s.io/v1alpha1, and ClusterNetworkPolicy of
// v1alpha2. Policies with a lower priority number come first.
func adminPolicy(o *lint.Object) *Policy {
	spec := o.Root.Get("spec")
	p := &Policy{Object: o, Tier: AdminTier, SelectorAt: spec.Get("subject")}
	if o.Kind == "BaselineAdminNetworkPolicy" || spec.Get("tier").Text() == "Baseline" {
		p.Tier = BaselineTier
	}
	priority, _ := spec.Get("priority").Int()
	p.Order = float64(priority)
	namespaces, pods := spec.Get("subject.namespaces"), spec.Get("subject.pods")
	if pods.IsSet() {
		namespaces = pods.Get("namespaceSelector")
		p.Subject.setPods(pods.Get("podSelector"))
	}
	p.Subject.setNamespaces(namespaces)
	for d := range directions {
		for rule := range spec.Get(fields[d]).Items() {
			p.Rules[d] = append(p.Rules[d], adminRule(rule, d))
		}
	}
	return p
}

func adminRule(rule lint.Value, d Direction) Rule {
	r := Rule{At: rule, PortsAt: rule.Get("ports"), Ports: PortSet{Ports: AllPorts()}}
	switch rule.Get("action").Text() {
	case "Allow", "Accept":
		r.Action = Allow
	case "Pass":
		r.Action = Pass
	default: // one that is not known may be Deny
		r.Action = Deny
	}
	for peer := range rule.Get(peers[d]).Items() {
		r.addAdminPeer(peer)
	}
	if r.PortsAt.Len() > 0 {
		r.Ports = PortSet{}
	}
	for port := range r.PortsAt.Items() { // AdminNetworkPolicyPort: one of three fields
		number, span, name := port.Get("portNumber"), port.Get("portRange"), port.Get("namedPort")
		switch {
		case number.IsSet():
			r.addPort(number.Get("protocol"), number.Get("port"), lint.Value{})
		case span.IsSet():
			r.addPort(span.Get("protocol"), span.Get("start"), span.Get("end"))
		case name.IsSet():
			r.addName(name.Text())
		}
	}
	if l := rule.Get("protocols"); l.Len() > 0 { // ClusterNetworkPolicyProtocol
		r.PortsAt, r.Ports = l, PortSet{}
		for protocol := range l.Items() {
			r.addProtocol(protocol)
		}
	}
	return r
}

// addProtocol adds an element of protocols of a ClusterNetworkPolicy.
func (r *Rule) addProtocol(v lint.Value) {
	for _, key := range []string{"tcp", "udp", "sctp"} {
		protocol := v.Get(key)
		if !protocol.IsSet() {
			continue
		}
		proto, _ := parseProtocol(key)
		port := protocol.Get("destinationPort")
		first, ok := port.Get("number").Int()
		last := first
		if span := port.Get("range"); span.IsSet() {
			first, ok = span.Get("start").Int()
			last, _ = span.Get("end").Int()
		}
		switch {
		case !port.IsSet():
			first, last = 0, lastPort
		case !ok:
			r.Unclear = "ports that cannot be read"
			continue
		}
		r.Ports.Ports = r.Ports.Union(PortRange(proto, int(first), int(last)))
	}
	if name := v.Get("destinationNamedPort").Text(); name != "" {
		r.addName(name)
	}
}

// addName adds a named port, whatever its protocol is.
func (r *Rule) addName(name string) {
	for proto := range protocols {
		r.Ports.names = append(r.Ports.names, portName{proto, name})
	}
}

func (r *Rule) addAdminPeer(v lint.Value) {
	namespaces, pods, networks := v.Get("namespaces"), v.Get("pods"), v.Get("networks")
	switch {
	case namespaces.IsSet():
		s := &PodSelector{}
		s.setNamespaces(namespaces)
		r.Peers = append(r.Peers, Peer{At: v, Pods: s})
	case pods.IsSet():
		s := &PodSelector{}
		s.setNamespaces(pods.Get("namespaceSelector"))
		s.setPods(pods.Get("podSelector"))
		r.Peers = append(r.Peers, Peer{At: v, Pods: s})
	case networks.IsSet():
		for cidr := range networks.Items() {
			r.addBlock(cidr, lint.Value{})
			if last := len(r.Peers) - 1; last >= 0 && EveryAddress(r.Peers[last].Blocks) { // those of pods too
				r.Peers[last].Pods, r.Peers[last].Nodes, r.Peers[last].APIServer = &PodSelector{all: true}, true, true
			}
		}
	case v.Get("nodes").IsSet():
		r.Peers = append(r.Peers, Peer{At: v, Nodes: true})
		if v.Get("nodes").Len() > 0 {
			r.Unclear = "a selector of nodes"
		}
	default:
		r.Unclear = "peers other than pods and addresses"
	}
}
