package network

import (
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubevet/kubevet/lint"
)

// policies is the network policies of a unit.
type policies []policy

// policy is a network policy of any kind, as far as it matters here. What cannot
// be told for sure is answered in the policy's favour: no finding rests on a guess.
type policy struct {
	// namespace of the policy. Not used if it is cluster-wide.
	namespace   string
	clusterWide bool
	// native is set for Kubernetes' own NetworkPolicy.
	native bool
	// selects tells which pods, by their labels.
	selects func(labels.Set) bool
	// matchLabels are labels that every selected pod has. Nil: nothing is known.
	matchLabels map[string]string
	// all is set if it selects every pod.
	all bool
	// isolates tells for which directions the selected pods are isolated.
	isolates map[direction]bool
	// denies tells for which directions nothing is allowed.
	denies map[direction]bool
}

// policiesOf is the network policies of the unit that the rules look at.
func policiesOf(p *lint.Pass) policies { return policiesIndex(p) }

var policiesIndex = lint.UnitIndex("network policies", func(p *lint.Pass) policies { return newPolicies(p.Unit) })

// workloadsOf finds the workloads of that unit by their labels.
func workloadsOf(p *lint.Pass) *lint.LabelIndex { return workloadsIndex(p) }

var workloadsIndex = lint.UnitIndex("workloads by labels", func(p *lint.Pass) *lint.LabelIndex { return lint.NewLabelIndex(p.Unit.Workloads()) })

func newPolicies(u *lint.Unit) policies {
	var l policies
	for _, o := range u.Objects {
		switch group := o.Group(); {
		case o.Kind == "NetworkPolicy" && (group == "networking.k8s.io" || group == "extensions"):
			l = append(l, nativePolicy(o))
		case group == "cilium.io" && (o.Kind == "CiliumNetworkPolicy" || o.Kind == "CiliumClusterwideNetworkPolicy"):
			l = append(l, ciliumPolicies(o)...)
		case isCalico(group) && (o.Kind == "NetworkPolicy" || o.Kind == "GlobalNetworkPolicy"):
			l = append(l, calicoPolicy(o))
		case group == "policy.networking.k8s.io" && strings.HasSuffix(o.Kind, "NetworkPolicy"):
			l = append(l, adminPolicy(o))
		}
	}
	return l
}

func (p policy) appliesIn(namespace string) bool {
	return p.clusterWide || slices.Contains(sameNamespace(p.namespace), namespace)
}

// sameNamespace lists the names under which a namespace may go: an object that names
// none is created in default, unless whoever applies it says otherwise.
func sameNamespace(name string) []string {
	if name == "" || name == metav1.NamespaceDefault {
		return []string{"", metav1.NamespaceDefault}
	}
	return []string{name}
}

// isolated is the workloads whose pods some policy isolates in a direction.
func (l policies) isolated(d direction, workloads *lint.LabelIndex) map[*lint.Workload]bool {
	found := map[*lint.Workload]bool{}
	for _, p := range l {
		if !p.isolates[d] {
			continue
		}
		near := workloads.All()
		if !p.clusterWide {
			near = nil
			for _, name := range sameNamespace(p.namespace) {
				near = append(near, workloads.With(name, p.matchLabels)...)
			}
		}
		for _, w := range near {
			if !found[w] && p.selects(labels.Set(w.Labels())) {
				found[w] = true
			}
		}
	}
	return found
}

// deny reports whether a policy denies by default in a namespace. Where policies of
// another kind than Kubernetes' own are at work, it is taken for granted.
func (l policies) deny(d direction, namespace string) bool {
	for _, p := range l {
		if p.appliesIn(namespace) && (!p.native || p.all && p.isolates[d] && p.denies[d]) {
			return true
		}
	}
	return false
}

func nativePolicy(o *lint.Object) policy {
	spec := o.Root.Get("spec")
	p := policy{
		namespace: o.Namespace, native: true,
		isolates: map[direction]bool{}, denies: map[direction]bool{},
	}
	p.selects, p.all = selector(spec.Get("podSelector"))
	p.matchLabels = spec.Get("podSelector.matchLabels").StringMap()
	types := spec.Get("policyTypes")
	for _, d := range []direction{ingress, egress} {
		for _, t := range types.Strings() {
			p.isolates[d] = p.isolates[d] || t == d.kind
		}
		rules := spec.Get(d.field)
		if types.Len() == 0 { // the API server's default
			p.isolates[d] = d == ingress || rules.Len() > 0
		}
		p.denies[d] = rules.Len() == 0 || d == egress && onlyDNS(rules)
	}
	return p
}

// onlyDNS reports whether egress rules allow nothing but name resolution, without
// which next to nothing works.
func onlyDNS(rules lint.Value) bool {
	for rule := range rules.Items() {
		ports := rule.Get("ports")
		if ports.Len() == 0 {
			return false
		}
		for port := range ports.Items() {
			if n := port.Get("port").Text(); n != "53" && n != "dns" && n != "dns-tcp" || port.Get("endPort").IsSet() {
				return false
			}
		}
	}
	return true
}

// selector reads a label selector of Kubernetes. An invalid one selects, since
// nobody can tell what was meant.
func selector(v lint.Value) (selects func(labels.Set) bool, all bool) {
	l := metav1.LabelSelector{MatchLabels: v.Get("matchLabels").StringMap()}
	for e := range v.Get("matchExpressions").Items() {
		l.MatchExpressions = append(l.MatchExpressions, metav1.LabelSelectorRequirement{
			Key:      e.Get("key").Text(),
			Operator: metav1.LabelSelectorOperator(e.Get("operator").Text()),
			Values:   e.Get("values").Strings(),
		})
	}
	s, err := metav1.LabelSelectorAsSelector(&l)
	if err != nil {
		return always, false
	}
	return func(l labels.Set) bool { return s.Matches(l) }, s.Empty()
}

func always(labels.Set) bool { return true }
