package reliability

import (
	"path"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubevet/kubevet/lint"
)

// world is a unit as the rules see it that compare objects with each other.
type world struct {
	unit     *lint.Unit
	pods     []*pods
	podsOf   map[*lint.Workload]*pods
	byLabels *lint.LabelIndex
	// leading are the Services of a namespace by one of the labels that they select.
	leading  map[label][]service
	services []service
	// autoscalers set the replicas of other objects.
	autoscalers []*lint.Object
	budgets     []*lint.Object
	// operands is set if the unit holds custom resources, or brings the operator of
	// some, which may make workloads and services that no file names.
	operands bool
}

type label struct{ namespace, key, value string }

// pods is a workload with its pods' labels.
type pods struct {
	*lint.Workload
	labels labels.Set
}

// service is a Service. The selector is nil if it selects nothing by design: it
// has none, or names a host outside.
type service struct {
	*lint.Object
	selector labels.Selector
	// match is the selector as the Service has it.
	match map[string]string
	// index is the Service's place among those of the unit.
	index int
}

// worldOf is the world of the unit that the rules look at.
func worldOf(p *lint.Pass) *world {
	return lint.Once(p, func() *world { return newWorld(p.Unit) })
}

func newWorld(u *lint.Unit) *world {
	w := &world{
		unit: u, podsOf: map[*lint.Workload]*pods{}, byLabels: lint.NewLabelIndex(u.Workloads()), leading: map[label][]service{},
	}
	for _, o := range u.Objects {
		group := o.Group()
		switch {
		case o.Is("", "Service"):
			w.addService(newService(o))
		case o.Is("autoscaling", "HorizontalPodAutoscaler"), o.Is("keda.sh", "ScaledObject"):
			w.autoscalers = append(w.autoscalers, o)
		case o.Is("policy", "PodDisruptionBudget"):
			w.budgets = append(w.budgets, o)
		case o.Kind == "CustomResourceDefinition", strings.Contains(group, ".") && !strings.HasSuffix(group, ".k8s.io") && !inert[o.Kind]:
			w.operands = true
		}
		for _, l := range o.Workloads {
			p := &pods{l, labels.Set(l.Labels())}
			w.pods, w.podsOf[l] = append(w.pods, p), p
		}
	}
	return w
}

func newService(o *lint.Object) service {
	v := o.Root.Get("spec.selector")
	if v.Len() == 0 || o.Root.Get("spec.type").Text() == "ExternalName" {
		return service{Object: o}
	}
	match := v.StringMap()
	return service{Object: o, selector: labels.SelectorFromSet(match), match: match}
}

// addService notes a Service, and where to find it by the label that selects least.
func (w *world) addService(s service) {
	s.index = len(w.services)
	w.services = append(w.services, s)
	var by label
	least := -1
	for k, v := range s.match {
		l := label{s.Namespace, k, v}
		if n := len(w.byLabels.With(s.Namespace, map[string]string{k: v})); least < 0 || n < least || n == least && k < by.key {
			by, least = l, n
		}
	}
	if least >= 0 {
		w.leading[by] = append(w.leading[by], s)
	}
}

// servicesTo lists the Services that lead to the pods, in order of the unit.
func (w *world) servicesTo(p *pods) []service {
	var l []service
	for k, v := range p.labels {
		for _, s := range w.leading[label{p.Namespace, k, v}] {
			if s.selects(p) {
				l = append(l, s)
			}
		}
	}
	slices.SortFunc(l, func(a, b service) int { return a.index - b.index })
	return l
}

// selects reports whether the Service leads to the pods.
func (s service) selects(p *pods) bool {
	return s.selector != nil && s.Namespace == p.Namespace && s.selector.Matches(p.labels)
}

// selected lists the workloads of a namespace that a selector matches. Those of
// Helm hooks come and go: tests often have the labels of what they test.
func (w *world) selected(namespace string, s labels.Selector) []*pods {
	var l []*pods
	for _, c := range w.byLabels.With(namespace, demanded(s)) {
		if p := w.podsOf[c]; p.Hook == "" && s.Matches(p.labels) {
			l = append(l, p)
		}
	}
	return l
}

// demanded are the labels that all selected pods have.
func demanded(s labels.Selector) map[string]string {
	m := map[string]string{}
	requirements, _ := s.Requirements()
	for _, r := range requirements {
		if v, exact := s.RequiresExactMatch(r.Key()); exact {
			m[r.Key()] = v
		}
	}
	return m
}

// autoscaler is what scales a workload, or nil.
func (w *world) autoscaler(p *pods) *lint.Object {
	for _, o := range w.autoscalers {
		ref := o.Root.Get("spec.scaleTargetRef")
		kind := ref.Get("kind").Text()
		if kind == "" && o.Kind == "ScaledObject" {
			kind = "Deployment"
		}
		if o.Namespace == p.Namespace && kind == p.Kind && text(ref.Get("name")) == p.Name {
			return o
		}
	}
	return nil
}

// servicesOf gives the Services of a namespace by name.
func (w *world) servicesOf(namespace string) map[string]*lint.Object {
	m := map[string]*lint.Object{}
	for _, s := range w.services {
		if s.Namespace == namespace && s.Name != "" {
			m[s.Name] = s.Object
		}
	}
	return m
}

// selectsNothing reports whether a selector, which is the value at, matches no
// pods and never will. The unit must be whole enough to say so.
func (w *world) selectsNothing(o *lint.Object, at lint.Value, s labels.Selector) bool {
	if w.operands {
		return false
	}
	for _, c := range w.byLabels.With(o.Namespace, demanded(s)) {
		if s.Matches(w.podsOf[c].labels) {
			return false
		}
	}
	for _, c := range w.byLabels.In(o.Namespace) {
		if c.OpenLabels || w.podsOf[c].mayMatch(s) {
			return false
		}
	}
	return w.hasNeighbours(o, at) && (w.unit.Scenario != "" || w.isNear(o, s)) && !w.unit.PodsMayExistElsewhere(o)
}

// isNear reports whether an object of a tree looks as if it meant one of the tree's
// workloads, and not one that is deployed from elsewhere: it has its name, a label
// of it, or nearly one.
func (w *world) isNear(o *lint.Object, s labels.Selector) bool {
	for _, c := range w.byLabels.In(o.Namespace) {
		if c.Name == o.Name {
			return true
		}
		for k, v := range demanded(s) {
			if has := w.podsOf[c].labels[k]; has == v || lint.Closest(v, []string{has}) != "" {
				return true
			}
		}
	}
	return false
}

// mayMatch reports whether the pods may come to match a selector: they share a
// label with it, contradict none, and could get the rest when they run, as leaders
// of a cluster do.
func (p *pods) mayMatch(s labels.Selector) bool {
	requirements, _ := s.Requirements()
	shared := false
	for _, r := range requirements {
		if !p.labels.Has(r.Key()) {
			continue
		}
		if !r.Matches(p.labels) {
			return false
		}
		shared = true
	}
	return shared
}

// hasNeighbours reports whether a workload of the namespace stands in the directory
// of an object, of which at is a part. In a chart everything belongs together wherever
// it stands.
func (w *world) hasNeighbours(o *lint.Object, at lint.Value) bool {
	dir := ""
	if w.unit.Scenario == "" {
		dir = path.Dir(o.Locate(at).File)
	}
	return slices.ContainsFunc(w.pods, func(p *pods) bool {
		return p.Namespace == o.Namespace && (w.unit.Scenario != "" || path.Dir(p.Locate(p.Pod.Value).File) == dir)
	})
}
