package access

import (
	"cmp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster/selector"
)

// HolderKind says who has a role. The later ones are worse.
type HolderKind int

const (
	// Nobody is a role that no binding of the unit gives.
	Nobody HolderKind = iota
	// Programs is service accounts that a workload of the unit runs as, or one that could not be rendered may, and
	// the users of the control plane.
	Programs
	// People is users, groups, and service accounts that no workload of the unit runs as.
	People
	// Everyone is everybody who can reach the API server, or every service account.
	Everyone
)

// Holder says what kind of holder the subject is.
func (s *Subject) Holder() HolderKind {
	switch {
	case s.IsEveryone():
		return Everyone
	case s.Workload != nil, s.MayRun, s.Kind == "User" && slices.Contains(componentUsers, s.Name):
		return Programs
	}
	return People
}

// componentUsers are the users that programs of the control plane are, that of k3s included.
var componentUsers = []string{
	"kube-apiserver-kubelet-client", "system:kube-apiserver", "system:kube-controller-manager", "system:kube-proxy", "system:kube-scheduler",
	"k3s-cloud-controller-manager",
}

// IsAnonymous reports whether the subject is everybody, without credentials.
func (s *Subject) IsAnonymous() bool {
	return s.Kind == "User" && s.Name == "system:anonymous" || s.Kind == "Group" && s.Name == "system:unauthenticated"
}

// IsEveryone reports whether the subject is everybody, everybody with credentials of any
// kind, or every service account.
func (s *Subject) IsEveryone() bool {
	return s.IsAnonymous() || s.Kind == "Group" && (s.Name == "system:authenticated" || s.Name == "system:serviceaccounts")
}

// OfNamespace is the namespace of a subject that is the group of all its service accounts. ok is false for other subjects.
func (s *Subject) OfNamespace() (name string, ok bool) {
	name, ok = strings.CutPrefix(s.Name, "system:serviceaccounts:")
	return name, ok && s.Kind == "Group" && name != ""
}

// Holders is who has a role, by the bindings of the unit. A role is also had by those who
// have a role into which it is aggregated.
type Holders struct {
	// Cluster is the first subject of each HolderKind that has the role in the whole
	// cluster, Namespaced the first that has it in a namespace. It is nil if there is none.
	Cluster, Namespaced [Everyone + 1]*Subject
	// Many is set if there is more than one subject.
	Many bool
}

// merge adds the holders of another role. What was found first in the unit stays.
func (h *Holders) merge(o *Holders) {
	for _, pair := range [][2]*[Everyone + 1]*Subject{{&h.Cluster, &o.Cluster}, {&h.Namespaced, &o.Namespaced}} {
		for k, s := range pair[1] {
			if s != nil {
				pair[0][k] = h.first(pair[0][k], s)
			}
		}
	}
	h.Many = h.Many || o.Many || !h.isOne()
}

// isOne reports whether all that is known of is one subject.
func (h *Holders) isOne() bool {
	var one *Subject
	for _, in := range [][Everyone + 1]*Subject{h.Cluster, h.Namespaced} {
		for _, s := range in {
			if s != nil && one != nil && !one.isSame(s) {
				return false
			}
			if s != nil {
				one = s
			}
		}
	}
	return true
}

// first is the earlier of two subjects.
func (h *Holders) first(a, b *Subject) *Subject {
	if a == nil {
		return b
	}
	h.Many = h.Many || !a.isSame(b)
	if cmp.Or(cmp.Compare(a.Binding.index, b.Binding.index), cmp.Compare(a.index, b.index)) < 0 {
		return a
	}
	return b
}

// isSame reports whether two subjects name the same.
func (s *Subject) isSame(o *Subject) bool {
	return s.Kind == o.Kind && s.Namespace == o.Namespace && s.Name == o.Name
}

func (h *Holders) add(s *Subject) {
	in := &h.Namespaced
	if s.Binding.IsCluster() {
		in = &h.Cluster
	}
	in[s.Holder()] = h.first(in[s.Holder()], s)
	h.Many = h.Many || !h.isOne()
}

// Worst is the subject in whose hands a power is worst, and how bad it is there. The subject is
// nil if nobody has the role in the unit.
func (r *Role) Worst(p *Power) (*Subject, HolderKind, lint.Severity) {
	h := r.Holders()
	var worst *Subject
	kind, severity := Nobody, lint.Severity(0)
	consider := func(s *Subject, k HolderKind, base lint.Severity) {
		if v := severityFor(base, k); s != nil && base != 0 && (severity == 0 || v < severity) {
			worst, kind, severity = s, k, v
		}
	}
	for k := Everyone; k > Nobody; k-- {
		if r.IsCluster() {
			consider(h.Cluster[k], k, p.Cluster)
		}
		if !p.ClusterOnly {
			consider(h.Namespaced[k], k, p.Namespaced)
		}
	}
	if worst != nil {
		return r.Nearest(worst), kind, severity
	}
	base := p.Namespaced
	if r.IsCluster() {
		base = p.Cluster
	}
	return nil, Nobody, severityFor(base, Nobody)
}

// Nearest is a subject as the binding nearest to the role names it: several roles of one name, with
// bindings of their own, are often alternatives. The binding may give a role that takes its rules.
func (r *Role) Nearest(s *Subject) *Subject {
	found, least := s, -1
	if len(r.node.roles) < 2 {
		return s
	}
	for _, b := range cmp.Or(s.Binding.given, r.node).bindings {
		for _, same := range b.Subjects {
			if same.isSame(s) && b.IsCluster() == s.Binding.IsCluster() {
				if n := r.node.files.distance(r.Object, b.Object); least < 0 || n < least {
					found, least = same, n
				}
			}
		}
		if least == 0 {
			break
		}
	}
	return found
}

// severityFor is how bad a power is in some hands, given how bad it is in those of a person. A
// program that asks for rights mostly needs them.
func severityFor(base lint.Severity, k HolderKind) lint.Severity {
	switch k {
	case Everyone:
		return max(base-1, lint.Critical)
	case Nobody, Programs:
		return min(base+1, lint.Low)
	case People:
	}
	return base
}

// Holders is who has the role.
func (r *Role) Holders() *Holders {
	if own := r.node.own[r.node.files[r.Object]]; own != nil {
		return own
	}
	return r.node.holders
}

// Bindings are those that give the role itself, in the order of the unit.
func (r *Role) Bindings() []*Binding { return r.node.bindings }

// maxAggregation limits how many pairs of a selector and a role are looked at: more are in no
// real cluster. Beyond it, roles are not aggregated.
const maxAggregation = 1 << 21

// aggregatesTo is the label by which a ClusterRole adds its rules to one of Kubernetes' own.
const aggregatesTo = "rbac.authorization.k8s.io/aggregate-to-"

// aggregating are Kubernetes' own roles that take the rules of others, each also those of the one before.
var aggregating = []string{"view", "edit", "admin"}

// AggregatesTo reports whether the rules of the role become part of Kubernetes' own role of
// that name: view, edit or admin.
func (r *Role) AggregatesTo(name string) bool {
	return r.IsCluster() && r.Root.Get("metadata.labels").Child(aggregatesTo+name).True()
}

// vertex is what takes part in aggregation: the roles of a name, or a selector by which roles
// take the rules of others.
type vertex struct {
	node     *roleNode // nil for a selector
	selector selector.Selector
	// to is where rules go: from roles to the selectors that select them, and from a
	// selector to the roles that have it.
	to      []*vertex
	holders *Holders

	order, low int // for components
	onStack    bool
}

// label is a label of a role.
type label struct{ key, value string }

// aggregate finds for each role who has it, by bindings and by aggregation. ClusterRoles
// that take each other's rules, in a circle too, have the same holders.
func (a *Access) aggregate() {
	for _, n := range a.order {
		n.holders = a.holdersBy(n.bindings)
		a.separate(n)
	}
	a.components = components(a.aggregation())
	for _, c := range a.components {
		shareHolders(c)
	}
}

// holdersBy is who has a role by some bindings. Several definitions of one binding are one object in the cluster, with the subjects of any of
// them, and not of all: the first decides, and the others add the kinds of holders that it has not.
func (a *Access) holdersBy(l []*Binding) *Holders {
	h, known := &Holders{}, map[roleKey]bool{}
	var again []*Binding
	for _, b := range l {
		key := roleKey{b.Kind, b.Namespace, b.Name}
		if known[key] && b.Name != "" && (b.IsCluster() || b.Namespace != "") { // else they may be of two namespaces
			again = append(again, b)
			continue
		}
		known[key] = true
		a.bind(h, b)
	}
	for _, b := range again {
		other := &Holders{}
		a.bind(other, b)
		h.fill(other)
	}
	return h
}

// fill adds the holders by another definition of a binding, of the kinds that are not known yet.
func (h *Holders) fill(o *Holders) {
	for _, pair := range [][2]*[Everyone + 1]*Subject{{&h.Cluster, &o.Cluster}, {&h.Namespaced, &o.Namespaced}} {
		for k, s := range pair[1] {
			pair[0][k] = cmp.Or(pair[0][k], s)
		}
	}
	h.Many = h.Many || o.Many
}

// bind adds the subjects of a binding to the holders of what it gives.
func (a *Access) bind(h *Holders, b *Binding) {
	installed := a.installed(b)
	for _, s := range b.Subjects {
		if installed[writtenNamespace(s)] && a.isMissing(s) {
			h.Many = true
			continue
		}
		h.add(s)
	}
}

// maxSeparate limits how often bindings of other files are added to the holders of roles of one name.
const maxSeparate = 10_000

// separate finds who has each of several roles of one name, in a tree of manifests: files with a role and its binding are
// installed in place of each other.
func (a *Access) separate(n *roleNode) {
	if len(n.roles) < 2 || n.files == nil {
		return
	}
	own := map[string][]*Binding{}
	for _, r := range n.roles {
		own[n.files[r.Object]] = nil
	}
	var others []*Binding
	for _, b := range n.bindings {
		file := n.files[b.Object]
		if _, hasRole := own[file]; !hasRole {
			others = append(others, b)
			continue
		}
		own[file] = append(own[file], b)
	}
	if len(own) < 2 || len(own)*len(others) > maxSeparate {
		return
	}
	n.own = map[string]*Holders{}
	for file, l := range own {
		if len(l) > 0 {
			n.own[file] = a.holdersBy(append(l, others...))
		}
	}
}

// installed are the namespaces in which a service account of a binding is in the unit, with a workload that runs as
// it. An account of such a namespace that is missing is that of a program which is not installed.
func (a *Access) installed(b *Binding) map[string]bool {
	namespaces := map[string]bool{}
	for _, s := range b.Subjects {
		if s.Workload != nil && a.HasAccount(s.Namespace, s.Name) {
			namespaces[writtenNamespace(s)] = true
		}
	}
	return namespaces
}

// writtenNamespace is that of a subject as its binding has it: that of an account of the unit may be known otherwise.
func writtenNamespace(s *Subject) string { return cmp.Or(s.At.Get("namespace").Written(), s.Namespace) }

// isMissing reports a service account which the unit does not have, and which no workload of it runs as.
func (a *Access) isMissing(s *Subject) bool {
	return s.Kind == "ServiceAccount" && s.Name != "default" && s.Workload == nil && !a.HasAccount(s.Namespace, s.Name)
}

// shareHolders gives the roles of a component the holders of all of them, and of those that
// take their rules.
func shareHolders(component []*vertex) {
	if v := component[0]; len(component) == 1 && len(v.to) == 0 && v.node != nil {
		v.holders = v.node.holders // merge would count the definitions of one binding as several
		return
	}
	var h Holders
	for _, v := range component {
		if v.node != nil {
			h.merge(v.node.holders)
		}
		for _, to := range v.to {
			if to.holders != nil { // else it is of this component
				h.merge(to.holders)
			}
		}
	}
	for _, v := range component {
		if v.holders = &h; v.node == nil {
			continue
		}
		v.node.holders, v.node.own = &h, nil
	}
}

// aggregation is the graph of roles and selectors.
func (a *Access) aggregation() []*vertex {
	var roles, selectors []*vertex
	byText := map[string]*vertex{}
	labelled := map[label][]*vertex{}
	for _, n := range a.order {
		v := &vertex{node: n}
		roles = append(roles, v)
		for _, r := range n.clusterRoles() {
			for _, s := range r.takes() {
				t := byText[s.Text()]
				if t == nil {
					t = &vertex{selector: s}
					byText[s.Text()] = t
					selectors = append(selectors, t)
				}
				t.to = append(t.to, v)
			}
			for k, value := range r.labels() {
				labelled[label{k, value}] = append(labelled[label{k, value}], v)
			}
		}
	}
	selectRoles(roles, selectors, labelled)
	return append(roles, selectors...)
}

// EmptyCircles are the ClusterRoles that take each other's rules in a circle and get none: no role
// of the circle has rules, and none outside gives it any. Each circle has two roles or more, in the order of
// the unit. A role that selects itself is no circle: Kubernetes skips it. Circles that may take rules of Kubernetes' own
// roles, or whose texts are not all known, are left out.
func (a *Access) EmptyCircles() [][]*Role {
	place := map[*vertex]int{}
	for i, c := range a.components {
		for _, v := range c {
			place[v] = i
		}
	}
	fed := map[int]bool{} // components that take rules of another
	for v, i := range place {
		for _, to := range v.to {
			if place[to] != i {
				fed[place[to]] = true
			}
		}
	}
	var l [][]*Role
	for i, c := range a.components {
		var roles []*Role
		names := 0
		for _, v := range c {
			if v.node != nil {
				names++
				roles = append(roles, v.node.roles...)
			}
		}
		if names < 2 || fed[i] || slices.ContainsFunc(roles, func(r *Role) bool { return !r.takesNothing() }) {
			continue
		}
		slices.SortStableFunc(roles, func(x, y *Role) int { return cmp.Compare(slices.Index(a.Roles, x), slices.Index(a.Roles, y)) })
		l = append(l, roles)
	}
	slices.SortFunc(l, func(x, y []*Role) int { return cmp.Compare(slices.Index(a.Roles, x[0]), slices.Index(a.Roles, y[0])) })
	return l
}

// takesNothing reports whether a role surely has no rules, neither its own nor those of roles that every
// cluster has.
func (r *Role) takesNothing() bool {
	own, from := r.Root.Get("rules"), r.Root.Get("aggregationRule.clusterRoleSelectors")
	selectors := r.takes()
	return own.IsKnown() && own.Len() == 0 && from.IsKnown() && len(selectors) == from.Len() && !slices.ContainsFunc(selectors, takesBuiltIn)
}

// takesBuiltIn reports whether a selector may take the rules of roles that every cluster has.
func takesBuiltIn(s selector.Selector) bool {
	const bootstrap = "kubernetes.io/bootstrapping"
	if s.Matches(labels.Set{bootstrap: "rbac-defaults"}) {
		return true
	}
	return slices.ContainsFunc(aggregating, func(name string) bool {
		return s.Matches(labels.Set{bootstrap: "rbac-defaults", aggregatesTo + name: "true"})
	})
}

// selectRoles adds to each role the selectors that select it.
func selectRoles(roles, selectors []*vertex, labelled map[label][]*vertex) {
	pairs := 0
	for _, t := range selectors {
		candidates := roles
		for k, value := range t.selector.Exact {
			if l := labelled[label{k, value}]; len(l) < len(candidates) {
				candidates = l
			}
		}
		if pairs += len(candidates); pairs > maxAggregation {
			return
		}
		for _, v := range candidates {
			if v.isSelected(t.selector) {
				v.to = append(v.to, t)
			}
		}
	}
}

// isSelected reports whether a selector takes the rules of one of the roles.
func (v *vertex) isSelected(s selector.Selector) bool {
	return slices.ContainsFunc(v.node.clusterRoles(), func(r *Role) bool { return s.Matches(r.labels()) })
}

// clusterRoles are the roles, if they are ClusterRoles: no others are aggregated.
func (n *roleNode) clusterRoles() []*Role {
	if len(n.roles) == 0 || !n.roles[0].IsCluster() {
		return nil
	}
	return n.roles
}

// takes are the selectors by which the role takes the rules of others.
func (r *Role) takes() []selector.Selector {
	var l []selector.Selector
	for item := range r.Root.Get("aggregationRule.clusterRoleSelectors").Items() {
		if s, ok := selector.New(item); ok {
			l = append(l, s)
		}
	}
	return l
}

func (r *Role) labels() labels.Set { return r.Root.Get("metadata.labels").StringMap() }

// components are the strongly connected components of a graph, each after those that it
// leads to (Tarjan's algorithm).
func components(graph []*vertex) [][]*vertex {
	var l [][]*vertex
	var stack []*vertex
	next := 0
	var visit func(v *vertex)
	visit = func(v *vertex) {
		next++
		v.order, v.low, v.onStack = next, next, true
		stack = append(stack, v)
		for _, to := range v.to {
			switch {
			case to.order == 0:
				visit(to)
				v.low = min(v.low, to.low)
			case to.onStack:
				v.low = min(v.low, to.order)
			}
		}
		if v.low != v.order {
			return
		}
		i := len(stack) - 1
		for stack[i] != v {
			i--
		}
		c := slices.Clone(stack[i:])
		stack = stack[:i]
		for _, member := range c {
			member.onStack = false
		}
		l = append(l, c)
	}
	for _, v := range graph {
		if v.order == 0 {
			visit(v)
		}
	}
	return l
}
