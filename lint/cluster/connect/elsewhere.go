package connect

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
	"github.com/kubevet/kubevet/lint/node"
	"github.com/kubevet/kubevet/lint/optin"
)

// readOthers reads the policies in the manifests of the repository that may be about pods of the unit.
func (n *Network) readOthers() (l []*Policy) {
	own := map[string]bool{}
	for _, name := range n.Namespaces() {
		own[space(name)] = true
	}
	if release := n.Cluster.Unit.ReleaseNamespace; release != "" && own[""] {
		own[space(release)] = true
	}
	read := map[*yaml.Node]bool{}
	for _, o := range n.Cluster.Unit.Policies {
		if n.foreign[o] {
			continue
		}
		isOwn := !isOfNamespace(o) || o.Namespace == "" || own[space(o.Namespace)] || node.MayHavePlaceholder(o.Namespace)
		// Pods whose namespace is not known may be in that of any policy, which overlays may have several times.
		if isOwn && !n.isOfVariant(o) || !isOwn && own[""] && !read[o.Root.Node] {
			l = append(l, policiesOf(o)...)
			read[o.Root.Node] = true
		}
	}
	return l
}

// foreignPolicies are the policies of the repository that are for another cluster than that of the unit, or in none.
func foreignPolicies(p *lint.Pass) map[*lint.Object]bool {
	foreign := map[*lint.Object]bool{}
	for _, o := range p.Unit.Policies {
		isWide := !isOfNamespace(o) && o.Namespace == ""
		if !isServed(p, o) || isWide && cluster.IsOfOtherCluster(p, cluster.FileOf(p, o)) || !isWide && cluster.AreOfOtherClusters(p, cluster.DirOf(p, o), p.Unit.Input) {
			foreign[o] = true
		}
	}
	return foreign
}

// homesOf are the directories of the Namespaces of manifests, which may be those of several clusters, by their names: of several with one name
// that of the last, which rules report.
func homesOf(p *lint.Pass) map[string]string {
	if p.Unit.Kind != lint.UnitManifests {
		return nil
	}
	homes := map[string]string{}
	for _, o := range p.Unit.Objects {
		if o.Is("", "Namespace") {
			homes[o.Name] = cluster.DirOf(p, o)
		}
	}
	return homes
}

// isOfNamespace reports whether a policy is of a kind that is about pods of its namespace alone.
func isOfNamespace(o *lint.Object) bool {
	return IsNative(o) || o.Is("cilium.io", "CiliumNetworkPolicy") || IsCalico(o) && o.Kind == "NetworkPolicy"
}

// isOfVariant reports whether a policy is given its namespace by an overlay that is built of the same base as the unit: a cluster
// gets one of them.
func (n *Network) isOfVariant(o *lint.Object) bool {
	u := n.Cluster.Unit
	return u.Kind == lint.UnitOverlay && slices.ContainsFunc(o.Variants, func(overlays map[string]bool) bool { return overlays[u.Input] })
}

// CiliumPolicies is the network policies of the unit and of the repository, if all are those of Cilium. It is empty otherwise.
func (n *Network) CiliumPolicies() (l []*lint.Object) {
	for _, p := range n.Policies {
		if !IsCilium(p.Object) {
			return nil
		}
		l = append(l, p.Object)
	}
	for _, o := range n.Cluster.Unit.Policies {
		switch {
		case IsCilium(o):
			l = append(l, o)
		case strings.HasSuffix(o.Kind, "NetworkPolicy") || len(policiesOf(o)) > 0:
			return nil
		}
	}
	return l
}

// OtherPolicies is the policies in the manifests of the repository, those of other units too,
// that may be about namespaces of the unit and whose namespace is known. It must not be changed.
func (n *Network) OtherPolicies() (l []*Policy) {
	for _, p := range n.others() {
		if p.Namespace != "" || !p.Subject.OwnNamespace() {
			l = append(l, p)
		}
	}
	return l
}

// IsIsolatedElsewhere reports whether a policy of another unit restricts a workload. If the
// namespace of one of them is not known, the policy must select the pods by their labels: that of a release is known if
// what installs it names it.
func (n *Network) IsIsolatedElsewhere(w *lint.Workload, d Direction) bool {
	return slices.ContainsFunc(n.others(), func(p *Policy) bool {
		own := p.Namespace
		if p.Subject.OwnNamespace() && (own == "" || w.Namespace == "") {
			isInRelease := own != "" && own == n.Cluster.Unit.ReleaseNamespace && !node.MayHavePlaceholder(own)
			if own = w.Namespace; p.Subject.AllPods() && !isInRelease {
				return false
			}
		}
		return p.Restricts(d) && p.Subject.selects(n, own, n.of[w]) != no
	})
}

// MayBeIsolatedInRelease reports whether a policy of a chart that selects a workload by its labels may restrict it: one of both names its namespace,
// and the other is in that of the release, which is not known.
func (n *Network) MayBeIsolatedInRelease(w *lint.Workload, d Direction) bool {
	return n.Cluster.Unit.Kind == lint.UnitChart && slices.ContainsFunc(n.Policies, func(p *Policy) bool {
		return (p.Namespace == "") != (w.Namespace == "") && p.Restricts(d) && p.Subject.OwnNamespace() && !p.Subject.AllPods() && p.Subject.selects(n, w.Namespace, n.of[w]) != no
	})
}

// MayOptIn reports whether a network policy of another chart of the repository may restrict a workload: its pods, or others that are installed
// with it, have the label by which a policy of that chart selects pods, and so are meant for the namespace of its policies. The unit's own
// chart is as it is rendered: what it has is known.
func (n *Network) MayOptIn(w *lint.Workload, d Direction) bool {
	chosen := n.chosen()[n.spaceOf(n.of[w])]
	isKnown := n.Cluster.Unit.Kind != lint.UnitChart && w.Namespace != "" // and a release in it would be a guess
	if len(chosen) == 0 || chosen[n.Cluster.Unit.Input] || isKnown {
		return false
	}
	labels := maps.Collect(n.of[w].AllLabels().All())
	return slices.ContainsFunc(n.Cluster.Unit.OptIn(), func(p optin.Policy) bool {
		return chosen[p.Chart] && (d == Ingress && p.Ingress || d == Egress && p.Egress) && p.Selects(labels, w.Namespace)
	})
}

// chosenCharts are the charts whose policies the pods of the unit choose by a label, by what spaceOf says of these.
func (n *Network) chosenCharts() map[string]map[string]bool {
	if n.Cluster.Unit.OptIn == nil {
		return nil
	}
	policies := slices.DeleteFunc(slices.Clone(n.Cluster.Unit.OptIn()), func(p optin.Policy) bool { return !p.IsChosen() })
	chosen := map[string]map[string]bool{}
	if len(policies) == 0 {
		return nil
	}
	for _, w := range n.Workloads {
		labels, in := maps.Collect(w.AllLabels().All()), n.spaceOf(w)
		for _, p := range policies {
			if !p.Selects(labels, w.Namespace) {
				continue
			}
			if chosen[in] == nil {
				chosen[in] = map[string]bool{}
			}
			chosen[in][p.Chart] = true
		}
	}
	return chosen
}

// spaceOf is the same for workloads that are in one namespace. Manifests without one may be of different applications.
func (n *Network) spaceOf(w *Workload) string {
	if w.Namespace == "" && n.Cluster.Unit.Kind == lint.UnitManifests {
		return "#" + strconv.Itoa(w.index)
	}
	return w.Namespace
}
