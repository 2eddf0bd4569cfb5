package cluster

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
)

// PodsMayExistElsewhere reports whether an object, such as a Service, may be meant for
// pods that the unit does not show: pods that could not be read or rendered (see
// lint.Pass.MayExistElsewhere), or pods that a program with a Role of the unit creates.
func PodsMayExistElsewhere(p *lint.Pass, of *lint.Object) bool {
	return p.MayExistElsewhere(of, lint.PodKinds()...) || createsPods(p.Unit, of.Namespace)
}

// podResources lists the resources that create pods, by API group.
var podResources = map[string][]string{
	"":      {"pods", "replicationcontrollers"},
	"apps":  {"daemonsets", "deployments", "replicasets", "statefulsets"},
	"batch": {"cronjobs", "jobs"},
}

// createsPods reports whether a ClusterRole or a Role of the namespace allows its
// subjects to create pods or workloads.
func createsPods(u *lint.Unit, namespace string) bool {
	return slices.ContainsFunc(u.Objects, func(o *lint.Object) bool {
		switch {
		case o.Is("rbac.authorization.k8s.io", "ClusterRole"):
		case o.Is("rbac.authorization.k8s.io", "Role") && o.Namespace == namespace:
		default:
			return false
		}
		for rule := range o.Root.Get("rules").Items() {
			if allows(rule.Get("verbs"), "create") && allowsPods(rule) {
				return true
			}
		}
		return false
	})
}

func allowsPods(rule lint.Value) bool {
	for group, resources := range podResources {
		if allows(rule.Get("apiGroups"), group) && slices.ContainsFunc(resources, func(r string) bool { return allows(rule.Get("resources"), r) }) {
			return true
		}
	}
	return false
}

// allows reports whether a list of a Role's rule holds a word, or * for all words.
func allows(list lint.Value, word string) bool {
	l := list.Strings()
	return slices.Contains(l, word) || slices.Contains(l, "*")
}
