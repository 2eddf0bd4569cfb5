package access

import "slices"

// maxOwn limits how many subjects are compared to find roles that let their holders escalate other roles of theirs. Beyond it, none are found.
const maxOwn = 1 << 20

// findOwn finds the entries that name roles which their holders have themselves, with the verb escalate: their holders can write any right into these.
func (a *Access) findOwn() {
	compared := 0
	for _, r := range a.Roles {
		for i := range r.Rules {
			rule := &r.Rules[i]
			if !rule.Named || !rule.HasGroup(rbacGroup) || !rule.HasVerb(escalate) {
				continue
			}
			for _, name := range rule.Names {
				if a.isOwn(r, rule, name, &compared) {
					rule.own = append(rule.own, name)
				}
			}
		}
	}
}

// isOwn reports whether an entry lets a subject escalate a role of a name that the subject has. ClusterRoles are in no namespace: only a
// ClusterRoleBinding gives a right on them.
func (a *Access) isOwn(r *Role, rule *PolicyRule, name string, compared *int) bool {
	for _, by := range r.Bindings() {
		if rule.HasResource("clusterroles") && by.IsCluster() && a.share(by, roleKey{"ClusterRole", "", name}, compared) ||
			rule.HasResource("roles") && !by.IsCluster() && a.share(by, roleKey{"Role", by.Namespace, name}, compared) {
			return true
		}
	}
	return false
}

// share reports whether a subject of a binding has another role as well.
func (a *Access) share(by *Binding, key roleKey, compared *int) bool {
	node := a.roles[key]
	if node == nil {
		return false
	}
	for _, other := range node.bindings {
		if *compared += len(by.Subjects) * len(other.Subjects); *compared > maxOwn {
			return false
		}
		if slices.ContainsFunc(by.Subjects, func(s *Subject) bool { return slices.ContainsFunc(other.Subjects, s.isSame) }) {
			return true
		}
	}
	return false
}
