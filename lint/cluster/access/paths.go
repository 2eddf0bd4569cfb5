package access

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// Rights is who holds which powers, in one unit or in several that are for one cluster, and who can
// become cluster-admin.
type Rights struct {
	// Unit names the unit, or all of them.
	Unit string `json:"unit"`
	// Holders are the subjects that hold a power, by kind, namespace and name.
	Holders []*Holder `json:"holders"`
	// Unbound are the roles that give powers and that no binding names.
	Unbound []RoleFacts `json:"unbound,omitempty"`
}

// Holder is a subject and the powers that it holds.
type Holder struct {
	Kind      string `json:"kind"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
	// Workload is the first that runs as the account and has its token. It is nil if there is none.
	Workload *lint.ObjectRef `json:"workload,omitempty"`
	Powers   []HeldPower     `json:"powers"`
	// Path is the shortest way to cluster-admin. It is nil if none is known. Empty: the holder is.
	Path []Step `json:"path"`
	// IsAdmin is set if the holder may do everything.
	IsAdmin bool `json:"admin,omitempty"`

	unit int
	seen map[scoped]bool
}

// scoped is a power in a scope.
type scoped struct{ power, scope string }

// HeldPower is a power that a subject holds.
type HeldPower struct {
	PowerFacts
	// Namespace is where the subject holds it. Cluster is set if it is every one.
	Namespace string `json:"namespace,omitempty"`
	Cluster   bool   `json:"cluster,omitempty"`
	// Severity is how bad it is in the hands of a person.
	Severity string `json:"severity"`
	// Binding gives it, and BoundAt is the subject there.
	Binding string        `json:"binding"`
	BoundAt lint.Position `json:"boundAt"`

	severity lint.Severity
	unit     int
}

// Step is one step to more rights: by a power, the holder comes to be, or to act as, another.
type Step struct {
	// Power is the ID, Role who gives it, and At the entry. The place is empty for a role of
	// Kubernetes' own.
	Power string        `json:"power"`
	Role  string        `json:"role"`
	At    lint.Position `json:"at"`
	// To is whom the step leads to: cluster-admin, or a service account.
	To string `json:"to"`
}

func newStep(p *HeldPower, to string) Step { return Step{p.Power, p.Role, p.At, to} }

// toAccounts is the powers by which their holder comes to act as any service account of the
// namespaces in which it holds them.
var toAccounts = []string{"impersonate-accounts", "token-create", "workload-write", "pod-exec", "node-proxy"}

// toAdmin is the powers that make an administrator at once, if they are held over the whole
// cluster.
var toAdmin = []string{"everything", "escalate", "impersonate", "csr-approve", "csr-sign"}

// systemAccount is one of the service accounts that every cluster has in kube-system: it may
// write any role.
const systemAccount = "ServiceAccount kube-system/clusterrole-aggregation-controller"

// maxSteps limits the ways to cluster-admin: longer ones are not looked for.
const maxSteps = 20

// NewRights joins the facts of units that are for one cluster. Service accounts without a
// namespace are those of their unit.
func NewRights(unit string, list []*Facts) *Rights {
	b := &rightsBuilder{
		holders: map[SubjectFacts]*Holder{}, roles: map[roleKey][]PowerFacts{}, bound: map[roleKey]bool{},
		accounts: map[SubjectFacts]*lint.ObjectRef{}, parts: map[string][]PowerFacts{},
	}
	if len(list) > 0 {
		b.version = list[0].Version
	}
	for i, f := range list {
		b.addUnit(i, f)
	}
	for i, f := range list {
		for _, binding := range f.Bindings {
			b.bind(i, binding)
		}
	}
	r := &Rights{Unit: unit}
	for _, f := range list {
		for _, role := range f.Roles {
			if len(role.Powers) > 0 && !b.isBound(role) {
				r.Unbound = append(r.Unbound, role)
			}
		}
	}
	for _, h := range b.sorted() {
		if len(h.Powers) > 0 {
			slices.SortStableFunc(h.Powers, func(x, y HeldPower) int { return int(x.severity - y.severity) }) // the worst first
			r.Holders = append(r.Holders, h)
		}
	}
	findPaths(r.Holders)
	return r
}

// String names the holder.
func (h *Holder) String() string {
	if h.Namespace != "" {
		return h.Kind + " " + h.Namespace + "/" + h.Name
	}
	return lint.KindName(h.Kind, h.Name)
}

func (h *Holder) workload() string {
	if h.Workload == nil {
		return ""
	}
	return h.Workload.String()
}

// addUnit adds the roles of a unit, and the service accounts that its workloads use.
func (b *rightsBuilder) addUnit(unit int, f *Facts) {
	for _, r := range f.Roles {
		b.addRole(r)
	}
	for i := range f.Accounts {
		account := &f.Accounts[i]
		key := b.key(unit, SubjectFacts{Kind: "ServiceAccount", Namespace: account.Namespace, Name: account.Name})
		if b.accounts[key] == nil {
			b.accounts[key] = &account.Workload
		}
	}
}

type rightsBuilder struct {
	version  lint.Version
	holders  map[SubjectFacts]*Holder
	roles    map[roleKey][]PowerFacts
	bound    map[roleKey]bool
	accounts map[SubjectFacts]*lint.ObjectRef
	// parts is what roles add to Kubernetes' own.
	parts map[string][]PowerFacts
}

// key is a subject without its place. A service account without a namespace is of its unit: its
// number takes the place of the namespace.
func (b *rightsBuilder) key(unit int, s SubjectFacts) SubjectFacts {
	s.At = lint.Position{}
	if s.Kind == "ServiceAccount" && s.Namespace == "" {
		s.At.Line = unit + 1
	}
	return s
}

func (b *rightsBuilder) holder(key SubjectFacts) *Holder {
	h := b.holders[key]
	if h == nil {
		h = &Holder{Kind: key.Kind, Namespace: key.Namespace, Name: key.Name, Workload: b.accounts[key], unit: max(key.At.Line-1, 0), seen: map[scoped]bool{}}
		b.holders[key] = h
	}
	return h
}

// keyOf is the key of a role.
func keyOf(r lint.ObjectRef) roleKey {
	if r.Kind == "ClusterRole" {
		return roleKey{r.Kind, "", r.Name}
	}
	return roleKey{r.Kind, r.Namespace, r.Name}
}

func (b *rightsBuilder) addRole(r RoleFacts) {
	b.roles[keyOf(r.Ref)] = append(b.roles[keyOf(r.Ref)], r.Powers...)
	if len(r.PartOf) > 0 {
		for _, name := range aggregating[slices.Index(aggregating, r.PartOf[0]):] {
			b.parts[name] = append(b.parts[name], r.Powers...)
		}
	}
}

// isBound reports whether a binding gives a role, or one of Kubernetes' own that takes its rules.
func (b *rightsBuilder) isBound(r RoleFacts) bool {
	return b.bound[keyOf(r.Ref)] || slices.ContainsFunc(r.PartOf, func(name string) bool { return b.bound[roleKey{"ClusterRole", "", name}] })
}

// powers are those that a role gives, be it of the input or of Kubernetes' own.
func (b *rightsBuilder) powers(key roleKey) []PowerFacts {
	powers := b.roles[key]
	if len(powers) > 0 || key.kind != "ClusterRole" {
		return powers
	}
	if key.name == "cluster-admin" {
		return []PowerFacts{{Power: Everything.ID, Role: "ClusterRole cluster-admin"}}
	}
	builtIn, _ := BuiltIn(key.name, b.version)
	for _, p := range builtIn {
		powers = append(powers, PowerFacts{Power: p.ID, Role: "ClusterRole " + key.name})
	}
	return append(powers, b.parts[key.name]...)
}

func (b *rightsBuilder) bind(unit int, binding BindingFacts) {
	key := keyOf(lint.ObjectRef{Kind: binding.RoleKind, Namespace: binding.Ref.Namespace, Name: binding.RoleName})
	b.bound[key] = b.bound[key] || len(binding.Subjects) > 0
	powers := b.powers(key)
	for _, s := range binding.Subjects {
		h := b.holder(b.key(unit, s))
		for _, facts := range powers {
			h.hold(unit, facts, binding, s.At)
		}
	}
}

// hold adds a power that a binding gives the holder.
func (h *Holder) hold(unit int, facts PowerFacts, binding BindingFacts, at lint.Position) {
	p := FindPower(facts.Power)
	if p == nil {
		p = Everything
	}
	cluster := binding.Ref.Kind == "ClusterRoleBinding"
	if p.ClusterOnly && !cluster {
		return
	}
	held := HeldPower{PowerFacts: facts, Cluster: cluster, Binding: binding.Ref.Kind + " " + binding.Ref.Name, BoundAt: at, severity: p.Cluster, unit: unit}
	if !cluster {
		held.Namespace, held.severity = binding.Ref.Namespace, p.Namespaced
	}
	held.Severity = held.severity.String()
	once := scoped{facts.Power, held.scope()}
	if !h.seen[once] && !h.seen[scoped{facts.Power, everywhere}] {
		h.seen[once] = true
		h.Powers = append(h.Powers, held)
	}
}

// everywhere is the scope of powers over the whole cluster.
const everywhere = "*"

// waiting is a holder who comes to act as the accounts of a scope by a power.
type waiting struct {
	holder *Holder
	power  *HeldPower
}

// findPaths finds the shortest way of each holder to cluster-admin: first those without a
// step, then those with one, and so on.
func findPaths(holders []*Holder) {
	waits := waitingByScope(holders)
	var last []*Holder
	for steps := range maxSteps {
		var next []*Holder
		for _, h := range holders {
			if path := h.direct(steps); h.Path == nil && path != nil {
				h.Path, h.IsAdmin = path, len(path) == 0
				next = append(next, h)
			}
		}
		for _, h := range last {
			next = append(next, h.lead(waits)...)
		}
		if last = next; len(last) == 0 && steps > 2 {
			return
		}
	}
}

// waitingByScope lists who comes to act as the accounts of each scope.
func waitingByScope(holders []*Holder) map[string][]waiting {
	m := map[string][]waiting{}
	for _, h := range holders {
		for i := range h.Powers {
			if p := &h.Powers[i]; p.leadsToAccounts() {
				m[p.scope()] = append(m[p.scope()], waiting{h, p})
			}
		}
	}
	return m
}

// lead gives a path to those of the waiting who come to act as the holder, who has one.
func (h *Holder) lead(waits map[string][]waiting) []*Holder {
	var l []*Holder
	for _, w := range h.taken(waits) {
		if w.holder.Path == nil {
			w.holder.Path = append([]Step{newStep(w.power, h.String())}, h.Path...)
			l = append(l, w.holder)
		}
	}
	return l
}

// direct is a way of so many steps that needs no other subject of the input. It is nil if there is none.
func (h *Holder) direct(steps int) []Step {
	switch steps {
	case 0:
		if h.power(func(p *HeldPower) bool { return p.Cluster && p.Power == Everything.ID }) != nil {
			return []Step{}
		}
	case 1:
		if p := h.power(func(p *HeldPower) bool { return p.Cluster && slices.Contains(toAdmin, p.Power) }); p != nil {
			return []Step{newStep(p, "cluster-admin")}
		}
	case 2:
		if p := h.power((*HeldPower).leadsToSystem); p != nil {
			return []Step{newStep(p, systemAccount), {"escalate", "ClusterRole system:controller:clusterrole-aggregation-controller", lint.Position{}, "cluster-admin"}}
		}
	}
	return nil
}

// taken takes those from the waiting who come to act as the holder.
func (h *Holder) taken(waits map[string][]waiting) []waiting {
	if h.Kind != "ServiceAccount" {
		return nil
	}
	l := slices.Concat(waits[h.scope()], waits[everywhere])
	delete(waits, h.scope())
	delete(waits, everywhere)
	return l
}

// power is the first power that meets a condition. It is nil if there is none.
func (h *Holder) power(is func(*HeldPower) bool) *HeldPower {
	for i := range h.Powers {
		if is(&h.Powers[i]) {
			return &h.Powers[i]
		}
	}
	return nil
}

// leadsToAccounts reports whether the holder of the power comes to act as service accounts.
func (p *HeldPower) leadsToAccounts() bool {
	only := func(verbs ...string) bool {
		return len(p.Verbs) > 0 && !slices.ContainsFunc(p.Verbs, func(v string) bool { return !slices.Contains(verbs, v) })
	}
	switch p.Power {
	case "workload-write":
		return !only("delete", "deletecollection")
	case "pod-exec":
		return !only("get")
	}
	return slices.Contains(toAccounts, p.Power)
}

// leadsToSystem reports whether the holder of the power comes to act as a service account of
// kube-system, whatever runs there.
func (p *HeldPower) leadsToSystem() bool {
	return (p.Cluster || p.Namespace == "kube-system") && p.leadsToAccounts() && p.Power != "pod-exec" && p.Power != "node-proxy"
}

// scope names the service accounts that a power is over.
func (p *HeldPower) scope() string {
	if p.Cluster {
		return everywhere
	}
	return scopeOf(p.unit, p.Namespace)
}

func (h *Holder) scope() string { return scopeOf(h.unit, h.Namespace) }

// scopeOf names a namespace. Without a name it is one of its unit.
func scopeOf(unit int, namespace string) string {
	if namespace == "" {
		return "unit " + strconv.Itoa(unit)
	}
	return namespace
}

func (b *rightsBuilder) sorted() []*Holder {
	var l []*Holder
	for _, h := range b.holders {
		l = append(l, h)
	}
	slices.SortFunc(l, func(x, y *Holder) int {
		return cmp.Or(strings.Compare(x.Kind, y.Kind), strings.Compare(x.Namespace, y.Namespace), strings.Compare(x.Name, y.Name), strings.Compare(x.workload(), y.workload()))
	})
	return l
}
