// Package connect knows which traffic the network policies of a unit allow: which peers
// each workload may reach, and which may reach it.
//
// It reads NetworkPolicy, AdminNetworkPolicy, BaselineAdminNetworkPolicy and
// ClusterNetworkPolicy, and the policies of Cilium and Calico as far as their selectors,
// entities, addresses and ports go. Each becomes a Policy: whom it is about, whether it
// isolates, and rules in order. One function, Network.allowed, evaluates them all.
//
// What a policy says beyond that, such as HTTP methods or DNS names, is in Unclear: the
// policy applies, and what it allows is at most what is known of it. The addresses of
// pods are not known, so blocks of addresses are about what is outside of the cluster.
package connect

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
	"github.com/kubevet/kubevet/lint/cluster/access"
)

// Of is the Network of the unit that the rules look at.
var Of = lint.UnitIndex("network", func(p *lint.Pass) *Network {
	n := newNetwork(cluster.Of(p), ofObjects(p))
	n.foreign = foreignPolicies(p)
	if homes := homesOf(p); len(homes) > 0 {
		n.isElsewhere = func(policy *lint.Object, namespace string) bool {
			home := homes[namespace]
			return home != "" && cluster.AreOfOtherClusters(p, home, cluster.DirOf(p, policy))
		}
	}
	return n
})

// Network is the workloads of a unit with the policies that apply to them. It is safe for
// concurrent use, and must not be changed.
type Network struct {
	Cluster *cluster.Cluster
	// Workloads is all of the unit, in its order.
	Workloads []*Workload
	// Policies is all of the unit, in the order in which they are evaluated.
	Policies []*Policy

	namespaces map[string]labels.Set          // of those that the unit declares
	declared   func() map[string][]labels.Set // of those that the repository declares
	of         map[*lint.Workload]*Workload
	spaces     []string   // those of workloads, sorted
	mu         sync.Mutex // guards selected
	selected   map[string][]*Workload
	others     func() []*Policy
	foreign    map[*lint.Object]bool // policies of the repository that are for another cluster, or in none
	// isElsewhere reports whether a policy is of another cluster than a namespace of the unit. It is nil if all are of one.
	isElsewhere func(policy *lint.Object, namespace string) bool
	installed   func() map[string][]*lint.Object
	exposed     func() map[*Workload][]Entrance
	chosen      func() map[string]map[string]bool // charts, by namespace
	// withoutToken is the service accounts whose pods get no token.
	withoutToken func() map[account]bool
}

// Workload is pods, as peers of others.
type Workload struct {
	*cluster.Pods
	// HostNetwork is set for pods in the network of their node. No policy applies to them,
	// and selectors of policies do not find them.
	HostNetwork bool

	index    int    // among those of the unit
	account  string // the name of its service account; empty if it is not known
	policies [directions][]*Policy
	once     sync.Once
	ports    []containerPort // made at the first question
}

type containerPort struct {
	name     string
	protocol Protocol
	number   int
}

// Direction is that of traffic, as seen from a pod.
type Direction int

// The two directions.
const (
	Ingress Direction = iota
	Egress
	directions // how many there are
)

// New reads the policies of a unit. Rules call Of.
func New(c *cluster.Cluster) *Network { return newNetwork(c, policiesIn(c.Unit)) }

// newNetwork is New with the policies that the objects of the unit are.
func newNetwork(c *cluster.Cluster, policies map[*lint.Object][]*Policy) *Network {
	n := &Network{
		Cluster: c, namespaces: map[string]labels.Set{}, of: map[*lint.Workload]*Workload{},
		selected: map[string][]*Workload{},
	}
	n.declared = sync.OnceValue(func() map[string][]labels.Set { return labelsElsewhere(c.Unit) })
	for _, o := range c.Unit.Objects {
		if o.Is("", "Namespace") {
			set := labels.Set(o.Root.Get("metadata.labels").StringMap())
			set[nameLabel] = cmp.Or(o.Name, o.Identity) // that of a release has no name
			n.namespaces[space(o.Name)] = set
		}
	}
	spaces := map[string]bool{}
	for i, pods := range c.Pods {
		w := &Workload{Pods: pods, HostNetwork: pods.Pod.Get("hostNetwork").True(), index: i}
		w.account, _ = access.AccountName(pods.Workload)
		n.Workloads, n.of[pods.Workload] = append(n.Workloads, w), w
		spaces[space(w.Namespace)] = true
	}
	n.spaces = sortedKeys(spaces)
	for _, o := range c.Unit.Objects {
		n.Policies = append(n.Policies, policies[o]...)
	}
	slices.SortStableFunc(n.Policies, func(a, b *Policy) int {
		return cmp.Or(cmp.Compare(a.Tier, b.Tier), cmp.Compare(a.Order, b.Order), strings.Compare(a.Name, b.Name))
	})
	for _, p := range n.Policies {
		for _, w := range n.Subjects(p) {
			for d := range directions {
				if p.Isolates[d] || len(p.Rules[d]) > 0 {
					w.policies[d] = append(w.policies[d], p)
				}
			}
		}
	}
	n.others = sync.OnceValue(n.readOthers)
	n.chosen = sync.OnceValue(n.chosenCharts)
	n.installed = sync.OnceValue(n.releases)
	n.exposed = sync.OnceValue(n.entrances)
	n.withoutToken = sync.OnceValue(n.accountsWithoutToken)
	return n
}

// declared is the ports that the containers declare.
func (w *Workload) declared() []containerPort {
	w.once.Do(func() { w.ports = declaredPorts(w) })
	return w.ports
}

// Workload is what the network knows of a workload of the unit.
func (n *Network) Workload(w *lint.Workload) *Workload { return n.of[w] }

// Policies is those that apply to a workload in a direction, in the order in which they
// are evaluated. It must not be changed.
func (w *Workload) Policies(d Direction) []*Policy { return w.policies[d] }

// Isolated reports whether some policy restricts a workload in a direction: a network
// policy that selects it, or one of an administrator that denies something.
func (w *Workload) Isolated(d Direction) bool {
	return slices.ContainsFunc(w.policies[d], func(p *Policy) bool { return p.Restricts(d) })
}

// Subjects is the workloads that a policy selects, or may select, in the order of the unit.
// Pods in the network of their node are not among them.
func (n *Network) Subjects(p *Policy) []*Workload { return n.Selected(p.Subject, p.Namespace) }

// HostNetworkSubject is the first workload that a policy would select if its pods were
// not in the network of their node. It is nil if there is none.
func (n *Network) HostNetworkSubject(p *Policy) *Workload {
	for _, w := range n.Workloads {
		if w.HostNetwork && p.Subject.matches(w) && n.AppliesIn(p, w.Namespace) {
			return w
		}
	}
	return nil
}

// Selected is the workloads that a selector selects, or may select, in the order of the
// unit. A selector without namespaces is about a namespace of its own.
func (n *Network) Selected(s PodSelector, own string) []*Workload {
	key := space(own) + "\x00" + s.text()
	n.mu.Lock()
	defer n.mu.Unlock()
	if l, known := n.selected[key]; known {
		return l
	}
	var l []*Workload
	names := n.spaces
	if s.OwnNamespace() {
		names = []string{space(own)}
	}
	for _, name := range names {
		if s.inNamespace(n, own, name) == no {
			continue
		}
		for _, w := range n.with(name, s.exact) {
			if !w.HostNetwork && s.matches(w) {
				l = append(l, w)
			}
		}
	}
	slices.SortFunc(l, func(a, b *Workload) int { return a.index - b.index })
	n.selected[key] = l
	return l
}

// QuotesOperand reports whether a selector may mean pods that are made of a custom resource: one of
// its labels has the name of one.
func (n *Network) QuotesOperand(s PodSelector) bool { return n.Cluster.QuoteOperand(s.exact) }

// with is the workloads of a namespace that may have all of some labels.
func (n *Network) with(name string, exact map[string]string) []*Workload {
	names := []string{name}
	if name == "" {
		names = append(names, metav1.NamespaceDefault)
	}
	var l []*Workload
	for _, name := range names {
		for _, w := range n.Cluster.Workloads.With(name, exact) {
			l = append(l, n.of[w])
		}
	}
	return l
}

// Namespaces is the names of the namespaces that the unit declares or that its workloads
// are in, sorted. The name is empty for objects that name none.
func (n *Network) Namespaces() []string {
	l := slices.Clone(n.spaces)
	for name := range n.namespaces {
		l = append(l, name)
	}
	slices.Sort(l)
	return slices.Compact(l)
}

// space is the name of a namespace as the index has it: an object that names none is
// created in default, unless the person who applies it says otherwise.
func space(name string) string {
	if name == metav1.NamespaceDefault {
		return ""
	}
	return name
}

// SameNamespace reports whether two names mean the same namespace. An object that names none
// is created in default, unless the person who applies it says otherwise.
func SameNamespace(a, b string) bool { return space(a) == space(b) }

// declaredPorts is the ports of the containers that run as long as the pod.
func declaredPorts(w *Workload) []containerPort {
	var l []containerPort
	for _, c := range w.Select(lint.LongRunning) {
		for port := range c.Get("ports").Items() {
			number, ok := port.Get("containerPort").Int()
			protocol, known := parseProtocol(port.Get("protocol").Text())
			if ok && known && 0 < number && number <= lastPort {
				l = append(l, containerPort{port.Get("name").Text(), protocol, int(number)})
			}
		}
	}
	return l
}

// Declared is the ports that the containers of a workload declare.
func (w *Workload) Declared() Ports {
	var p Ports
	for _, port := range w.declared() {
		p = p.Union(PortRange(port.protocol, port.number, port.number))
	}
	return p
}
