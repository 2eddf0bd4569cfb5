package connect

import (
	"maps"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/admission"
	"github.com/kubevet/kubevet/lint/node"
)

// generatedPolicies is the network policies that an object has made at admission: those of a ClusterPolicy of
// Kyverno. Each is about the namespaces for which it is made.
func generatedPolicies(o *lint.Object) (l []*Policy) {
	for _, g := range admission.Generations(o.Group(), o.Kind, o.Root) {
		made := *o
		made.APIVersion, made.Kind, made.Root = g.APIVersion, g.Kind, g.Data
		if made.Namespace = g.Namespace; node.MayHavePlaceholder(g.Namespace) || strings.Contains(g.Namespace, "{{") {
			made.Namespace = ""
		}
		policies := policiesOf(&made)
		if !g.Data.IsSet() && strings.HasSuffix(g.Kind, "NetworkPolicy") { // a copy of one that may deny everything
			policies = []*Policy{{Object: o, Tier: NamespaceTier, Order: nativeOrder, SelectorAt: o.Root.Get("spec.rules"), Isolates: [directions]bool{true, true}}}
		}
		for _, p := range policies {
			p.Object = o
			if p.Subject.OwnNamespace() {
				p.Subject.all, p.Subject.made = true, &generation{made.Namespace, g.Scope, g.Excluded, typesOf(&made)}
			}
			l = append(l, p)
		}
	}
	return l
}

// generation is where a policy is made.
type generation struct {
	// namespace is the one of all that are made. It is empty if it depends on the object for which one is made.
	namespace       string
	scope, excluded admission.Scope
	// types is the policy types of the one that is made, or its spec if it has none. It is absent if it has none of Kubernetes' own kind.
	types lint.Value
}

// typesOf is where a policy names the directions that it is about, absent if it does so by other fields than Kubernetes' own.
func typesOf(o *lint.Object) lint.Value {
	spec := o.Root.Get("spec")
	if types := spec.Get("policyTypes"); !IsNative(o) || types.IsSet() {
		return types
	}
	return spec
}

// in reports whether one is made in a namespace.
func (g *generation) in(n *Network, name string) match {
	switch {
	case g.namespace != "" && name == "":
		return maybe
	case g.namespace != "":
		return map[bool]match{false: no, true: yes}[g.namespace == name]
	}
	return g.says(n, g.scope, name)
}

// says is what a scope says of the Namespace of a name.
func (g *generation) says(n *Network, scope admission.Scope, name string) match {
	t := admission.Target{Kind: "Namespace", Name: name}
	if node.MayHavePlaceholder(name) {
		t.Name = ""
	}
	l, declared := n.namespaces[space(name)]
	elsewhere := n.declared()[name]
	if declared || len(elsewhere) == 0 || t.Name == "" {
		t.Labels = l
		return match(scope(t))
	}
	is := no
	for _, t.Labels = range elsewhere {
		is = max(is, match(scope(t)))
	}
	return is
}

// labelsElsewhere are the labels of the Namespaces that the repository has, by their names: nil for one which may have others than its file
// shows.
func labelsElsewhere(u *lint.Unit) map[string][]labels.Set {
	l := map[string][]labels.Set{}
	for _, o := range u.Namespaces {
		written := o.Root.Get("metadata.labels")
		set := labels.Set(written.StringMap())
		if o.MoreLabels || len(set) != written.Len() {
			l[o.Name] = append(l[o.Name], nil)
			continue
		}
		set = maps.Clone(set)
		if set == nil {
			set = labels.Set{}
		}
		set[nameLabel] = o.Name
		l[o.Name] = append(l[o.Name], set)
	}
	return l
}

// GeneratedFor is a policy of Kubernetes' own kind that is made for all pods of a namespace, and restricts them in the other direction than d
// alone, with where it names the direction: one that allows nothing, if there is one. It is nil if there is none, or if that is not sure.
func (n *Network) GeneratedFor(d Direction, namespace string) (policy *Policy, types lint.Value) {
	for _, p := range n.policiesFor(namespace) {
		if p.Subject.made == nil || !p.Subject.made.types.IsSet() || !p.Subject.AllPods() || !p.Isolates[Ingress+Egress-d] || p.Isolates[d] ||
			!n.AppliesIn(p, namespace) || p.Subject.made.in(n, namespace) != yes {
			continue
		}
		isClosed := len(p.Rules[Ingress+Egress-d]) == 0
		if policy == nil || isClosed {
			policy, types = p, p.Subject.made.types
		}
		if isClosed {
			break
		}
	}
	return policy, types
}

// ExcludedBy is a policy that is made for all pods of other namespaces, restricts them in a direction, and is not made for a namespace, which its
// rule excludes. It is nil if there is none.
func (n *Network) ExcludedBy(d Direction, namespace string) *Policy {
	for _, p := range n.policiesFor(namespace) {
		if made := p.Subject.made; made != nil && p.Subject.AllPods() && p.Isolates[d] && made.namespace == "" && made.says(n, made.excluded, namespace) == yes {
			return p
		}
	}
	return nil
}
