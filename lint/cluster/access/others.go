package access

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
)

// others is what an Access knows of the other units of its cluster. Names must be equal, with a
// namespace that is known: what a chart leaves to its release namespace is the chart's own.
type others struct {
	powers   map[roleKey][]PowerFacts
	roles    map[roleKey]bool
	declared map[account]*AccountFacts
	users    map[account]*lint.Workload
	bound    map[account]bool
}

// OfCluster is the facts for lint.Settings.Cluster: those of all units of a run that are for one
// cluster.
type OfCluster []*Facts

// of gives the facts of the units but those of the unit's own input: the scenarios of a chart are
// not deployed together.
func (l OfCluster) of(u *lint.Unit) []*Facts {
	return slices.DeleteFunc(slices.Clone(l), func(f *Facts) bool { return f.Input == u.Input && f.Kind == u.Kind })
}

func newOthers(facts []*Facts) *others {
	o := &others{
		powers: map[roleKey][]PowerFacts{}, roles: map[roleKey]bool{}, declared: map[account]*AccountFacts{},
		users: map[account]*lint.Workload{}, bound: map[account]bool{},
	}
	for _, f := range facts {
		o.addRoles(f)
		o.addAccounts(f)
	}
	return o
}

func (o *others) addRoles(f *Facts) {
	for i := range f.Roles {
		if r := &f.Roles[i]; r.Ref.Kind == "ClusterRole" || r.Ref.Namespace != "" {
			o.roles[keyOf(r.Ref)] = true
			o.powers[keyOf(r.Ref)] = append(o.powers[keyOf(r.Ref)], r.Powers...)
		}
	}
}

// addAccounts adds the service accounts of a unit: those that it declares, those that its
// workloads use, and those that it binds.
func (o *others) addAccounts(f *Facts) {
	for i := range f.Declared {
		if a := &f.Declared[i]; a.Namespace != "" && o.declared[account{a.Namespace, a.Name}] == nil {
			o.declared[account{a.Namespace, a.Name}] = a
		}
	}
	for i := range f.Accounts {
		if a := &f.Accounts[i]; a.Namespace != "" && o.users[account{a.Namespace, a.Name}] == nil {
			o.users[account{a.Namespace, a.Name}] = standInWorkload(a)
		}
	}
	for _, b := range f.Bindings {
		for _, s := range b.Subjects {
			if s.Kind == "ServiceAccount" && s.Namespace != "" {
				o.bound[account{s.Namespace, s.Name}] = true
			}
		}
	}
}

// powersOf is what the roles of a name give in the other units. full is set if they give every
// right.
func (o *others) powersOf(role roleKey) (powers []*Power, full bool) {
	for _, f := range o.powers[role] {
		if p := FindPower(f.Power); p != nil && !slices.Contains(powers, p) {
			powers = append(powers, p)
		}
		full = full || f.Power == Everything.ID
	}
	if full {
		powers = Powers
	}
	return powers, full
}

// join adds the bindings of other units that give roles of this one.
func (a *Access) join(facts []*Facts) {
	index := len(a.Bindings)
	for _, f := range facts {
		for _, b := range f.Bindings {
			key := keyOf(lint.ObjectRef{Kind: b.RoleKind, Namespace: b.Ref.Namespace, Name: b.RoleName})
			n := a.roles[key]
			if n == nil || len(n.roles) == 0 || b.RoleKind == "Role" && b.Ref.Namespace == "" {
				continue
			}
			n.bindings = append(n.bindings, a.standInBinding(b, index))
			index++
		}
	}
}

// places is the Locator of objects that stand for those of other units: the place of each node
// is known already.
type places map[*yaml.Node]lint.Position

func (l places) Locate(v lint.Value) lint.Origin {
	n, _ := v.Anchor()
	return lint.Origin{Position: l[n]}
}

func standIn(ref lint.ObjectRef, root *yaml.Node, at places) *lint.Object {
	return &lint.Object{
		Document: *lint.NewDocument("", ref.Kind, root, nil, at), APIVersion: ref.APIVersion, Namespace: ref.Namespace, Name: ref.Name,
	}
}

// standInWorkload stands for a workload of another unit. All of it is where that names its account.
func standInWorkload(a *AccountFacts) *lint.Workload {
	root := mapping("serviceAccountName", a.Name)
	at := places{root: a.At}
	for _, n := range root.Content {
		at[n] = a.At
	}
	w := &lint.Workload{Object: standIn(a.Workload, root, at)}
	w.Pod = lint.PodOrContainer{Value: w.Root, Kind: lint.KindPod, Workload: w}
	return w
}

// standInBinding stands for a binding of another unit.
func (a *Access) standInBinding(facts BindingFacts, index int) *Binding {
	at := places{}
	list := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
	for _, s := range facts.Subjects {
		m := mapping("name", s.Name)
		for _, n := range append(m.Content, m) {
			at[n] = s.At
		}
		list.Content = append(list.Content, m)
	}
	b := &Binding{Object: standIn(facts.Ref, list, at), RoleKind: facts.RoleKind, RoleName: facts.RoleName, index: index}
	for i, s := range facts.Subjects {
		subject := &Subject{Kind: s.Kind, Namespace: s.Namespace, Name: s.Name, At: node.NewValue(list.Content[i]), Binding: b, index: i}
		if s.Kind == "ServiceAccount" && s.Namespace != "" {
			key := account{s.Namespace, s.Name}
			if subject.Workload = lasting(a.accounts.users[key]); subject.Workload == nil {
				subject.Workload = a.others.users[key]
			}
		}
		b.Subjects = append(b.Subjects, subject)
	}
	return b
}

func mapping(key, value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Content: []*yaml.Node{
		{Kind: yaml.ScalarNode, Tag: "!!str", Value: key}, {Kind: yaml.ScalarNode, Tag: "!!str", Value: value},
	}}
}

// IsOfOtherUnit reports whether another unit of the cluster has the role that a binding gives.
func (a *Access) IsOfOtherUnit(b *Binding) bool {
	return a.others.roles[b.role()] && (b.RoleKind != "Role" || b.Namespace != "")
}

// HasAccount reports whether a unit of the cluster declares a service account, or has a workload that
// runs as it. The namespace is known.
func (a *Access) HasAccount(namespace, name string) bool {
	key := account{namespace, name}
	return len(a.accounts.declared[key]) > 0 || a.others.declared[key] != nil || a.others.users[key] != nil
}

// MountsToken is the field automountServiceAccountToken of a service account that another unit of
// the cluster declares. Set is false if none does, or without the field.
func (a *Access) MountsToken(namespace, name string) (on, set bool) {
	if f := a.others.declared[account{namespace, name}]; f != nil && namespace != "" && len(a.accounts.declared[account{namespace, name}]) == 0 {
		return f.Automount == "true", f.Automount != ""
	}
	return false, false
}
