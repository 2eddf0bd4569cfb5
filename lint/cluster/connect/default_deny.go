package connect

import (
	"slices"

	"go.yaml.in/yaml/v3"
	"go4.org/netipx"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
	"github.com/kubevet/kubevet/lint/release"
)

// IsSystemNamespace reports whether a namespace belongs to the cluster, which a policy that
// denies by default would stop.
func IsSystemNamespace(name string) bool {
	return slices.Contains(cluster.SystemNamespaces, name)
}

// OfAllPods is the policies that select all pods of a namespace, each by itself or else together, and deny what no rule
// allows, of those of namespaces. It is nil if one of them allows everything.
func (n *Network) OfAllPods(d Direction, namespace string) []*Policy {
	l := n.isolateAllPods(n.policiesFor(namespace), d, namespace, func(*Policy) bool { return true })
	if len(l) == 0 { // one that opens its pods isolates none of them
		l = n.isolateTogether(n.policiesFor(namespace), d, namespace, func(p *Policy) bool { return p.opening(d) == nil })
	}
	if slices.ContainsFunc(l, func(p *Policy) bool { return p.opening(d) != nil && !p.limitsOutside(d) }) {
		return nil
	}
	return l
}

// limitsOutside reports whether a policy of Cilium denies something in spite of a rule about all pods of the cluster: addresses outside
// of it that it does not name.
func (p *Policy) limitsOutside(d Direction) bool {
	var named []*netipx.IPSet
	for i := range p.Rules[d] {
		r := &p.Rules[d][i]
		if r.Action == Allow && r.Ports.Everything() && r.Unclear == "" {
			if r.Anyone {
				return false
			}
			if set := r.Addresses(); set != nil {
				named = append(named, set)
			}
		}
	}
	return IsCilium(p.Object) && (len(named) == 0 || !EveryAddress(union(named...)))
}

// OpenedBy is the NetworkPolicy of the unit, or the policy of Cilium for all of its cluster, that selects all pods of a namespace and
// allows them everything, and its rule that does. Both add up: others that deny change nothing beside
// it. It is nil if there is none, or if a policy of another kind denies something first.
func (n *Network) OpenedBy(d Direction, namespace string) (*Policy, *Rule) {
	denies := func(p *Policy) bool {
		return n.AppliesIn(p, namespace) && slices.ContainsFunc(p.Rules[d], func(r Rule) bool { return r.Action != Allow })
	}
	if slices.ContainsFunc(n.policiesFor(namespace), denies) {
		return nil, nil
	}
	opens := func(p *Policy) bool { return IsNative(p.Object) && p.opening(d) != nil }
	for _, p := range n.isolateAllPods(n.Policies, d, namespace, opens) {
		return p, p.opening(d)
	}
	opens = func(p *Policy) bool { return isClusterwide(p.Object) && p.opening(d) != nil && !p.limitsOutside(d) }
	for _, p := range n.isolateAllPods(n.policiesFor(namespace), d, namespace, opens) {
		return p, p.opening(d)
	}
	return nil, nil
}

// isolateAllPods is those of some policies that count, select all pods of a namespace and deny what no rule allows.
func (n *Network) isolateAllPods(policies []*Policy, d Direction, namespace string, counts func(*Policy) bool) (l []*Policy) {
	for _, p := range policies {
		if p.Tier == NamespaceTier && p.Isolates[d] && n.selectsAllPods(p, namespace) && counts(p) {
			l = append(l, p)
		}
	}
	return l
}

// selectsAllPods reports whether a policy selects all pods of a namespace: by its selector alone, or since only pods with some label
// opt out of it, which none of the unit has there.
func (n *Network) selectsAllPods(p *Policy, namespace string) bool {
	if !n.AppliesIn(p, namespace) || p.Subject.AllPods() {
		return n.AppliesIn(p, namespace)
	}
	if namespace == "" || !p.Subject.isOptOut() {
		return false
	}
	for _, w := range n.Workloads {
		if SameNamespace(w.Namespace, namespace) && !p.Subject.matches(w) {
			return false
		}
	}
	mayBeLeft := func(o *lint.Object) bool { return p.Subject.mayLeave(o.Root.Node) }
	return !slices.ContainsFunc(n.installed()[namespace], mayBeLeft) && !slices.ContainsFunc(n.installed()[""], mayBeLeft)
}

// isOptOut reports whether the selector selects all pods but those with some labels.
func (s PodSelector) isOptOut() bool {
	if s.pods == nil || s.unclear || s.byNamespaceLabel || s.byAccount {
		return false
	}
	requirements, _ := s.pods.Requirements()
	return !slices.ContainsFunc(requirements, func(r labels.Requirement) bool {
		isOut := r.Operator() == selection.NotIn || r.Operator() == selection.NotEquals || r.Operator() == selection.DoesNotExist
		return !isOut || isGiven(r.Key())
	})
}

// mayLeave reports whether some text names a label by which pods opt out of the selector: the values of a chart may give it to pods.
func (s PodSelector) mayLeave(n *yaml.Node) bool {
	for i := 0; i+1 < len(n.Content) && n.Kind == yaml.MappingNode; i += 2 {
		pod := labels.Set{n.Content[i].Value: n.Content[i+1].Value}
		if requirements, _ := s.pods.Requirements(); slices.ContainsFunc(requirements, func(r labels.Requirement) bool { return !r.Matches(pod) }) {
			return true
		}
	}
	return slices.ContainsFunc(n.Content, s.mayLeave) // what aliases mean is visited where it is written
}

// releases are the objects of the unit and of the repository that install something, by the namespace, which is empty for those
// of which it is not known.
func (n *Network) releases() map[string][]*lint.Object {
	in := map[string][]*lint.Object{}
	for _, o := range slices.Concat(n.Cluster.Unit.Objects, n.Cluster.Unit.Releases) {
		if r, ok := release.Of(o); ok {
			in[r.Namespace] = append(in[r.Namespace], o)
		}
	}
	return in
}

// maxTogether is how many policies that look at one label are tried together.
const maxTogether = 32

// isolateTogether is those of some policies that count, deny what no rule allows, and select all pods of a namespace
// together, since they look at one label: NotIn [x] and In [x].
func (n *Network) isolateTogether(policies []*Policy, d Direction, namespace string, counts func(*Policy) bool) []*Policy {
	byKey := map[string][]*Policy{}
	for _, p := range policies {
		if p.Tier != NamespaceTier || p.Subject.unclear || !p.Isolates[d] {
			continue
		}
		if key := p.Subject.onlyLabel(); key != "" && n.AppliesIn(p, namespace) && counts(p) {
			byKey[key] = append(byKey[key], p)
		}
	}
	for _, key := range sortedKeys(byKey) {
		if l := byKey[key]; 1 < len(l) && len(l) <= maxTogether {
			if l = selectAll(l, key); l != nil {
				return l
			}
		}
	}
	return nil
}

// onlyLabel is the label of pods that the selector looks at, empty if it looks at none or at several, or compares numbers.
func (s PodSelector) onlyLabel() (key string) {
	if s.pods == nil {
		return ""
	}
	requirements, _ := s.pods.Requirements()
	for _, r := range requirements {
		if isNumeric := r.Operator() == selection.GreaterThan || r.Operator() == selection.LessThan; isNumeric || isGiven(r.Key()) || key != "" && key != r.Key() {
			return ""
		}
		key = r.Key()
	}
	return key
}

// selectAll is those of some policies that select all pods, whatever the value of a label is, or if they have none. It is
// nil if some pod is left.
func selectAll(policies []*Policy, key string) (l []*Policy) {
	values := map[string]bool{"": true}
	for _, p := range policies {
		requirements, _ := p.Subject.pods.Requirements()
		for _, r := range requirements {
			for v := range r.Values() {
				values[v] = true
			}
		}
	}
	const another = "\x00" // no label has it
	pods := []labels.Set{{}, {key: another}}
	for _, v := range sortedKeys(values) {
		pods = append(pods, labels.Set{key: v})
	}
	for _, pod := range pods {
		selects := func(p *Policy) bool { return p.Subject.pods.Matches(pod) }
		if slices.ContainsFunc(l, selects) {
			continue
		}
		i := slices.IndexFunc(policies, selects)
		if i < 0 {
			return nil
		}
		l = append(l, policies[i])
	}
	return l
}

// opening is the rule of a policy that allows everything. Nil if there is none.
func (p *Policy) opening(d Direction) *Rule {
	i := slices.IndexFunc(p.Rules[d], func(r Rule) bool { return r.Action == Allow && r.AboutEverything() })
	if i < 0 {
		return nil
	}
	return &p.Rules[d][i]
}

// AllowsMoreThanDNS is the first rule of a policy that allows something besides name resolution. Nil
// if there is none.
func (p *Policy) AllowsMoreThanDNS(d Direction) *Rule {
	i := slices.IndexFunc(p.Rules[d], func(r Rule) bool { return allowsMoreThanDNS(r, d) })
	if i < 0 {
		return nil
	}
	return &p.Rules[d][i]
}

// policiesFor is the policies that may be about a namespace: those of the unit, and of the
// rest of the repository if the name of the namespace is known.
func (n *Network) policiesFor(namespace string) []*Policy {
	if namespace == "" {
		return n.Policies
	}
	return slices.Concat(n.Policies, n.OtherPolicies())
}

// DeniesByDefault reports whether everything is denied by default in a namespace: by a
// network policy that selects all pods, by several that do so together, or by those of administrators. A policy that only
// allows name resolution counts, since almost every pod needs it.
func (n *Network) DeniesByDefault(d Direction, namespace string) bool {
	policies := n.policiesFor(namespace)
	denies := func(p *Policy) bool { return p.AllowsMoreThanDNS(d) == nil }
	return len(n.isolateAllPods(policies, d, namespace, denies)) > 0 || n.adminDenies(d, namespace) ||
		len(n.isolateTogether(policies, d, namespace, denies)) > 0
}

// ClusterDeny is the policy of Cilium for all of a cluster that denies everything by default in a direction, in a namespace and all
// others, and says nothing of the other direction. It is nil if there is none.
func (n *Network) ClusterDeny(d Direction, namespace string) *Policy {
	isOne := func(p *Policy) bool {
		return isClusterwide(p.Object) && !p.Isolates[Ingress+Egress-d] && p.AllowsMoreThanDNS(d) == nil && p.Root.Get("spec").IsMap()
	}
	for _, p := range n.isolateAllPods(n.policiesFor(namespace), d, namespace, isOne) {
		return p
	}
	return nil
}

func isClusterwide(o *lint.Object) bool { return o.Is("cilium.io", "CiliumClusterwideNetworkPolicy") }

// allowsMoreThanDNS reports whether a rule allows something besides name resolution. One
// that is not understood gets the benefit of the doubt.
func allowsMoreThanDNS(r Rule, d Direction) bool {
	switch {
	case r.Action != Allow, r.Unclear != "", !r.Anyone && len(r.Peers) == 0:
		return false
	case d == Ingress:
		return true
	}
	var dns Ports
	for proto := range protocols { // Cilium's ANY is all of them
		dns = dns.Union(PortRange(proto, 53, 53))
	}
	return !r.Ports.Within(dns, "dns", "dns-tcp")
}

// adminDenies reports whether policies of administrators deny everything in a namespace,
// unless a NetworkPolicy allows it: of the rules about all peers and ports the first one
// decides.
func (n *Network) adminDenies(d Direction, namespace string) bool {
	for _, tier := range []Tier{AdminTier, BaselineTier} {
	policies:
		for _, p := range n.Policies { // in their order
			if p.Tier != tier || !p.Subject.AllPods() || !n.AppliesIn(p, namespace) {
				continue
			}
			i := slices.IndexFunc(p.Rules[d], func(r Rule) bool { return r.AboutEverything() })
			if i < 0 {
				continue
			}
			switch p.Rules[d][i].Action {
			case Pass: // the rest of the tier does not apply
				break policies
			case Deny:
				return true
			case Allow:
				return false
			}
		}
	}
	return false
}
