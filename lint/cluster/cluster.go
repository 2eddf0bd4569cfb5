// Package cluster knows what the objects of a unit mean for each other: which pods
// a selector selects, which Services lead to them, what scales them and which
// budget guards them. Each index is built once for a unit; rules ask and never search.
package cluster

import (
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/selector"
)

// Of is the Cluster of the unit that the rules look at.
var Of = lint.UnitIndex("cluster", func(p *lint.Pass) *Cluster {
	c := New(p.Unit)
	if p.Unit.Kind == lint.UnitManifests {
		c.findFiles(p)
	}
	return c
})

// Cluster is the objects of a unit, indexed. It is safe for concurrent use, and must
// not be changed.
type Cluster struct {
	Unit *lint.Unit
	// Pods is all workloads, in the order of the unit.
	Pods []*Pods
	// Workloads finds the same workloads by the labels of their pods.
	Workloads *LabelIndex
	// Services, Autoscalers and Budgets are in the order of the unit. Autoscalers are
	// of Kubernetes and of KEDA.
	Services    []*Service
	Autoscalers []*lint.Object
	Budgets     []*lint.Object

	namespaces func() []string // those that objects name
	operands   func() map[string]bool
	podsOf     map[*lint.Workload]*Pods
	services   map[object]*Service
	targets    map[object][]*Pods
	scalers    map[object][]*lint.Object
	leading    map[label][]*Service
	ofOwners   map[label][]*Service // the same for those that select by a label that a controller adds
	mu         sync.Mutex           // guards what follows
	selections map[selection]*Selection
	served     map[served][]*Service
	scaled     map[*Pods]*lint.Object // nil until it is needed
	// files are those of the objects in a tree of manifests that findFiles looks at. Nil for
	// other units.
	files map[*lint.Object]string
}

// served is pods that Services lead to: their labels, and the directory that they are in.
type served struct {
	selection
	dir string
}

// object names one of a unit.
type object struct{ namespace, kind, name string }

type label struct{ namespace, key, value string }

// selection is a selector, or a set of labels, in a namespace.
type selection struct{ namespace, text string }

// Pods is a workload with its pods' labels.
type Pods struct {
	*lint.Workload
	// Labels are those of the template. Selectors are compared with AllLabels.
	Labels labels.Set

	class string // equal for equal labels
	once  sync.Once
	ports []string // made at the first question
}

// PortNames is the names of the ports that long-running containers of the pods
// declare, sorted.
func (p *Pods) PortNames() []string {
	p.once.Do(func() { p.ports = portNames(p.Workload) })
	return p.ports
}

// AllLabels are the labels of the pods, with those that their controller adds.
func (p *Pods) AllLabels() selector.PodLabels { return selector.OfPods(p.Workload) }

// Service is a Service of the unit.
type Service struct {
	*lint.Object
	// Selector is what it selects. The Selector within is nil if it selects nothing by
	// design, since it has none or names a host outside, and if it is unknown.
	Selector selector.Selector

	index int // among those of the unit
	// near is the part of what it selects that it means. Nil until it is needed.
	near *Selection
}

// HasSelector reports whether the Service selects pods by labels that are known.
func (s *Service) HasSelector() bool { return s.Selector.Selector != nil }

// Selects reports whether the Service leads to the pods.
func (s *Service) Selects(p *Pods) bool {
	return s.HasSelector() && s.Namespace == p.Namespace && s.Selector.Matches(p.AllLabels())
}

// New indexes a unit. Rules call Of.
func New(u *lint.Unit) *Cluster {
	c := &Cluster{
		Unit: u, Workloads: NewLabelIndex(u.Workloads()), podsOf: map[*lint.Workload]*Pods{},
		services: map[object]*Service{}, targets: map[object][]*Pods{}, scalers: map[object][]*lint.Object{}, leading: map[label][]*Service{}, ofOwners: map[label][]*Service{},
		selections: map[selection]*Selection{}, served: map[served][]*Service{},
	}
	for _, o := range u.Objects {
		switch {
		case o.Is("", "Service"):
			c.addService(newService(o))
		case o.Is("autoscaling", "HorizontalPodAutoscaler"), o.Is("keda.sh", "ScaledObject"):
			c.addAutoscaler(o)
		case o.Is("policy", "PodDisruptionBudget"):
			c.Budgets = append(c.Budgets, o)
		}
		for _, w := range o.Workloads {
			p := &Pods{Workload: w, Labels: labels.Set(w.Labels())}
			p.class = p.Labels.String()
			c.Pods, c.podsOf[w] = append(c.Pods, p), p
			key := object{o.Namespace, o.Kind, o.Name}
			c.targets[key] = append(c.targets[key], p)
		}
	}
	c.operands = sync.OnceValue(c.operandNames)
	c.namespaces = sync.OnceValue(func() []string {
		var l []string
		for _, o := range u.Objects {
			if o.Namespace != "" {
				l = append(l, o.Namespace)
			}
		}
		slices.Sort(l)
		return slices.Compact(l)
	})
	return c
}

func portNames(w *lint.Workload) []string {
	var l []string
	for _, c := range w.Select(lint.LongRunning) {
		for port := range c.Get("ports").Items() {
			if name := port.Get("name").Written(); name != "" {
				l = append(l, name)
			}
		}
	}
	slices.Sort(l)
	return slices.Compact(l)
}

func newService(o *lint.Object) *Service {
	v := o.Root.Get("spec.selector")
	s := &Service{Object: o}
	if v.Len() == 0 || o.Root.Get("spec.type").Text() == "ExternalName" {
		return s
	}
	if read, known := selector.FromMap(v); known {
		s.Selector = read
	}
	return s
}

// addService adds a Service, also to those of the label that selects least.
func (c *Cluster) addService(s *Service) {
	s.index = len(c.Services)
	c.Services = append(c.Services, s)
	if s.Name != "" {
		c.services[object{s.Namespace, "", s.Name}] = s
	}
	var by label
	least := -1
	for k, v := range s.Selector.Exact {
		l := label{s.Namespace, k, v}
		if n := len(c.Workloads.With(s.Namespace, map[string]string{k: v})); least < 0 || n < least || n == least && k < by.key {
			by, least = l, n
		}
	}
	switch {
	case s.Selector.ByController:
		if least < 0 {
			by.namespace = s.Namespace
		}
		c.ofOwners[by] = append(c.ofOwners[by], s)
	case least >= 0:
		c.leading[by] = append(c.leading[by], s)
	}
}

func (c *Cluster) addAutoscaler(o *lint.Object) {
	c.Autoscalers = append(c.Autoscalers, o)
	ref := o.Root.Get("spec.scaleTargetRef")
	kind := ref.Get("kind").Text()
	if kind == "" && o.Kind == "ScaledObject" {
		kind = "Deployment"
	}
	key := object{o.Namespace, kind, ref.Get("name").Written()}
	c.scalers[key] = append(c.scalers[key], o)
}

// Autoscaler is what scales a workload. It is nil if nothing in the unit does.
func (c *Cluster) Autoscaler(p *Pods) *lint.Object {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.scaled == nil {
		c.findScaled()
	}
	return c.scaled[p]
}

// Workload is the one of a kind and name in a namespace, the first of several. It is
// nil if the unit has none.
func (c *Cluster) Workload(namespace, kind, name string) *Pods {
	if l := c.targets[object{namespace, kind, name}]; len(l) > 0 {
		return l[0]
	}
	return nil
}

// Service is the one of a name in a namespace. It is nil if the unit has none.
func (c *Cluster) Service(namespace, name string) *Service {
	return c.services[object{namespace, "", name}]
}

// MayBeIn lists the other namespaces that what an object refers to may be in: one that names no namespace is
// created in the one of the person who applies it, which may be any that another names.
func (c *Cluster) MayBeIn(namespace string) []string {
	if namespace != "" {
		return []string{""}
	}
	return c.namespaces()
}

// PodsOf is a workload of the unit.
func (c *Cluster) PodsOf(w *lint.Workload) *Pods { return c.podsOf[w] }

// In is the workloads of a namespace.
func (c *Cluster) In(namespace string) []*Pods {
	return c.of(c.Workloads.In(namespace))
}

func (c *Cluster) of(l []*lint.Workload) []*Pods {
	pods := make([]*Pods, len(l))
	for i, w := range l {
		pods[i] = c.podsOf[w]
	}
	return pods
}

// Selection is the workloads of a namespace that a selector selects.
type Selection struct {
	// Pods is in the order of the unit. Those of hooks come and go, and are not
	// among them: tests often have the labels of what they test.
	Pods []*Pods
	// Hooks is set if the selector selects pods of hooks.
	Hooks bool
	// Spread is set by SelectNear if the pods are of several directories and none is in that
	// of the object: it is not clear which of them it means.
	Spread bool

	ports func() []string
	// parts are the Selections of directories: what is in one, by its path and a slash, and
	// what is in or below one, by its path. They are nil until they are needed.
	parts map[string]*Selection
	// dir is the directory of a part, and below is set if the part has those below, too. It is
	// empty for the whole.
	dir   string
	below bool
	first string // the directory of the first pods of a part
}

// PortNames is the names of the ports that the pods declare, sorted.
func (s *Selection) PortNames() []string { return s.ports() }

func (s *Selection) portNames() []string {
	names := map[string]bool{}
	var l []string
	for _, p := range s.Pods {
		for _, name := range p.PortNames() {
			if !names[name] {
				names[name] = true
				l = append(l, name)
			}
		}
	}
	slices.Sort(l)
	return l
}

// Select gives the workloads of a namespace that a selector selects. Equal selectors
// are looked up once.
func (c *Cluster) Select(namespace string, s selector.Selector) *Selection {
	key := selection{namespace, s.Text()}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.selected(key, s)
}

// selected is Select while the lock is held.
func (c *Cluster) selected(key selection, s selector.Selector) *Selection {
	if known := c.selections[key]; known != nil {
		return known
	}
	found := &Selection{}
	matches := map[string]bool{} // by the class of labels
	for _, w := range c.Workloads.With(key.namespace, s.Exact) {
		p := c.podsOf[w]
		m, known := matches[p.class]
		if !known || s.ByController { // which depends on the name of the workload
			m = s.Matches(p.AllLabels())
			matches[p.class] = m
		}
		switch {
		case m && p.Hook == "":
			found.Pods = append(found.Pods, p)
		case m:
			found.Hooks = true
		}
	}
	found.ports = sync.OnceValue(found.portNames)
	c.selections[key] = found
	return found
}

// ServicesTo is the Services that lead to pods, in the order of the unit; in a tree of
// manifests only those that SelectNear the pods. Pods with equal labels are looked up once.
func (c *Cluster) ServicesTo(p *Pods) []*Service {
	key := served{selection{p.Namespace, p.class}, c.dirOf(p.Object)}
	c.mu.Lock()
	defer c.mu.Unlock()
	l, known := c.served[key]
	if !known {
		l = c.leadingTo(p, c.leading, nil)
		c.served[key] = l
	}
	if len(c.ofOwners) == 0 {
		return l
	}
	return c.leadingTo(p, c.ofOwners, l)
}

// leadingTo is the Services of an index that lead to pods, and others, in the order of the unit. The lock is held.
func (c *Cluster) leadingTo(p *Pods, index map[label][]*Service, others []*Service) []*Service {
	l, dir := slices.Clone(others), c.dirOf(p.Object)
	add := func(services []*Service) {
		for _, s := range services {
			if s.Selects(p) && c.isNear(s, dir) {
				l = append(l, s)
			}
		}
	}
	add(index[label{namespace: p.Namespace}])
	for k, v := range p.AllLabels().All() {
		add(index[label{p.Namespace, k, v}])
	}
	slices.SortFunc(l, func(a, b *Service) int { return a.index - b.index })
	return l
}
