package network

import (
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
)

// policies is the network policies of a unit.
type policies []policy

// policy is a network policy of any kind, as far as it matters here. Where its meaning
// is not certain, the policy gets the benefit of the doubt: no finding rests on a guess.
type policy struct {
	// namespace of the policy. It is not used if the policy is cluster-wide.
	namespace   string
	clusterWide bool
	// covers reports whether a cluster-wide policy applies in a namespace.
	covers func(namespace string) bool
	// selects reports which pods it selects, by their labels.
	selects func(labels.Set) bool
	// matchLabels are labels that every selected pod has. Nil means none are known.
	matchLabels map[string]string
	// all is set if it selects every pod.
	all bool
	// isolates says for which directions the selected pods are isolated.
	isolates map[direction]bool
	// denies says for which directions nothing is allowed.
	denies map[direction]bool
	// admin is set for policies of the cluster's administrators.
	admin *adminRules
}

// policiesOf is the network policies of the unit that the rules look at.
func policiesOf(p *lint.Pass) policies { return policiesIndex(p) }

var policiesIndex = lint.UnitIndex("network policies", func(p *lint.Pass) policies { return newPolicies(p.Unit) })

func newPolicies(u *lint.Unit) policies {
	known := namespaceLabels(u)
	var l policies
	for _, o := range u.Objects {
		switch group := o.Group(); {
		case isNativePolicy(o):
			l = append(l, nativePolicy(o))
		case isCilium(o):
			l = append(l, ciliumPolicies(o, known)...)
		case isCalico(group) && (o.Kind == "NetworkPolicy" || o.Kind == "GlobalNetworkPolicy"):
			l = append(l, calicoPolicy(o, known))
		case group == "policy.networking.k8s.io" && strings.HasSuffix(o.Kind, "NetworkPolicy"):
			l = append(l, adminPolicy(o, known))
		}
	}
	return l
}

func (p policy) appliesIn(namespace string) bool {
	if p.clusterWide {
		return p.covers == nil || p.covers(namespace)
	}
	return slices.Contains(sameNamespace(p.namespace), namespace)
}

// sameNamespace lists the names that mean the same namespace: an object that names
// none is created in default, unless the person who applies it says otherwise.
func sameNamespace(name string) []string {
	if name == "" || name == metav1.NamespaceDefault {
		return []string{"", metav1.NamespaceDefault}
	}
	return []string{name}
}

// any reports whether a policy isolates pods of a namespace in a direction.
func (l policies) any(d direction, namespace string) bool {
	return slices.ContainsFunc(l, func(p policy) bool { return p.isolates[d] && p.appliesIn(namespace) })
}

// isolated is the workloads whose pods some policy isolates in a direction.
func (l policies) isolated(d direction, workloads *cluster.LabelIndex) map[*lint.Workload]bool {
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
			if !found[w] && p.appliesIn(w.Namespace) && p.selects(labels.Set(w.Labels())) {
				found[w] = true
			}
		}
	}
	return found
}

// deny reports whether everything is denied by default in a namespace.
func (l policies) deny(d direction, namespace string) bool {
	for _, p := range l {
		if p.admin == nil && p.appliesIn(namespace) && p.all && p.isolates[d] && p.denies[d] {
			return true
		}
	}
	return l.adminDeny(d, namespace)
}

func nativePolicy(o *lint.Object) policy {
	spec := o.Root.Get("spec")
	p := policy{
		namespace: o.Namespace,
		isolates:  map[direction]bool{}, denies: map[direction]bool{},
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

// onlyDNS reports whether egress rules allow nothing but name resolution, which almost
// every pod needs.
func onlyDNS(rules lint.Value) bool {
	for rule := range rules.Elements() {
		ports := rule.Get("ports")
		if ports.Len() == 0 {
			return false
		}
		for port := range ports.Elements() {
			if n := port.Get("port").Text(); n != "53" && n != "dns" && n != "dns-tcp" || port.Get("endPort").IsSet() {
				return false
			}
		}
	}
	return true
}

// selector reads a label selector of Kubernetes. One that is invalid or not known
// selects, since its meaning is not certain.
func selector(v lint.Value) (selects func(labels.Set) bool, all bool) {
	s, err := labelSelector(v)
	if err != nil || !v.IsKnown() {
		return always, false
	}
	return func(l labels.Set) bool { return s.Matches(l) }, s.Empty()
}

func labelSelector(v lint.Value) (labels.Selector, error) {
	l := metav1.LabelSelector{MatchLabels: v.Get("matchLabels").StringMap()}
	for e := range v.Get("matchExpressions").Items() {
		l.MatchExpressions = append(l.MatchExpressions, metav1.LabelSelectorRequirement{
			Key:      e.Get("key").Text(),
			Operator: metav1.LabelSelectorOperator(e.Get("operator").Text()),
			Values:   e.Get("values").Strings(),
		})
	}
	return metav1.LabelSelectorAsSelector(&l)
}

func always(labels.Set) bool { return true }

// nameLabel is the label that the API server gives to each namespace.
const nameLabel = "kubernetes.io/metadata.name"

// namespaceLabels are the labels of the namespaces that a unit declares, by name.
func namespaceLabels(u *lint.Unit) map[string]labels.Set {
	known := map[string]labels.Set{}
	for _, o := range u.Objects {
		if o.Is("", "Namespace") {
			known[o.Name] = labels.Set(o.Root.Get("metadata.labels").StringMap())
			known[o.Name][nameLabel] = o.Name
		}
	}
	return known
}

// coversBy reports which namespaces a selector selects. Of a namespace that the unit does
// not declare only the name is known: its other labels may match.
func coversBy(s labels.Selector, known map[string]labels.Set) func(string) bool {
	return func(name string) bool {
		if l, declared := known[name]; declared {
			return s.Matches(l)
		}
		requirements, _ := s.Requirements()
		for _, r := range requirements {
			if name != "" && r.Key() == nameLabel && !r.Matches(labels.Set{nameLabel: name}) {
				return false
			}
		}
		return true
	}
}
