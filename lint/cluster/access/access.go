// Package access is who may do what in a cluster: it is the only reader of RBAC.
package access

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/pods"
)

// rbacGroup is the API group of roles and bindings.
const rbacGroup = "rbac.authorization.k8s.io"

// Of is the Access of the unit that the rules look at.
var Of = lint.UnitIndex("access", func(p *lint.Pass) *Access {
	all, _ := p.Settings.Cluster.(OfCluster)
	a := newAccess(p.Unit, newFiles(p), all.of(p.Unit), p.LacksInput)
	a.version = p.Version
	return a
})

// Access is who may do what in a unit: its roles, the bindings that give them to subjects, and
// the workloads that run as these. Of the other units of its cluster it has the bindings that give
// its roles, and knows the roles and accounts. It is the only reader of RBAC. It is safe for
// concurrent use, and must not be changed.
type Access struct {
	// Roles and Bindings are in the order of the unit.
	Roles    []*Role
	Bindings []*Binding

	roles map[roleKey]*roleNode
	order []*roleNode // as they come in the unit
	// version is the one that the input is meant for. Zero: the newest.
	version  lint.Version
	accounts accounts
	others   *others
	// components is the roles and selectors of aggregation, those that take rules before
	// those that give them.
	components [][]*vertex
	// makers is the namespaces in which a role lets someone create pods.
	makers map[string]bool
	// roleWriters are the service accounts that may write roles.
	roleWriters map[account]bool
	// everywhere is set if a ClusterRole does.
	everywhere bool
	// lacks reports whether input is missing that may hold a workload for an object.
	lacks func(*lint.Object) bool
	// inOthers are the accounts that custom resources name, whose controllers run pods as them.
	inOthers map[account]bool
}

// Role is a Role or ClusterRole.
type Role struct {
	*lint.Object
	// Rules are its own entries, in the order of the text.
	Rules []PolicyRule

	node *roleNode
}

// IsCluster reports whether it is a ClusterRole.
func (r *Role) IsCluster() bool { return r.Kind == "ClusterRole" }

// Binding is a RoleBinding or ClusterRoleBinding.
type Binding struct {
	*lint.Object
	// RoleRef is the reference to the role. RoleKind and RoleName are empty if they are unknown.
	RoleRef            lint.Value
	RoleKind, RoleName string
	Subjects           []*Subject

	given *roleNode // nil if the role is unknown
	index int       // among those of the unit
}

// IsCluster reports whether the binding gives its role in every namespace.
func (b *Binding) IsCluster() bool { return b.Kind == "ClusterRoleBinding" }

// role is the key of the role that the binding gives.
func (b *Binding) role() roleKey {
	if b.RoleKind == "Role" {
		return roleKey{b.RoleKind, b.Namespace, b.RoleName}
	}
	return roleKey{b.RoleKind, "", b.RoleName}
}

// Subject is one subject of a binding.
type Subject struct {
	// Kind is User, Group or ServiceAccount. A User system:serviceaccount:web:app is
	// the ServiceAccount app of the namespace web.
	Kind string
	// Namespace is that of a ServiceAccount: as in Object, empty if the person who
	// installs the unit decides.
	Namespace, Name string
	// At is the element of subjects.
	At      lint.Value
	Binding *Binding
	// Workload is one that runs as the account and has its token: the one nearest to the binding. It is nil if none
	// of the unit does.
	Workload *lint.Workload
	// MayRun is set if none does, but a controller of a custom resource may make one, or input that is missing may
	// hold one.
	MayRun bool

	index int // among those of the binding
}

// String gives ServiceAccount name, User name or Group name.
func (s *Subject) String() string { return lint.KindName(s.Kind, s.Name) }

// roleKey names a role as bindings do. The namespace of a ClusterRole is empty.
type roleKey struct{ kind, namespace, name string }

// roleNode is all roles of a unit that have the same kind, namespace and name, so that a
// binding may mean any of them.
type roleNode struct {
	files    files
	roles    []*Role
	bindings []*Binding
	holders  *Holders
	// own are the holders by bindings of a role's own file, and of files without a role of the name: those in the files of the other roles
	// give these. It is nil if there are no such files, or if roles are had by aggregation.
	own map[string]*Holders
	// makesPods is set if one of the roles lets its subjects create pods, or workloads that do.
	makesPods bool
}

// account names a service account.
type account struct{ namespace, name string }

// accounts is the service accounts of a unit, and what runs as them.
type accounts struct {
	files    files
	declared map[account][]*lint.Object
	bound    map[account]bool
	boundBy  map[string]bool // names of bound accounts, in any namespace
	// defaultIn are the directories of manifests whose bindings name an account default, of any namespace.
	defaultIn map[string]bool
	// users is the workloads that run as an account and have its token.
	users map[account][]*lint.Workload
	byAny map[string][]*lint.Workload // the same by the name alone
	// home is the declaration of its account that is nearest to a workload, if the unit has several.
	home map[*lint.Workload]*lint.Object
	// byOthers is the accounts that other units of the cluster declare.
	byOthers map[account]*AccountFacts
	inChart  bool
}

// New reads the RBAC objects of a unit, and joins those of other units of its cluster. Rules
// call Of.
func New(u *lint.Unit, of ...*Facts) *Access {
	return newAccess(u, nil, of, func(*lint.Object) bool { return false })
}

// newAccess is the Access of a unit. lacks reports whether input is missing that may hold a workload for an object.
func newAccess(u *lint.Unit, f files, of []*Facts, lacks func(*lint.Object) bool) *Access {
	a := &Access{lacks: lacks, roles: map[roleKey]*roleNode{}, makers: map[string]bool{}, others: newOthers(of)}
	a.accounts = newAccounts(u, f, a.others)
	a.inOthers = accountsInOthers(u)
	for _, o := range u.Objects {
		switch {
		case o.Is(rbacGroup, "Role"), o.Is(rbacGroup, "ClusterRole"):
			a.addRole(o)
		case o.Is(rbacGroup, "RoleBinding"), o.Is(rbacGroup, "ClusterRoleBinding"):
			a.addBinding(o)
		case o.Is("operators.coreos.com", "ClusterServiceVersion"):
			a.addPermissions(o)
		}
	}
	a.join(of)
	a.aggregate()
	a.addRoleWriters()
	a.findOwn()
	return a
}

func (a *Access) addRole(o *lint.Object) {
	r := &Role{Object: o}
	for v := range o.Root.Get("rules").Items() {
		r.Rules = append(r.Rules, NewPolicyRule(v))
	}
	key := roleKey{o.Kind, o.Namespace, o.Name}
	if r.IsCluster() {
		key.namespace = ""
	}
	if known(o.Root.Get("metadata.name")) == "" {
		key.name = sameText(o, o.Name)
	}
	r.node = a.node(key)
	r.node.roles = append(r.node.roles, r)
	a.Roles = append(a.Roles, r)
	makes := r.makesPods()
	r.node.makesPods = r.node.makesPods || makes
	switch {
	case !makes:
	case r.IsCluster():
		a.everywhere = true
	default:
		a.makers[o.Namespace] = true
	}
}

func (a *Access) node(key roleKey) *roleNode {
	n := a.roles[key]
	if n == nil {
		n = &roleNode{files: a.accounts.files}
		a.roles[key] = n
		a.order = append(a.order, n)
	}
	return n
}

func (a *Access) addBinding(o *lint.Object) {
	lacks := a.lacks(o)
	b := &Binding{Object: o, RoleRef: o.Root.Get("roleRef"), index: len(a.Bindings)}
	b.RoleKind, b.RoleName = known(b.RoleRef.Get("kind")), known(b.RoleRef.Get("name"))
	for v := range o.Root.Get("subjects").Items() {
		if s := a.subject(b, v); s != nil {
			s.MayRun = s.MayRun || lacks && s.Kind == "ServiceAccount" && s.Workload == nil
			s.index = len(b.Subjects)
			b.Subjects = append(b.Subjects, s)
		}
	}
	a.Bindings = append(a.Bindings, b)
	key := b.role()
	if b.RoleName == "" {
		key.name = sameText(o, b.RoleRef.Get("name").Written())
	}
	if b.RoleKind != "" && key.name != "" {
		b.given = a.node(key)
		b.given.bindings = append(b.given.bindings, b)
	}
}

// addPermissions binds the service accounts to which the Operator Lifecycle Manager gives the rights
// that an operator asks for.
func (a *Access) addPermissions(o *lint.Object) {
	for _, list := range []string{"permissions", "clusterPermissions"} {
		for v := range o.Root.Get("spec.install.spec." + list).Items() {
			if name := known(v.Get("serviceAccountName")); name != "" && v.Get("rules").Len() > 0 {
				a.accounts.bind(o, account{o.Namespace, name})
			}
		}
	}
}

// bind notes that an object gives rights to an account.
func (a *accounts) bind(by *lint.Object, key account) {
	a.bound[key], a.boundBy[key.name] = true, true
	if key.name == "default" {
		a.defaultIn[a.files.dir(by)] = true
	}
}

// sameText is a key for an unknown name, which is a placeholder or holds one: the same text in
// the same directory becomes the same name. It is empty if there is no text.
func sameText(o *lint.Object, text string) string {
	if text == "" {
		return ""
	}
	return path.Dir(o.File) + "\x00" + text
}

// subject reads a subject of a binding. It is nil if its kind or name is unknown.
func (a *Access) subject(b *Binding, v lint.Value) *Subject {
	s := &Subject{Kind: known(v.Get("kind")), Name: known(v.Get("name")), At: v, Binding: b}
	if s.Kind == "" || s.Name == "" {
		return nil
	}
	if namespace, name, ok := accountOfUser(s.Name); ok && s.Kind == "User" {
		s.Kind, s.Namespace, s.Name = "ServiceAccount", namespace, name
	} else if s.Kind == "ServiceAccount" {
		s.Namespace = cmp.Or(v.Get("namespace").Written(), b.Namespace)
	}
	if s.Kind == "ServiceAccount" {
		a.accounts.bind(b.Object, account{s.Namespace, s.Name})
		s.Namespace = a.accounts.namespace(account{s.Namespace, s.Name})
		if s.Workload = a.accounts.workload(b.Object, account{s.Namespace, s.Name}); s.Workload == nil && s.Namespace != "" {
			s.Workload = a.others.users[account{s.Namespace, s.Name}]
		}
		s.MayRun = s.Workload == nil && a.inOthers[account{s.Namespace, s.Name}]
	}
	return s
}

// accountOfUser splits the user name of a service account.
func accountOfUser(user string) (namespace, name string, ok bool) {
	rest, ok := strings.CutPrefix(user, "system:serviceaccount:")
	if !ok {
		return "", "", false
	}
	return strings.Cut(rest, ":")
}

// known is a scalar as it is written, empty if it is unknown.
func known(v lint.Value) string {
	if !v.IsKnown() {
		return ""
	}
	return v.Written()
}

func newAccounts(u *lint.Unit, f files, o *others) accounts {
	a := accounts{
		files: f, byOthers: o.declared, inChart: u.Kind == lint.UnitChart, declared: map[account][]*lint.Object{}, bound: map[account]bool{}, boundBy: map[string]bool{}, defaultIn: map[string]bool{},
		users: map[account][]*lint.Workload{}, byAny: map[string][]*lint.Workload{}, home: map[*lint.Workload]*lint.Object{},
	}
	for _, o := range u.Objects {
		if key := (account{o.Namespace, o.Name}); o.Is("", "ServiceAccount") {
			a.declared[key] = append(a.declared[key], o)
		}
	}
	for _, w := range u.Workloads() {
		name, ok := AccountName(w)
		key := account{w.Namespace, name}
		if !ok || !a.hasToken(w, key) {
			continue
		}
		if len(a.declared[key]) > 1 {
			a.home[w] = a.files.nearest(w.Object, a.declared[key])
		}
		a.users[key] = append(a.users[key], w)
		a.byAny[name] = append(a.byAny[name], w)
	}
	return a
}

// accountsInOthers are the accounts that objects without pods name as serviceAccountName, such as custom resources
// from which a controller makes pods.
func accountsInOthers(u *lint.Unit) map[account]bool {
	named := map[account]bool{}
	for _, o := range u.Objects {
		if len(o.Workloads) > 0 || !strings.Contains(o.Group(), ".") || o.Group() == rbacGroup || o.Root.Node == nil {
			continue
		}
		var walk func(n *yaml.Node)
		walk = func(n *yaml.Node) {
			for i, c := range n.Content {
				if n.Kind == yaml.MappingNode && i%2 == 1 && c.Kind == yaml.ScalarNode && n.Content[i-1].Value == "serviceAccountName" {
					named[account{o.Namespace, c.Value}] = true
				}
				walk(c) // an alias has no content: its target is in the document
			}
		}
		walk(o.Root.Node)
	}
	return named
}

// lasting is the first of some workloads: a hook only if there is no other. It is nil if there are none.
func lasting(l []*lint.Workload) *lint.Workload {
	if len(l) == 0 {
		return nil
	}
	return l[max(slices.IndexFunc(l, func(w *lint.Workload) bool { return w.Hook == "" }), 0)]
}

// Given are the roles of the unit that a binding gives. They are nil if it has none of that name.
func (a *Access) Given(b *Binding) []*Role {
	if n := a.roles[b.role()]; n != nil {
		return n.roles
	}
	return nil
}

// Nearest is the first of the roles that a binding gives which is nearest to it: several roles of one name
// are often alternatives. It is nil if the unit has none of that name.
func (a *Access) Nearest(b *Binding) *Role {
	var found *Role
	least := 0
	for _, r := range a.Given(b) {
		if d := r.node.files.distance(b.Object, r.Object); found == nil || d < least {
			found, least = r, d
		}
	}
	return found
}

// AccountName is the name of the service account that a workload runs as: the default one if it
// names none. ok is false if the name is unknown.
func AccountName(w *lint.Workload) (name string, ok bool) {
	v := AccountField(w)
	if !v.IsSet() && v.IsKnown() {
		return "default", true
	}
	name = known(v)
	return name, name != ""
}

// AccountField is the field by which a workload names its service account: serviceAccountName, or
// its former name serviceAccount. Absent if it names none.
func AccountField(w *lint.Workload) lint.Value {
	v := w.Pod.Get("serviceAccountName")
	if old := w.Pod.Get("serviceAccount"); v.Written() == "" && old.Written() != "" {
		return old
	}
	return v
}

// hasToken reports whether the containers of a workload can read a token of its account: the
// pod's automountServiceAccountToken wins over the account's, and unset means mounted. A
// volume may bring the token as well.
func (a *accounts) hasToken(w *lint.Workload, key account) bool {
	const field = "automountServiceAccountToken"
	on, set := w.Pod.Get(field).Bool()
	sa := a.files.nearest(w.Object, a.declared[key])
	if !set && sa != nil {
		on, set = sa.Root.Get(field).Bool()
	} else if f := a.byOthers[key]; !set && sa == nil && f != nil {
		on, set = f.Automount == "true", f.Automount != ""
	}
	if on || !set {
		return true
	}
	for volume := range w.Pod.Get("volumes").Items() {
		for source := range volume.Get("projected.sources").Items() {
			if source.Get("serviceAccountToken").IsSet() {
				return true
			}
		}
	}
	return false
}

// namespace is the namespace of an account as the objects of the unit have it: a chart's
// release namespace is empty on these, and has some name in subjects.
func (a *accounts) namespace(key account) string {
	if key.namespace == "" || len(a.declared[key]) > 0 || len(a.users[key]) > 0 || a.isOfNamespace(key) {
		return key.namespace
	}
	local := account{"", key.name}
	if len(a.declared[local]) > 0 || len(a.users[local]) > 0 {
		return ""
	}
	return key.namespace
}

// isOfNamespace reports the default account of a namespace: every one has such an account. In a chart
// the one of the release namespace is meant.
func (a *accounts) isOfNamespace(key account) bool { return key.name == "default" && !a.inChart }

// workload is the one nearest to a binding that runs as an account. What has no namespace may be in any.
func (a *accounts) workload(binding *lint.Object, key account) *lint.Workload {
	if key.namespace == "" {
		return a.nearestUser(binding, key, a.byAny[key.name])
	}
	if l := a.users[key]; len(l) > 0 || a.isOfNamespace(key) {
		return a.nearestUser(binding, key, l)
	}
	return a.nearestUser(binding, key, a.users[account{"", key.name}])
}

// nearestUser is the one of some workloads that is nearest to a binding. In a tree of manifests, whose
// directories are often deployed apart, a workload runs as the account that is declared nearest to it, and so
// it is left out if another than the binding's is.
func (a *accounts) nearestUser(binding *lint.Object, key account, users []*lint.Workload) *lint.Workload {
	if len(a.files) == 0 {
		return lasting(users)
	}
	own := a.files.nearest(binding, a.declared[key])
	var found *lint.Workload
	least := 0
	for _, w := range users {
		if home := a.home[w]; home != nil && own != nil && a.files.distance(w.Object, home) < a.files.distance(w.Object, own) {
			continue
		}
		if n := a.files.distance(binding, w.Object); found == nil || n < least || n == least && found.Hook != "" && w.Hook == "" {
			found, least = w, n
		}
	}
	return found
}

// Account is the ServiceAccount of a name that a workload runs as. It is nil if the unit declares none.
func (a *Access) Account(w *lint.Workload, name string) *lint.Object {
	return a.accounts.files.nearest(w.Object, a.accounts.declared[account{w.Namespace, name}])
}

// IsBound reports whether a binding of the unit, or of another of its cluster, names the service account of a workload, or a
// ClusterServiceVersion of the unit asks for rights for it. It compares leniently where a namespace is not known. Every namespace has an
// account default, and so that of a workload without a namespace is one that a binding in its directory names.
func (a *Access) IsBound(w *lint.Workload, name string) bool {
	switch {
	case w.Namespace != "":
		key := account{w.Namespace, name}
		return a.accounts.bound[key] || a.accounts.bound[account{"", name}] || a.others.bound[key]
	case name == "default":
		return a.accounts.defaultIn[a.accounts.files.dir(w.Object)]
	}
	return a.accounts.boundBy[name]
}

// IsBoundAnywhere reports whether a binding or ClusterServiceVersion of the unit names a service account, in whatever namespace.
func (a *Access) IsBoundAnywhere(name string) bool { return a.accounts.boundBy[name] }

// MakesPods reports whether a Role of a namespace, or a ClusterRole, lets someone create
// pods, or workloads that do.
func (a *Access) MakesPods(namespace string) bool { return a.everywhere || a.makers[namespace] }

// PodMakers is the workloads that may create pods, or workloads that do, in their own namespaces: true for those that may do everything there.
var PodMakers = lint.UnitIndex("workloads that make pods", func(p *lint.Pass) map[*lint.Workload]bool {
	a, makers := Of(p), map[*lint.Workload]bool{}
	a.users(func(n *roleNode, b *Binding) bool { return n.makesPods || len(n.roles) == 0 && a.givesWorkloadWrite(b) }, func(w *lint.Workload, _ *roleNode) {
		makers[w] = false
	})
	a.users(func(_ *roleNode, b *Binding) bool { _, full := a.Powers(b); return full }, func(w *lint.Workload, _ *roleNode) {
		makers[w] = true
	})
	return makers
})

// CustomMakers is the workloads that may create custom resources in their own namespaces, of which pods may come, with the group of
// these. Those that the unit defines do not count: the pods that come of them are made by its own workloads, see PodMakers.
var CustomMakers = lint.UnitIndex("workloads that make custom resources", func(p *lint.Pass) map[*lint.Workload]string {
	a, makers, own := Of(p), map[*lint.Workload]string{}, map[string]bool{}
	for _, o := range p.Unit.Objects {
		if o.Is("apiextensions.k8s.io", "CustomResourceDefinition") {
			own[o.Root.Get("spec.group").Text()] = true
		}
	}
	a.users(func(n *roleNode, _ *Binding) bool { return n.customGroup(own) != "" }, func(w *lint.Workload, n *roleNode) {
		makers[w] = cmp.Or(makers[w], n.customGroup(own))
	})
	return makers
})

// users yields the workloads that run as a service account which a binding gives, in their own namespace, a role that counts.
func (a *Access) users(counts func(*roleNode, *Binding) bool, yield func(*lint.Workload, *roleNode)) {
	seen := map[account]bool{}
	for _, n := range a.order {
		for _, b := range n.bindings {
			if !counts(n, b) {
				continue
			}
			for _, s := range b.Subjects {
				key := account{s.Namespace, s.Name}
				if s.Kind != "ServiceAccount" || seen[key] || !b.IsCluster() && b.Namespace != s.Namespace {
					continue
				}
				seen[key] = true
				for _, w := range a.accounts.users[key] {
					yield(w, n)
				}
			}
		}
	}
}

// customGroup is the first group of custom resources, of which pods may come, that a role lets its subjects create, but for some.
func (n *roleNode) customGroup(without map[string]bool) string {
	for _, r := range n.roles {
		for _, rule := range r.Rules {
			if i := slices.IndexFunc(rule.Groups, func(group string) bool { return pods.MayComeOfGroup(group) && !without[group] }); i >= 0 && rule.HasVerb("create") {
				return rule.Groups[i]
			}
		}
	}
	return ""
}

// givesWorkloadWrite reports whether a binding to a role of another unit, or of Kubernetes' own, lets its subjects write workloads.
func (a *Access) givesWorkloadWrite(b *Binding) bool {
	powers, full := a.Powers(b)
	return full || slices.ContainsFunc(powers, func(p *Power) bool { return p.ID == "workload-write" })
}

func (r *Role) makesPods() bool {
	return slices.ContainsFunc(r.Rules, func(rule PolicyRule) bool {
		return slices.ContainsFunc(Workloads, func(w Resource) bool { return rule.Allows(Request{Verb: "create", Group: w.Group, Resource: w.Name}) })
	})
}

// WritesRoles reports whether a service account may create or change roles. The API server lets it grant only rights
// that it has.
func (a *Access) WritesRoles(s *Subject) bool {
	return s != nil && s.Kind == "ServiceAccount" && a.roleWriters[account{s.Namespace, s.Name}]
}

// addRoleWriters finds the service accounts that may write roles.
func (a *Access) addRoleWriters() {
	a.roleWriters = map[account]bool{}
	for _, n := range a.order {
		if !slices.ContainsFunc(n.roles, (*Role).writesRoles) {
			continue
		}
		for _, b := range n.bindings {
			for _, s := range b.Subjects {
				if s.Kind == "ServiceAccount" {
					a.roleWriters[account{s.Namespace, s.Name}] = true
				}
			}
		}
	}
}

func (r *Role) writesRoles() bool {
	return slices.ContainsFunc(r.Rules, func(rule PolicyRule) bool {
		hasVerb := rule.HasVerb("create") || rule.HasVerb("update") || rule.HasVerb("patch")
		return hasVerb && rule.HasGroup(rbacGroup) && (rule.HasResource("clusterroles") || rule.HasResource("roles"))
	})
}

// Resource is a resource of an API group.
type Resource struct{ Group, Name string }

// Workloads is the resources that are pods, or from which pods come. It must not be changed.
var Workloads = []Resource{
	{"", "pods"},
	{"", "replicationcontrollers"},
	{"apps", "deployments"},
	{"apps", "statefulsets"},
	{"apps", "daemonsets"},
	{"apps", "replicasets"},
	{"batch", "jobs"},
	{"batch", "cronjobs"},
}
