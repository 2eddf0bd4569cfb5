package plain

import (
	"github.com/kubevet/kubevet/lint"
)

// isPartial reports whether an object lacks what the API server requires of its
// kind, or what it is for, so that it can only be a patch: a binding without subjects and
// a role without rules do nothing.
func isPartial(o *lint.Object) bool {
	if meta := o.Root.Get("metadata"); meta.IsMap() && !meta.Get("name").IsSet() && !meta.Get("generateName").IsSet() {
		return true
	}
	switch {
	case o.Is("apps", "Deployment"), o.Is("apps", "StatefulSet"), o.Is("apps", "DaemonSet"), o.Is("apps", "ReplicaSet"):
		if !o.Root.Get("spec.selector").IsSet() || !o.Root.Get("spec.template").IsSet() {
			return true
		}
	case o.Is("batch", "CronJob"):
		if !o.Root.Get("spec.schedule").IsSet() {
			return true
		}
	case o.Is("apiextensions.k8s.io", "CustomResourceDefinition"):
		return !o.Root.Get("spec.versions").IsSet()
	case o.Is("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"), o.Is("admissionregistration.k8s.io", "MutatingWebhookConfiguration"):
		return !o.Root.Get("webhooks").IsSet()
	case o.Is("rbac.authorization.k8s.io", "RoleBinding"), o.Is("rbac.authorization.k8s.io", "ClusterRoleBinding"):
		return !o.Root.Get("subjects").IsSet() || !o.Root.Get("roleRef").IsSet()
	case o.Is("rbac.authorization.k8s.io", "Role"), o.Is("rbac.authorization.k8s.io", "ClusterRole"):
		return !o.Root.Get("rules").IsSet() && !o.Root.Get("aggregationRule").IsSet()
	}
	if group := o.Group(); group != "" && group != "apps" && group != "batch" { // whether others may lack one is not known
		return false
	}
	for _, w := range o.Workloads {
		containers := 0
		for _, c := range w.Containers {
			if !c.Get("image").IsSet() {
				return true
			}
			containers++
		}
		if containers == 0 {
			return true
		}
	}
	return false
}

// isRecord reports an object that a controller owns by a reference without uid. The API server refuses it, and
// a cluster does not print it: it is kept to be compared with what the controller makes.
func isRecord(o *lint.Object) bool {
	for owner := range o.Root.Get("metadata.ownerReferences").Items() {
		if owner.Get("controller").True() && owner.IsKnown() && !owner.Get("uid").IsSet() && owner.Get("uid").IsKnown() {
			return true
		}
	}
	return false
}
