package reliability

import (
	"path"
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
	"github.com/kubevet/kubevet/lint/cluster/selector"
	"github.com/kubevet/kubevet/lint/suggest"
)

// view is a unit as the rules of this package see it that compare objects.
type view struct {
	*cluster.Cluster
	*index
	pass *lint.Pass
}

// viewOf is the view of the unit that the rules look at.
func viewOf(p *lint.Pass) *view {
	return &view{Cluster: cluster.Of(p), index: indexOf(p), pass: p}
}

// index is what this package adds to a Cluster.
type index struct {
	// operands is set if the unit holds custom resources, or brings the operator of
	// some, which may make workloads and services that no file names.
	operands bool
	// selecting counts the Services of a namespace that select pods.
	selecting map[string]int
	// budgets is the selectors of the budgets of a namespace, and budgetsOfAll the
	// namespaces with a budget for every pod.
	budgets      map[string][]selector.Selector
	budgetsOfAll map[string]bool
	// services are those of a namespace by name.
	services map[string]map[string]*lint.Object
}

var indexOf = lint.UnitIndex("reliability", func(p *lint.Pass) *index {
	c := cluster.Of(p)
	x := &index{
		operands: c.HasOperands(), selecting: map[string]int{},
		budgets: map[string][]selector.Selector{}, budgetsOfAll: map[string]bool{}, services: map[string]map[string]*lint.Object{},
	}
	for _, s := range c.Services {
		if s.HasSelector() {
			if l := c.Select(s.Namespace, s.Selector); len(l.Pods) > 0 || l.Hooks {
				x.selecting[s.Namespace]++
			}
		}
		if x.services[s.Namespace] == nil {
			x.services[s.Namespace] = map[string]*lint.Object{}
		}
		if s.Name != "" {
			x.services[s.Namespace][s.Name] = s.Object
		}
	}
	seen := map[string]bool{}
	for _, o := range c.Budgets {
		s, ok := readSelector(o.Root.Get("spec.selector"))
		if !ok {
			x.budgetsOfAll[o.Namespace] = true
		} else if key := o.Namespace + "/" + s.String(); !seen[key] {
			seen[key] = true
			x.budgets[o.Namespace] = append(x.budgets[o.Namespace], s)
		}
	}
	return x
})

// selectsNothing reports whether a selector, which is the value at, matches no
// pods and never will. The unit must be whole enough to say so.
func (v *view) selectsNothing(o *lint.Object, at lint.Value, s selector.Selector) bool {
	if v.operands || isOfCluster(o, s) {
		return false
	}
	if l := v.Select(o.Namespace, s); len(l.Pods) > 0 || l.Hooks {
		return false
	}
	for _, namespace := range v.MayBeIn(o.Namespace) {
		if l := v.Select(namespace, s); len(l.Pods) > 0 || l.Hooks {
			return false
		}
	}
	near := v.In(o.Namespace)
	for _, p := range near {
		if p.OpenLabels || mayMatch(p, s) {
			return false
		}
	}
	return v.hasNeighbours(near, o, at) && (v.Unit.Kind == lint.UnitChart || isNear(near, o, s)) && !cluster.PodsMayExistElsewhere(v.pass, o) && !cluster.SelectedElsewhere(v.pass, o, s.Matches)
}

// mayHaveService reports whether a Service to which an object refers by name may be in a namespace: one of them names none, or another unit has it.
func (v *view) mayHaveService(of *lint.Object, namespace, name string) bool {
	return slices.ContainsFunc(v.MayBeIn(namespace), func(other string) bool { return v.services[other][name] != nil }) ||
		cluster.ServiceElsewhere(v.pass, of, namespace, name)
}

// isOfCluster reports whether a selector may mean pods that the cluster brings: those of the
// namespace kube-system, which no input holds all, and the cluster's DNS.
func isOfCluster(o *lint.Object, s selector.Selector) bool {
	return o.Namespace == "kube-system" || s.Exact["k8s-app"] == "kube-dns"
}

// isNear reports whether an object of a tree looks as if it meant one of the workloads
// of its namespace, and not one that is deployed from another place: it has its name, a
// label of it, or nearly one.
func isNear(near []*cluster.Pods, o *lint.Object, s selector.Selector) bool {
	for _, p := range near {
		if p.Name == o.Name {
			return true
		}
		for k, v := range s.Exact {
			if has := p.Labels[k]; has == v || suggest.Closest(v, []string{has}) != "" {
				return true
			}
		}
	}
	return false
}

// mayMatch reports whether the pods may match a selector: they share a
// label with it, contradict none, and could get the rest when they run, as leaders
// of a cluster do.
func mayMatch(p *cluster.Pods, s labels.Selector) bool {
	requirements, _ := s.Requirements()
	shared := false
	for _, r := range requirements {
		counts, ok := selector.Requirement(r)
		if !ok || !p.AllLabels().Has(r.Key()) {
			continue
		}
		if !counts.Matches(p.AllLabels()) {
			return false
		}
		shared = true
	}
	return shared
}

// hasNeighbours reports whether one of the workloads of a namespace is in the directory
// of an object, of which at is a part. In a chart everything belongs together wherever
// it is.
func (v *view) hasNeighbours(near []*cluster.Pods, o *lint.Object, at lint.Value) bool {
	if v.Unit.Kind == lint.UnitChart {
		return len(near) > 0
	}
	dir := path.Dir(v.pass.Locate(o, at).File)
	return slices.ContainsFunc(near, func(p *cluster.Pods) bool { return path.Dir(v.pass.Locate(p.Object, p.Pod.Value).File) == dir })
}
