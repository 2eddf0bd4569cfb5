package connect

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"go4.org/netipx"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/selector"
)

// Tier is when policies are evaluated: those of administrators before and after the
// network policies of namespaces.
type Tier int

// The tiers in the order in which they decide.
const (
	AdminTier     Tier = iota // AdminNetworkPolicy, ClusterNetworkPolicy of tier Admin
	NamespaceTier             // NetworkPolicy, Cilium, Calico
	BaselineTier              // BaselineAdminNetworkPolicy, ClusterNetworkPolicy of tier Baseline
	tiers                     // how many there are
)

// Action is what a rule does with the traffic that it matches.
type Action int

// The actions. Pass leaves the decision to the next tier.
const (
	Allow Action = iota
	Deny
	Pass
)

// Policy is a network policy of any kind, or one spec of it.
type Policy struct {
	*lint.Object
	Tier Tier
	// Order is the place among the policies of the tier; the lowest comes first.
	Order float64
	// Subject selects the pods that the policy is about. SelectorAt is where it is written.
	Subject    PodSelector
	SelectorAt lint.Value
	// Isolates says in which directions everything is denied that no rule allows.
	Isolates [directions]bool
	Rules    [directions][]Rule
	// Unclear is what of the policy is not understood; empty if everything is.
	Unclear string
}

// Rule is one rule of a policy.
type Rule struct {
	// At is the rule, PortsAt its ports as they are written.
	At, PortsAt lint.Value
	Action      Action
	// Anyone is set if the rule is about all peers, inside and outside of the cluster.
	Anyone bool
	Peers  []Peer
	Ports  PortSet
	// Unclear is what of the rule is not understood; empty if everything is.
	Unclear string
}

// Peer is some peers of a rule: pods, addresses outside of the cluster, nodes.
type Peer struct {
	// At is where the peer is written. Name is what Cilium calls an entity.
	At   lint.Value
	Name string
	// Pods is nil if the peer is no pods.
	Pods *PodSelector
	// Blocks is addresses. It is nil if there are none. Cidr and Except are as they are written.
	Blocks *netipx.IPSet
	Cidr   string
	Except []string
	// Nodes is set for the nodes of the cluster and what runs in their network.
	Nodes bool
	// APIServer is set for the API server.
	APIServer bool
}

// Restricts reports whether a policy denies something in a direction.
func (p *Policy) Restricts(d Direction) bool {
	if p.Isolates[d] || p.Tier == NamespaceTier {
		return p.Isolates[d]
	}
	for i := range p.Rules[d] {
		switch r := &p.Rules[d][i]; {
		case r.Action == Deny:
			return true
		case r.AboutEverything(): // what follows has no effect
			return false
		}
	}
	return false
}

// AboutEverything reports whether a rule is about all ports of all pods in the cluster.
func (r *Rule) AboutEverything() bool {
	return r.Ports.Everything() && r.Unclear == "" && (r.Anyone || slices.ContainsFunc(r.Peers, func(p Peer) bool {
		return p.Pods != nil && p.Pods.AllPods() && p.Pods.Everywhere()
	}))
}

// policiesOf reads the policies that an object is.
func policiesOf(o *lint.Object) []*Policy {
	group := o.Group()
	switch {
	case IsNative(o):
		return []*Policy{nativePolicy(o)}
	case IsCilium(o):
		return ciliumPolicies(o)
	case IsCalico(o):
		return calicoPolicies(o)
	case group == "policy.networking.k8s.io" && strings.HasSuffix(o.Kind, "NetworkPolicy"):
		return []*Policy{adminPolicy(o)}
	}
	return generatedPolicies(o)
}

// PoliciesOf is the policies that an object of the unit is. It is empty for other kinds.
func PoliciesOf(p *lint.Pass, o *lint.Object) []*Policy { return ofObjects(p)[o] }

// ofObjects is the policies of the unit by the objects that they are.
var ofObjects = lint.UnitIndex("policies", func(p *lint.Pass) map[*lint.Object][]*Policy {
	m := policiesIn(p.Unit)
	for o, l := range m {
		if isServed(p, o) {
			continue
		}
		for _, policy := range l {
			policy.Isolates = [directions]bool{} // it is not in the cluster
		}
	}
	return m
})

// isServed reports whether the API server has the version of a policy. It has that of the group extensions up to Kubernetes 1.15.
func isServed(p *lint.Pass, o *lint.Object) bool {
	return !o.Is("extensions", "NetworkPolicy") || !p.Version.AtLeast(16)
}

func policiesIn(u *lint.Unit) map[*lint.Object][]*Policy {
	m := map[*lint.Object][]*Policy{}
	for _, o := range u.Objects {
		if l := policiesOf(o); len(l) > 0 {
			m[o] = l
		}
	}
	return m
}

// match is whether a selector selects something. It may be unknown, since the labels of a
// namespace that the unit does not declare are.
type match int

const (
	no match = iota
	maybe
	yes
)

// PodSelector selects pods by the labels of their namespace and their own. The zero value
// selects all pods of the policy's namespace.
type PodSelector struct {
	// namespaces selects by the labels of namespaces. It is nil if own says which.
	namespaces labels.Selector
	// all is set for pods of all namespaces, if namespaces is nil.
	all bool
	// pods selects by labels of pods. It is nil if all are selected.
	pods  labels.Selector
	exact map[string]string // labels that each selected pod has
	// byNamespaceLabel is set if pods looks at calicoNamespace, and byAccount if it looks at
	// the service accounts of pods.
	byNamespaceLabel, byAccount bool
	// unclear is set if the selector could not be read: it selects at most this.
	unclear bool
	// made says in which namespaces a policy that is generated is. It is nil for others.
	made *generation
}

// nameLabel is the label that the API server gives to each namespace.
const nameLabel = "kubernetes.io/metadata.name"

// AllPods reports whether the selector does not look at the labels of pods.
func (s PodSelector) AllPods() bool { return s.pods == nil && !s.unclear }

// Everywhere reports whether the selector selects pods of all namespaces.
func (s PodSelector) Everywhere() bool {
	return s.all && s.namespaces == nil && s.made == nil || s.namespaces != nil && s.namespaces.Empty()
}

// OwnNamespace reports whether the selector is about the namespace of the policy alone.
func (s PodSelector) OwnNamespace() bool { return !s.all && s.namespaces == nil }

// OnlyInNamespaceOf reports whether the selector is about the namespace of a policy alone, whether or not it names it.
func (s PodSelector) OnlyInNamespaceOf(p *Policy) bool {
	own := cmp.Or(p.Namespace, p.Root.Get("metadata.namespace").Text()) // the namespace of the release is not known
	if s.namespaces == nil || own == "" {
		return s.OwnNamespace()
	}
	name, one := s.namespaces.RequiresExactMatch(nameLabel)
	return one && name == own
}

// Unclear reports whether the selector could not be read as a whole.
func (s PodSelector) Unclear() bool { return s.unclear }

func (s PodSelector) text() string {
	var b strings.Builder
	switch {
	case s.made != nil:
		fmt.Fprintf(&b, "made:%p", s.made)
	case s.namespaces != nil:
		b.WriteString("n:" + s.namespaces.String())
	case s.all:
		b.WriteString("all")
	}
	b.WriteByte(0)
	if s.pods != nil {
		b.WriteString(s.pods.String())
	}
	return b.String()
}

// inNamespace reports whether pods of a namespace are selected, as far as their namespace
// decides it.
func (s PodSelector) inNamespace(n *Network, own, name string) match {
	if s.made != nil {
		return s.made.in(n, name)
	}
	if s.namespaces == nil {
		if s.all || space(own) == space(name) {
			return yes
		}
		return no
	}
	return selectsNamespace(s.namespaces, n.namespaces, name)
}

// selectsNamespace reports whether a selector selects a namespace. Of one that the unit does
// not declare only the name is known, and of the namespace of a release not even that.
func selectsNamespace(s labels.Selector, known map[string]labels.Set, name string) match {
	if s.Empty() {
		return yes
	}
	if l, declared := known[space(name)]; declared {
		if s.Matches(l) {
			return yes
		}
		return no
	}
	requirements, _ := s.Requirements()
	sure := name != ""
	for _, r := range requirements {
		switch {
		case r.Key() != nameLabel:
			sure = false
		case name != "" && !r.Matches(labels.Set{nameLabel: name}):
			return no
		}
	}
	if sure {
		return yes
	}
	return maybe
}

// matches reports whether the selector selects by the labels of a pod. It is true if that
// depends on a name that is not known.
func (s PodSelector) matches(w *Workload) bool {
	return s.pods == nil || s.isOpen(w) || s.pods.Matches(podLabels{w.AllLabels(), w.Namespace, w.account})
}

// MatchesLabels reports whether the selector selects pods by their labels, whatever else is known of them. It is false if the selector looks at more.
func (s PodSelector) MatchesLabels(l labels.Labels) bool {
	return s.pods != nil && !s.unclear && !s.byNamespaceLabel && !s.byAccount && s.pods.Matches(l)
}

// isOpen reports whether it depends on the namespace or the service account of a pod whether
// the selector selects it, and that is not known.
func (s PodSelector) isOpen(w *Workload) bool {
	return s.byNamespaceLabel && w.Namespace == "" || s.byAccount && w.account == ""
}

// selects reports whether a pod is selected.
func (s PodSelector) selects(n *Network, own string, w *Workload) match {
	if w.HostNetwork || !s.matches(w) {
		return no
	}
	m := s.inNamespace(n, own, w.Namespace)
	if s.unclear || s.isOpen(w) {
		m = min(m, maybe)
	}
	return m
}

// SelectsOwn reports whether the selector of a policy that is for a workload selects, by their labels, pods of that one or of others
// that the policy is for, and of no other but jobs.
func (n *Network) SelectsOwn(s *PodSelector, p *Policy, of *Workload) bool {
	if s.AllPods() || s.unclear || !s.OnlyInNamespaceOf(p) || !s.matches(of) {
		return false
	}
	return !slices.ContainsFunc(n.Workloads, func(w *Workload) bool {
		return w != of && !w.Batch && s.selects(n, of.Namespace, w) != no && p.Subject.selects(n, of.Namespace, w) != yes
	})
}

// OptIn is the label that pods need so that the selector of a policy selects them, such as db-client: "true", if it is one that only says so and
// no workload has it. It is empty if there is none.
func (n *Network) OptIn(s *PodSelector, of *Workload) (label string) {
	if s.unclear || !s.OwnNamespace() || slices.ContainsFunc(n.Workloads, func(w *Workload) bool { return s.selects(n, of.Namespace, w) != no }) {
		return ""
	}
	for _, key := range slices.Sorted(maps.Keys(s.exact)) {
		if s.exact[key] == "true" {
			return key + `: "true"`
		}
	}
	return ""
}

// AppliesIn reports whether a policy is about pods of a namespace. It is true if that is
// not known.
func (n *Network) AppliesIn(p *Policy, namespace string) bool {
	if n.isElsewhere != nil && n.isElsewhere(p.Object, namespace) {
		return false
	}
	own := p.Namespace
	if own == "" && namespace == n.Cluster.Unit.ReleaseNamespace { // objects of a release have no namespace, but a Namespace has its name
		own = namespace
	}
	return p.Subject.inNamespace(n, own, namespace) != no
}

// setPods reads the selector of pods. One that cannot be read selects what it may select.
func (s *PodSelector) setPods(v lint.Value) {
	if !v.IsSet() && v.IsKnown() {
		return
	}
	read, known := selector.AtMost(v)
	if read.Selector != nil {
		s.setSelector(read, read.Exact)
	}
	s.unclear = s.unclear || !known
}

func (s *PodSelector) setSelector(pods labels.Selector, exact map[string]string) {
	if !pods.Empty() {
		s.pods, s.exact = pods, exact
	}
}

// setNamespaces reads the selector of namespaces. One that cannot be read selects what it
// may select.
func (s *PodSelector) setNamespaces(v lint.Value) {
	s.all = true
	read, known := selector.AtMost(v)
	if read.Selector != nil && (known || !read.Empty()) {
		s.namespaces = read.Selector
	}
	s.unclear = s.unclear || !known && (v.IsSet() || !v.IsKnown())
}

// exactLabels is labels that each pod has which a selector selects.
func exactLabels(s labels.Selector) map[string]string {
	m := map[string]string{}
	requirements, _ := s.Requirements()
	for _, r := range requirements {
		if v, one := s.RequiresExactMatch(r.Key()); one && !isGiven(r.Key()) {
			m[r.Key()] = v
		}
	}
	return m
}

// block reads addresses: a CIDR without some others. ok is false if one cannot be read.
func block(cidr string, except []string) (set *netipx.IPSet, ok bool) {
	var b netipx.IPSetBuilder
	prefix, err := parsePrefix(cidr)
	if err != nil {
		return nil, false
	}
	b.AddPrefix(prefix)
	for _, text := range except {
		without, err := parsePrefix(text)
		if err != nil {
			return nil, false
		}
		b.RemovePrefix(without)
	}
	set, err = b.IPSet()
	return set, err == nil
}

// parsePrefix reads a CIDR, or an address by itself.
func parsePrefix(text string) (netip.Prefix, error) {
	text = strings.TrimSpace(text)
	if a, err := netip.ParseAddr(text); err == nil {
		return a.WithZone("").Prefix(a.BitLen())
	}
	p, err := netip.ParsePrefix(text)
	return p.Masked(), err
}

func union(sets ...*netipx.IPSet) *netipx.IPSet {
	var b netipx.IPSetBuilder
	for _, s := range sets {
		b.AddSet(s)
	}
	set, _ := b.IPSet() // sets have no errors
	return set
}

var (
	everyIPv4 = netip.MustParsePrefix("0.0.0.0/0")
	everyIPv6 = netip.MustParsePrefix("::/0")
)

// everyAddress is all of IPv4 and IPv6.
func everyAddress() *netipx.IPSet {
	var b netipx.IPSetBuilder
	b.AddPrefix(everyIPv4)
	b.AddPrefix(everyIPv6)
	set, _ := b.IPSet()
	return set
}

// Addresses is all addresses outside of the cluster that a rule names. It is nil if there is none.
func (r *Rule) Addresses() *netipx.IPSet {
	var l []*netipx.IPSet
	for _, p := range r.Peers {
		if p.Blocks != nil {
			l = append(l, p.Blocks)
		}
	}
	if len(l) == 0 {
		return nil
	}
	return union(l...)
}

// Union is the addresses of all peers.
func Union(peers []Peer) *netipx.IPSet {
	r := Rule{Peers: peers}
	return r.Addresses()
}

// EveryAddress reports whether a set has every address of IPv4 or of IPv6.
func EveryAddress(s *netipx.IPSet) bool {
	return s != nil && (s.ContainsPrefix(everyIPv4) || s.ContainsPrefix(everyIPv6))
}

// sortedKeys is the keys of a map, sorted.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
