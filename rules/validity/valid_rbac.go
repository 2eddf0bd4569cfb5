package validity

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
)

// ValidRBAC reports roles and bindings that the API server refuses: a rule without verbs, a
// reference to what is no role, a service account without a namespace.
//
// The binding is not there, and a workload lacks rights that it needs, or keeps those that it had.
//
// What a role allows is checked by the rules on access. Rules may be empty where an
// aggregationRule fills them in. In an overlay, a service account that has no namespace itself
// gets one together with its bindings, and so it may in a component of kustomize that no overlay uses.
var ValidRBAC = &lint.Rule{
	ID:        "valid-rbac",
	Title:     "Role or binding is not valid",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{infraUpgrades},
	Fix:       "change or remove the field that the API server refuses",
	Check: objects(
		kind{rbacGroup, "Role", []row{{"rules[]", rule(false)}}},
		kind{rbacGroup, "ClusterRole", []row{
			{"rules[]", rule(true)},
			{"aggregationRule", requires("clusterRoleSelectors")},
			{"aggregationRule.clusterRoleSelectors[]", labelSelector},
		}},
		kind{rbacGroup, "RoleBinding", []row{
			{"roleRef", roleRef("Role", "ClusterRole")},
			{"subjects[]", accessSubject(true)},
		}},
		kind{rbacGroup, "ClusterRoleBinding", []row{
			{"roleRef", roleRef("ClusterRole")},
			{"subjects[]", accessSubject(false)},
		}},
	),
}

const rbacGroup = "rbac.authorization.k8s.io"

// rule is a rule of a role, which covers the whole cluster or one namespace.
func rule(cluster bool) constraint {
	return func(s subject, v lint.Value) {
		if !v.IsMap() || !known(v) {
			return
		}
		verbs, urls, groups, resources := v.Get("verbs"), v.Get("nonResourceURLs"), v.Get("apiGroups"), v.Get("resources")
		if known(verbs) && isEmpty(verbs) {
			s.refuse(verbs, "must contain at least one value", "it set")
		}
		switch {
		case urls.Len() > 0 && !cluster:
			s.refuseFor(urls, "may not be in the rules of a Role", "a ClusterRole", "move the rule to a ClusterRole, or remove "+s.path(urls))
		case urls.Len() > 0 && (groups.Len() > 0 || resources.Len() > 0 || v.Get("resourceNames").Len() > 0):
			s.refuseFor(urls, "may not be specified together with resources", "a rule for each", "write a rule of its own for "+s.path(urls))
		}
		if urls.Len() > 0 || !known(urls) {
			return
		}
		if known(groups) && groups.Len() == 0 {
			s.refuse(groups, "must supply at least one API group", "it set")
		}
		if known(resources) && resources.Len() == 0 {
			s.refuse(resources, "must supply at least one resource", "it set")
		}
	}
}

// roleRef is the role that a binding gives.
func roleRef(kinds ...string) constraint {
	return func(s subject, v lint.Value) {
		if !v.IsMap() || !known(v) {
			return
		}
		group := v.Get("apiGroup") // empty means its default
		oneOf(rbacGroup)(s, group)
		required(s, v.Get("kind"))
		oneOf(kinds...)(s, v.Get("kind"))
		required(s, v.Get("name"))
		pathSegment(s, v.Get("name"))
	}
}

// getsNamespace reports service accounts of an overlay for which an overlay above it sets the
// namespace, as Kustomize does in the subjects of bindings too.
func getsNamespace(s subject, account string) bool {
	return s.Unit.Kind == lint.UnitOverlay && slices.ContainsFunc(s.Unit.Objects, func(o *lint.Object) bool {
		return o.Is("", "ServiceAccount") && o.Name == account && o.Namespace == ""
	})
}

// accessSubject is the account that a binding gives a role. In a namespaced binding it is of
// the same namespace if it names none. For a component of kustomize, the overlay that uses it may set the namespace.
func accessSubject(namespaced bool) constraint {
	return func(s subject, v lint.Value) {
		kind, group, ns := v.Get("kind"), v.Get("apiGroup"), v.Get("namespace")
		if !v.IsMap() || !known(v, kind, group, ns) {
			return
		}
		required(s, v.Get("name"))
		required(s, kind)
		oneOf("ServiceAccount", "User", "Group")(s, kind)
		switch {
		case kind.Text() == "ServiceAccount":
			if !isEmpty(group) {
				s.refuse(group, "must be empty for a ServiceAccount", "it removed")
			}
			if isEmpty(ns) && !namespaced && !s.Unit.IsComponent && !getsNamespace(s, v.Get("name").Text()) {
				s.refuse(ns, "is required for a ServiceAccount", "it set")
			}
			dnsSubdomain(s, v.Get("name"))
		case slices.Contains([]string{"User", "Group"}, kind.Text()):
			oneOf(rbacGroup)(s, group)
		}
	}
}
