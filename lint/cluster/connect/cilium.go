package connect

import (
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/selector"
)

// IsCilium reports whether the object is a network policy of Cilium.
func IsCilium(o *lint.Object) bool {
	return o.Is("cilium.io", "CiliumNetworkPolicy") || o.Is("cilium.io", "CiliumClusterwideNetworkPolicy")
}

// ciliumPolicies reads the one spec or the several specs of a Cilium policy.
func ciliumPolicies(o *lint.Object) []*Policy {
	var l []*Policy
	for spec := range o.Root.Get("specs").Items() {
		l = append(l, ciliumPolicy(o, spec)...)
	}
	if spec := o.Root.Get("spec"); spec.IsSet() {
		l = append(l, ciliumPolicy(o, spec)...)
	}
	return l
}

// ciliumPolicy reads one rule of Cilium. It isolates an endpoint in the directions for
// which it has a section that is not empty, unless enableDefaultDeny says otherwise. What
// it denies comes before all that is allowed, so the two are policies of their own.
func ciliumPolicy(o *lint.Object, spec lint.Value) []*Policy {
	endpoints := spec.Get("endpointSelector")
	if !endpoints.IsSet() && endpoints.IsKnown() || reserved(endpoints) != "" { // a policy for nodes or Cilium itself
		return nil
	}
	c := ciliumReader{clusterWide: o.Kind == "CiliumClusterwideNetworkPolicy"}
	allow := &Policy{Object: o, Tier: NamespaceTier, Order: nativeOrder}
	deny := &Policy{Object: o, Tier: NamespaceTier, Order: -1}
	allow.Subject, allow.Unclear = c.selector(endpoints)
	for d := range directions {
		rules, denied := spec.Get(fields[d]), spec.Get(fields[d]+"Deny")
		allow.Isolates[d] = rules.Len() > 0 || denied.Len() > 0
		if on, set := spec.Get("enableDefaultDeny." + fields[d]).Bool(); set {
			allow.Isolates[d] = on
		}
		for rule := range rules.Elements() {
			allow.Rules[d] = append(allow.Rules[d], c.rule(rule, d))
		}
		for rule := range denied.Elements() {
			r := c.rule(rule, d)
			r.Action = Deny
			deny.Rules[d] = append(deny.Rules[d], r)
		}
	}
	allow.SelectorAt = endpoints
	deny.Subject, deny.SelectorAt, deny.Unclear = allow.Subject, endpoints, allow.Unclear
	if len(deny.Rules[Ingress])+len(deny.Rules[Egress]) == 0 {
		return []*Policy{allow}
	}
	return []*Policy{deny, allow}
}

// reserved is the name of Cilium's own endpoints whose label an EndpointSelector demands,
// such as health of reserved:health. No pod of a workload has such a label. Empty: it
// demands none.
func reserved(v lint.Value) string {
	const prefix = "reserved:"
	for key := range v.Get("matchLabels").Entries() {
		if name, ok := strings.CutPrefix(key, prefix); ok {
			return name
		}
	}
	for e := range v.Get("matchExpressions").Items() {
		operator := metav1.LabelSelectorOperator(e.Get("operator").Text())
		demands := operator == metav1.LabelSelectorOpIn || operator == metav1.LabelSelectorOpExists
		if name, ok := strings.CutPrefix(e.Get("key").Text(), prefix); ok && demands {
			return name
		}
	}
	return ""
}

// ciliumReader reads what is in Cilium policies of namespaces or of the whole cluster.
type ciliumReader struct{ clusterWide bool }

const (
	ciliumNamespace       = "io.kubernetes.pod.namespace"
	ciliumNamespaceLabels = "io.cilium.k8s.namespace.labels."
)

// withoutSource is the key of a label of pods without the source of labels before it.
func withoutSource(key string) string {
	return strings.TrimPrefix(strings.TrimPrefix(key, "k8s:"), "any:")
}

// isNamespaceLabel reports whether a key of an EndpointSelector is about the namespace of pods.
func isNamespaceLabel(key string) bool {
	key = withoutSource(key)
	return key == ciliumNamespace || strings.HasPrefix(key, ciliumNamespaceLabels)
}

// selector reads an EndpointSelector. Its keys may name a source of labels: the pod, its
// namespace, or others, which are not understood.
func (c ciliumReader) selector(v lint.Value) (s PodSelector, unclear string) {
	s.all = c.clusterWide
	if !v.IsKnown() {
		s.unclear = true
		return s, "a selector that is not known"
	}
	var pods, namespaces metav1.LabelSelector
	add := func(r metav1.LabelSelectorRequirement) {
		key := withoutSource(r.Key)
		label, ofNamespace := strings.CutPrefix(key, ciliumNamespaceLabels)
		switch {
		case key == ciliumNamespace:
			r.Key = nameLabel
			namespaces.MatchExpressions = append(namespaces.MatchExpressions, r)
		case ofNamespace:
			r.Key = label
			namespaces.MatchExpressions = append(namespaces.MatchExpressions, r)
		case key == ciliumAccount:
			s.byAccount = true
			r.Key = key
			pods.MatchExpressions = append(pods.MatchExpressions, r)
		case strings.Contains(key, ":") || strings.HasPrefix(key, "io.cilium.k8s.policy."):
			unclear = "the label " + r.Key
		default:
			r.Key = key
			pods.MatchExpressions = append(pods.MatchExpressions, r)
		}
	}
	l, unknown := selector.Known(v)
	for _, key := range sortedKeys(l.MatchLabels) {
		add(metav1.LabelSelectorRequirement{Key: key, Operator: metav1.LabelSelectorOpIn, Values: []string{l.MatchLabels[key]}})
	}
	for _, r := range l.MatchExpressions {
		add(r)
	}
	for _, key := range unknown {
		unclear = "a label that is not known"
		s.all = s.all || key == "" || isNamespaceLabel(key)
	}
	read := func(l metav1.LabelSelector) (labels.Selector, bool) {
		read, err := metav1.LabelSelectorAsSelector(&l)
		if err != nil {
			unclear = "a selector that is not valid"
			return read, false
		}
		read, _ = selector.Comparable(read)
		return read, len(l.MatchExpressions) > 0
	}
	if read, ok := read(pods); ok {
		s.setSelector(read, exactLabels(read))
	}
	if read, ok := read(namespaces); ok {
		s.namespaces, s.all = read, true
	}
	s.unclear = unclear != ""
	return s, unclear
}

// ciliumUnread are the fields of a rule that narrow it down in ways that are not read.
var ciliumUnread = []string{"Requires", "Groups", "Services", "FQDNs", "Nodes"}

// rule reads an IngressRule or EgressRule. In contrast to Kubernetes one without peers and
// ports allows nothing.
func (c ciliumReader) rule(rule lint.Value, d Direction) Rule {
	prefix := peers[d]
	r := Rule{At: rule, PortsAt: rule.Get("toPorts"), Ports: PortSet{Ports: AllPorts()}}
	peered := false
	endpoints := rule.Get(prefix + "Endpoints")
	for v := range endpoints.Items() {
		if name := reserved(v); name != "" {
			r.Peers = append(r.Peers, ciliumEntity(v, name))
			continue
		}
		s, unclear := c.selector(v)
		if unclear != "" {
			r.Unclear = unclear
		}
		r.Peers = append(r.Peers, Peer{At: v, Pods: &s})
	}
	peered = endpoints.IsSet()
	for v := range rule.Get(prefix + "Entities").Items() {
		r.Peers = append(r.Peers, ciliumEntity(v, v.Text()))
		peered = true
	}
	for v := range rule.Get(prefix + "CIDR").Items() {
		r.addBlock(v, lint.Value{})
		peered = true
	}
	for v := range rule.Get(prefix + "CIDRSet").Items() {
		peered = true
		if v.Get("cidr").IsSet() {
			r.addBlock(v.Get("cidr"), v.Get("except"))
		} else {
			r.Unclear = "a group of addresses"
		}
	}
	for _, name := range ciliumUnread {
		if v := rule.Get(prefix + name); v.IsSet() {
			peered = true
			r.Unclear = prefix + name
		}
	}
	if rule.Get("authentication").IsSet() {
		r.Unclear = "authentication"
	}
	if rule.Get("icmps").Len() > 0 {
		r.Ports = PortSet{}
	}
	if r.PortsAt.Len() > 0 {
		r.setCiliumPorts()
		r.Anyone = !peered
	}
	return r
}

// setCiliumPorts reads toPorts.
func (r *Rule) setCiliumPorts() {
	r.Ports = PortSet{}
	for group := range r.PortsAt.Items() {
		switch {
		case group.Get("rules").IsSet():
			r.Unclear = "rules of the application layer"
		case group.Get("serverNames").Len() > 0:
			r.Unclear = "names of servers"
		}
		if group.Get("ports").Len() == 0 {
			r.Ports.Ports = AllPorts()
		}
		for port := range group.Get("ports").Items() {
			r.addCiliumPort(port)
		}
	}
}

// addCiliumPort adds a PortProtocol. Port 0 is every port, and protocol ANY all protocols.
func (r *Rule) addCiliumPort(v lint.Value) {
	number, isNumber := v.Get("port").Int()
	last, ranged := v.Get("endPort").Int()
	if !ranged {
		last = number
	}
	if isNumber && number == 0 {
		last = lastPort
	}
	for proto := range protocols {
		if name := v.Get("protocol").Text(); name != "" && name != "ANY" && name != proto.String() {
			continue
		}
		if isNumber {
			r.Ports.Ports = r.Ports.Union(PortRange(proto, int(number), int(last)))
		} else {
			r.Ports.names = append(r.Ports.names, portName{proto, v.Get("port").Text()})
		}
	}
}

// ciliumEntity is the peer that an entity is. Those of Cilium's own health checks and of pods without
// an identity yet are nobody here.
func ciliumEntity(at lint.Value, name string) Peer {
	p := Peer{At: at, Name: name}
	pods := &PodSelector{all: true}
	switch p.Name {
	case "all":
		p.Pods, p.Blocks, p.Nodes, p.APIServer = pods, everyAddress(), true, true
	case "world":
		p.Blocks = everyAddress()
	case "world-ipv4":
		p.Blocks, _ = block(everyIPv4.String(), nil)
	case "world-ipv6":
		p.Blocks, _ = block(everyIPv6.String(), nil)
	case "cluster":
		p.Pods, p.Nodes, p.APIServer = pods, true, true
	case "host", "remote-node":
		p.Nodes = true
	case "kube-apiserver":
		p.APIServer = true
	}
	return p
}
