package access

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/kubevet/kubevet/lint"
)

// Everything is the power of an entry that grants every verb on every resource.
var Everything = &Power{ID: "everything", Does: "do everything", Cluster: lint.Critical, Namespaced: lint.High}

// Facts is the access that a unit gives, without its objects: it can be sent to another process
// and put together with that of others. Names and places are as in the input.
type Facts struct {
	// Unit is its name, as reports call it.
	Unit string `json:"unit"`
	// Version is the one of Kubernetes that the unit is meant for. Zero: the newest.
	Version lint.Version `json:"version,omitzero"`
	// Kind and Input are those of the unit.
	Kind  lint.UnitKind `json:"kind"`
	Input string        `json:"input"`
	// Roles and Bindings are all, in the order of the unit.
	Roles    []RoleFacts    `json:"roles,omitempty"`
	Bindings []BindingFacts `json:"bindings,omitempty"`
	// Accounts are the service accounts that workloads run as, in their order.
	Accounts []AccountFacts `json:"accounts,omitempty"`
	// Declared are the ServiceAccounts, in the order of the unit.
	Declared []AccountFacts `json:"declared,omitempty"`
}

// IsEmpty reports whether the unit has no role that gives a power, and no binding.
func (f *Facts) IsEmpty() bool {
	return len(f.Bindings) == 0 && !slices.ContainsFunc(f.Roles, func(r RoleFacts) bool { return len(r.Powers) > 0 })
}

// RoleFacts is a role and the powers that it gives, by its own entries or by aggregation.
type RoleFacts struct {
	Ref    lint.ObjectRef `json:"ref"`
	Powers []PowerFacts   `json:"powers"`
	// PartOf are the roles of Kubernetes' own that take its rules: view, edit, admin.
	PartOf []string `json:"partOf,omitempty"`
}

// PowerFacts is a power and the entry that gives it.
type PowerFacts struct {
	// Power is the ID.
	Power string `json:"power"`
	// Verbs and Resources are what the entry has of the power.
	Verbs     []string `json:"verbs,omitempty"`
	Resources []string `json:"resources,omitempty"`
	// Role is the one that has the entry, which At is.
	Role string        `json:"role"`
	At   lint.Position `json:"at"`
}

// BindingFacts is a binding.
type BindingFacts struct {
	Ref lint.ObjectRef `json:"ref"`
	// RoleKind and RoleName are the role that it gives.
	RoleKind string         `json:"roleKind"`
	RoleName string         `json:"roleName"`
	Subjects []SubjectFacts `json:"subjects"`
}

// SubjectFacts is a subject of a binding.
type SubjectFacts struct {
	Kind      string        `json:"kind"`
	Namespace string        `json:"namespace,omitempty"`
	Name      string        `json:"name"`
	At        lint.Position `json:"at"`
}

// AccountFacts is a service account and the first workload that has its token, or the declaration
// of an account.
type AccountFacts struct {
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
	// Workload is empty for a declaration.
	Workload lint.ObjectRef `json:"workload,omitzero"`
	// Automount is true or false if a declaration has automountServiceAccountToken.
	Automount string        `json:"automount,omitempty"`
	At        lint.Position `json:"at"`
}

// grants is the first entry that gives each power, by the power's place in Powers; that of
// Everything is the last.
type grants [32]*roleGrant

type roleGrant struct {
	Grant
	role *Role
}

// NewFacts puts together the access that a unit gives. It asks the objects for their places: the
// unit must not be checked meanwhile.
func NewFacts(u *lint.Unit, v lint.Version) *Facts {
	a := New(u)
	f := &Facts{Unit: u.Name(), Version: v, Kind: u.Kind, Input: u.Input}
	effective := a.effective()
	for _, r := range a.Roles {
		if r.node.roles[0] != r {
			continue // several of one name give what they give together
		}
		f.Roles = append(f.Roles, r.facts(effective[r.node]))
	}
	for _, b := range a.Bindings {
		facts := BindingFacts{Ref: b.Ref(), RoleKind: b.RoleKind, RoleName: b.RoleName}
		for _, s := range b.Subjects {
			facts.Subjects = append(facts.Subjects, SubjectFacts{Kind: s.Kind, Namespace: s.Namespace, Name: s.Name, At: b.Locate(s.At.Get("name")).Position})
		}
		f.Bindings = append(f.Bindings, facts)
	}
	for _, o := range u.Objects {
		if !o.Is("", "ServiceAccount") {
			continue
		}
		declared := AccountFacts{Namespace: o.Namespace, Name: o.Name, At: o.Locate(o.Root.Get("metadata.name")).Position}
		if on, set := o.Root.Get("automountServiceAccountToken").Bool(); set {
			declared.Automount = strconv.FormatBool(on)
		}
		f.Declared = append(f.Declared, declared)
	}
	for key, l := range a.accounts.users {
		w := lasting(l)
		f.Accounts = append(f.Accounts, AccountFacts{Namespace: key.namespace, Name: key.name, Workload: w.Ref(), At: w.Locate(AccountField(w)).Position})
	}
	slices.SortFunc(f.Accounts, func(x, y AccountFacts) int {
		return cmp.Or(cmp.Compare(x.Namespace, y.Namespace), cmp.Compare(x.Name, y.Name))
	})
	return f
}

// facts is what a role says, and what it gives.
func (r *Role) facts(gives *grants) RoleFacts {
	facts := RoleFacts{Ref: r.Ref()}
	for _, name := range aggregating {
		if r.AggregatesTo(name) {
			facts.PartOf = append(facts.PartOf, name)
		}
	}
	for _, g := range gives {
		if g != nil {
			facts.Powers = append(facts.Powers, PowerFacts{
				Power: g.Power.ID, Verbs: g.Verbs, Resources: g.Resources, Role: g.role.Kind + " " + g.role.Name, At: g.role.Locate(g.At).Position,
			})
		}
	}
	return facts
}

// effective is what each role gives, by its own entries and those of the roles whose rules it takes.
func (a *Access) effective() map[*roleNode]*grants {
	m := map[*roleNode]*grants{}
	of := map[*vertex]*grants{}
	for _, c := range slices.Backward(a.components) { // those that give rules first
		sum := &grants{}
		for _, v := range c {
			if given := of[v]; given != nil {
				sum.merge(given)
			}
			if v.node != nil {
				v.node.addOwn(sum)
				m[v.node] = sum
			}
			of[v] = sum
		}
		for _, v := range c {
			handOn(v, sum, of)
		}
	}
	return m
}

// handOn gives what a role gives to those that take its rules, but for those of its own
// component, which have it.
func handOn(v *vertex, sum *grants, of map[*vertex]*grants) {
	for _, to := range v.to {
		switch have := of[to]; have {
		case sum:
		case nil:
			given := *sum
			of[to] = &given
		default:
			have.merge(sum)
		}
	}
}

func (g *grants) merge(o *grants) {
	for i, one := range o {
		if g[i] == nil {
			g[i] = one
		}
	}
}

// addOwn adds what the entries of the roles give.
func (n *roleNode) addOwn(g *grants) {
	for _, r := range n.roles {
		for i := range r.Rules {
			r.addEntry(&r.Rules[i], g)
		}
	}
}

// addEntry adds what an entry gives. An entry on everything is a power of its own, in the
// place of all others.
func (r *Role) addEntry(rule *PolicyRule, g *grants) {
	if rule.IsFull() && slices.Contains(rule.Groups, "*") {
		if g[len(Powers)] == nil {
			g[len(Powers)] = &roleGrant{Grant{Power: Everything, Rule: rule, Verbs: rule.Verbs, Resources: rule.Resources, At: rule.Element("resources", "*")}, r}
		}
		return
	}
	for place, p := range Powers {
		if g[place] != nil {
			continue
		}
		if one, ok := r.Grant(rule, p); ok {
			g[place] = &roleGrant{one, r}
		}
	}
}
