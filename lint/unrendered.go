package lint

import (
	"path"
	"slices"
)

// UnrenderedKind is a kind that stands in a template of a chart which printed no
// object of it.
type UnrenderedKind struct {
	Kind string
	// Template is the file.
	Template string
	// Vendored names the third-party subchart that it belongs to. Empty: the
	// linted chart's own.
	Vendored string
}

func (u *Unit) podsMayExistElsewhere(of *Object) bool {
	return u.mayExistElsewhere(of, isPodKind) || u.makesPods(of.Namespace)
}

func (u *Unit) mayExistElsewhere(of *Object, is func(kind string) bool) bool {
	var unprinted []UnrenderedKind
	if u.Unrendered != nil {
		unprinted = u.Unrendered()
	}
	dir := path.Dir(of.start().File)
	return slices.ContainsFunc(u.Unreadable, func(file string) bool { return u.Kind == UnitChart || path.Dir(file) == dir }) ||
		slices.ContainsFunc(unprinted, func(k UnrenderedKind) bool {
			return is(k.Kind) && k.Vendored == of.Vendored && path.Dir(k.Template) == dir
		})
}

func isPodKind(kind string) bool { return len(shapesOf(kind)) > 0 }

// podMakers are resources from which pods come, by API group.
var podMakers = map[string][]string{
	"":      {"pods", "replicationcontrollers"},
	"apps":  {"daemonsets", "deployments", "replicasets", "statefulsets"},
	"batch": {"cronjobs", "jobs"},
}

// makesPods reports whether a Role of the namespace, or a ClusterRole, lets someone
// create pods, or workloads.
func (u *Unit) makesPods(namespace string) bool {
	return slices.ContainsFunc(u.Objects, func(o *Object) bool {
		switch {
		case o.Is("rbac.authorization.k8s.io", "ClusterRole"):
		case o.Is("rbac.authorization.k8s.io", "Role") && o.Namespace == namespace:
		default:
			return false
		}
		for rule := range o.Root.Get("rules").Items() {
			if allows(rule.Get("verbs"), "create") && createsPods(rule) {
				return true
			}
		}
		return false
	})
}

func createsPods(rule Value) bool {
	for group, resources := range podMakers {
		if allows(rule.Get("apiGroups"), group) && slices.ContainsFunc(resources, func(r string) bool { return allows(rule.Get("resources"), r) }) {
			return true
		}
	}
	return false
}

// allows reports whether a list of a Role's rule has a word, or * for all.
func allows(list Value, word string) bool {
	l := list.Strings()
	return slices.Contains(l, word) || slices.Contains(l, "*")
}
