package connect

import (
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubevet/kubevet/lint"
)

// IsCalico reports whether the object is a network policy of Calico. Staged policies are
// not: they restrict nothing.
func IsCalico(o *lint.Object) bool {
	group := o.Group()
	return (group == "projectcalico.org" || group == "crd.projectcalico.org") && (o.Kind == "NetworkPolicy" || o.Kind == "GlobalNetworkPolicy")
}

// calicoPolicies reads a policy of Calico. Its rules are tried in order, among those of
// other policies by the order of each. What no rule of a policy matches is denied.
func calicoPolicies(o *lint.Object) []*Policy {
	spec := o.Root.Get("spec")
	if spec.Get("preDNAT").True() || spec.Get("doNotTrack").True() { // for the interfaces of nodes
		return nil
	}
	p := &Policy{Object: o, Tier: NamespaceTier, Order: 1e9, SelectorAt: spec.Get("selector")} // those without order come last
	if order, err := strconv.ParseFloat(spec.Get("order").Text(), 64); err == nil {
		p.Order = order
	}
	types := spec.Get("types")
	for d := range directions {
		rules := spec.Get(fields[d])
		switch {
		case !types.IsKnown():
			p.Isolates[d] = true
		case types.Len() > 0:
			p.Isolates[d] = slices.Contains(types.Strings(), kinds[d])
		case !rules.IsKnown(): // the API server's default follows
			p.Isolates[d] = true
		case d == Egress:
			p.Isolates[d] = rules.Len() > 0
		default:
			p.Isolates[d] = rules.Len() > 0 || spec.Get("egress").Len() == 0
		}
		if !p.Isolates[d] {
			continue
		}
		for rule := range rules.Items() {
			if rule.Get("action").Text() != "Log" {
				p.Rules[d] = append(p.Rules[d], calicoRule(rule, d, o.Kind == "GlobalNetworkPolicy"))
			}
		}
	}
	global := o.Kind == "GlobalNetworkPolicy"
	p.Subject = calicoPods(spec.Get("selector"), spec.Get("namespaceSelector"), global)
	if spec.Get("serviceAccountSelector").IsSet() {
		p.Subject.unclear = true
	}
	switch tier := spec.Get("tier").Text(); {
	case p.Subject.unclear:
		p.Unclear = "a selector"
	case tier != "" && tier != "default":
		p.Unclear = "the tier " + tier
	}
	return []*Policy{p}
}

// calicoPods reads selectors of Calico's own language. global is set where a selector is
// about all namespaces if nothing says otherwise.
func calicoPods(selector, namespaces lint.Value, global bool) PodSelector {
	s := PodSelector{all: global}
	pods, ok := parseCalicoSelector(selector.Text())
	if slices.ContainsFunc(calicoUnread, func(s string) bool { return strings.Contains(selector.Text(), s) }) {
		ok = false
	}
	s.byNamespaceLabel = ok && strings.Contains(selector.Text(), calicoNamespace)
	s.byAccount = ok && strings.Contains(selector.Text(), calicoAccount)
	s.unclear = !ok || !selector.IsKnown() || !namespaces.IsKnown()
	if ok && !pods.Empty() {
		s.setSelector(pods, exactLabels(pods))
	}
	text := strings.TrimSpace(namespaces.Text())
	switch text {
	case "", "global()":
		return s
	case "all()":
		s.all = true
		return s
	}
	// Calico calls the namespace's own name by a label that it adds.
	of, ok := parseCalicoSelector(strings.ReplaceAll(text, "projectcalico.org/name", nameLabel))
	s.all, s.unclear = true, s.unclear || !ok
	if ok {
		s.namespaces = of
	}
	return s
}

// limitToAccounts makes a selector one of pods that run as service accounts of some names.
func (s *PodSelector) limitToAccounts(names []string) {
	pods := s.pods
	both := &calicoSelector{
		text: calicoAccount + " in {" + strings.Join(names, ", ") + "}", exact: s.exact,
		matches: func(l labels.Labels) bool {
			return slices.Contains(names, l.Get(calicoAccount)) && (pods == nil || pods.Matches(l))
		},
	}
	if pods != nil {
		both.text += " && " + pods.String()
	}
	s.pods, s.byAccount = both, true
}

// calicoRule reads a Rule. The peers of ingress are its source, those of egress its
// destination; its ports are those of the destination.
func calicoRule(rule lint.Value, d Direction, global bool) Rule {
	entity, other := rule.Get("source"), rule.Get("destination")
	destination := other
	if d == Egress {
		entity, other = other, entity
		destination = entity
	}
	r := Rule{At: rule, PortsAt: destination.Get("ports"), Ports: PortSet{Ports: AllPorts()}}
	switch rule.Get("action").Text() {
	case "Allow":
		r.Action = Allow
	case "Pass":
		r.Action = Pass
	default:
		r.Action = Deny
	}
	r.setCalicoPorts(rule.Get("protocol"))
	for key, v := range rule.Entries() {
		if v.IsSet() && !slices.Contains([]string{"action", "protocol", "source", "destination", "metadata"}, key) {
			r.Unclear = key
		}
	}
	for key, v := range other.Entries() {
		if v.IsSet() && (key != "ports" || d == Egress) {
			r.Unclear = other.Path() + " of the rule"
		}
	}
	r.setCalicoPeers(entity, global)
	return r
}

// setCalicoPorts reads the ports of a rule's destination, which are for its protocol.
func (r *Rule) setCalicoPorts(protocol lint.Value) {
	text := protocol.Text()
	number, isNumber := protocol.Int()
	var protos []Protocol
	for proto := range protocols {
		if !protocol.IsSet() || strings.EqualFold(text, proto.String()) || isNumber && number == [...]int64{6, 17, 132}[proto] {
			protos = append(protos, proto)
		}
	}
	if len(protos) < int(protocols) || r.PortsAt.Len() > 0 {
		r.Ports = PortSet{}
	}
	for _, proto := range protos {
		if r.PortsAt.Len() == 0 {
			r.Ports.Ports = r.Ports.Union(PortRange(proto, 0, lastPort))
		}
		for port := range r.PortsAt.Items() {
			first, last, ranged := strings.Cut(port.Text(), ":")
			if !ranged {
				last = first
			}
			from, err := strconv.Atoi(first)
			to, err2 := strconv.Atoi(last)
			if err == nil && err2 == nil {
				r.Ports.Ports = r.Ports.Union(PortRange(proto, from, to))
			} else {
				r.Ports.names = append(r.Ports.names, portName{proto, port.Text()})
			}
		}
	}
}

// setCalicoPeers reads an EntityRule. Addresses and selectors in one rule must both match.
func (r *Rule) setCalicoPeers(v lint.Value, global bool) {
	nets, selector, namespaces := v.Get("nets"), v.Get("selector"), v.Get("namespaceSelector")
	accounts := v.Get("serviceAccounts.names")
	not := v.Get("notNets").Strings()
	if unread := unreadEntityField(v); unread.IsSet() {
		r.Unclear = unread.Path() + " of the rule"
	}
	bySelector := selector.IsSet() || namespaces.IsSet() || v.Get("serviceAccounts").IsSet()
	switch {
	case nets.IsSet() && bySelector:
		r.Unclear = "addresses together with a selector"
	case nets.IsSet():
		r.addNets(nets, not)
	case bySelector:
		s := calicoPods(selector, namespaces, global)
		if accounts.Len() > 0 {
			s.limitToAccounts(accounts.Strings())
			s.unclear = s.unclear || accounts.Len() != len(accounts.Strings())
		}
		r.Peers = append(r.Peers, Peer{At: v, Pods: &s})
	case len(not) > 0:
		r.addAllExcept(v, not)
	default:
		r.Anyone = true
	}
}

// unreadEntityField is the last field of an EntityRule that setCalicoPeers and setCalicoPorts
// do not read. It is absent if they read all.
func unreadEntityField(v lint.Value) lint.Value {
	unread := v.Get("serviceAccounts.selector")
	if unread.IsSet() {
		return unread
	}
	for key, field := range v.Entries() {
		if field.IsSet() && !slices.Contains([]string{"nets", "notNets", "selector", "namespaceSelector", "serviceAccounts", "ports"}, key) {
			unread = field
		}
	}
	return unread
}

// addNets adds the addresses of nets without those of notNets.
func (r *Rule) addNets(nets lint.Value, not []string) {
	for cidr := range nets.Items() {
		set, ok := block(cidr.Text(), not)
		if !ok {
			r.Unclear = "addresses that cannot be read"
			continue
		}
		r.Peers = append(r.Peers, Peer{At: cidr, Blocks: set, Cidr: cidr.Text(), Except: not})
	}
}

// addAllExcept adds all addresses but those of notNets, and everything in the cluster.
func (r *Rule) addAllExcept(v lint.Value, not []string) {
	for _, family := range []string{everyIPv4.String(), everyIPv6.String()} {
		if set, ok := block(family, not); ok {
			r.Peers = append(r.Peers, Peer{At: v, Blocks: set, Cidr: family, Except: not})
		}
	}
	r.Peers = append(r.Peers, Peer{At: v, Pods: &PodSelector{all: true}, Nodes: true, APIServer: true})
}
