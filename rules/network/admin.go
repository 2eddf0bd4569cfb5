package network

import (
	"cmp"
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubevet/kubevet/lint"
)

// Policies of the cluster's administrators: AdminNetworkPolicy, BaselineAdminNetworkPolicy
// and ClusterNetworkPolicy. Their rules are tried in order, and those of a policy with a
// lower priority number come first.

// adminRules is what such a policy decides for all peers and ports.
type adminRules struct {
	// baseline is set for rules that apply after NetworkPolicies.
	baseline bool
	priority int64
	// decides is the action of the first rule that matches everything: Allow, Accept, Deny
	// or Pass. It is empty if none does.
	decides map[direction]string
}

func adminPolicy(o *lint.Object, known map[string]labels.Set) policy {
	spec := o.Root.Get("spec")
	p := policy{clusterWide: true, isolates: map[direction]bool{}, admin: &adminRules{
		baseline: o.Kind == "BaselineAdminNetworkPolicy" || spec.Get("tier").Text() == "Baseline",
		decides:  map[direction]string{},
	}}
	p.admin.priority, _ = spec.Get("priority").Int()
	for _, d := range []direction{ingress, egress} {
		for rule := range spec.Get(d.field).Items() {
			action := rule.Get("action").Text()
			if action == "" || action == "Deny" { // an action that is not known may be Deny
				p.isolates[d] = true
			}
			if matchesEverything(rule, d) {
				p.admin.decides[d] = action
				break
			}
		}
	}
	namespaces, pods := spec.Get("subject.namespaces"), spec.Get("subject.pods")
	p.selects, p.all = always, true
	if pods.IsSet() {
		namespaces = pods.Get("namespaceSelector")
		p.selects, p.all = selector(pods.Get("podSelector"))
	}
	if s, err := labelSelector(namespaces); err == nil && namespaces.IsKnown() {
		p.covers = coversBy(s, known)
	}
	return p
}

// matchesEverything reports whether a rule is about all ports of all peers in the
// cluster, or of all addresses.
func matchesEverything(rule lint.Value, d direction) bool {
	if rule.Get("ports").Len() > 0 || rule.Get("protocols").Len() > 0 {
		return false
	}
	for peer := range rule.Get(d.peers()).Items() {
		if namespaces := peer.Get("namespaces"); namespaces.IsMap() && namespaces.Len() == 0 {
			return true
		}
		if slices.ContainsFunc(peer.Get("networks").Strings(), isEverywhere) {
			return true
		}
		if pods := peer.Get("pods"); pods.IsMap() && pods.Get("namespaceSelector").Len() == 0 && pods.Get("podSelector").Len() == 0 {
			return true
		}
	}
	return false
}

// adminDeny reports whether policies of administrators deny everything in a namespace,
// unless a NetworkPolicy allows it.
func (l policies) adminDeny(d direction, namespace string) bool {
	var admin []policy
	for _, p := range l {
		if p.admin != nil && p.all && p.appliesIn(namespace) {
			admin = append(admin, p)
		}
	}
	slices.SortStableFunc(admin, func(a, b policy) int { return cmp.Compare(a.admin.priority, b.admin.priority) })
	for _, baseline := range []bool{false, true} {
		for _, p := range admin {
			action := p.admin.decides[d]
			if p.admin.baseline != baseline || action == "" {
				continue
			}
			if action == "Pass" {
				break // the rest of the tier does not apply
			}
			return action == "Deny"
		}
	}
	return false
}
