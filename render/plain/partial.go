package plain

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/discover"
)

// isPartial reports whether an object lacks what the API server requires of its
// kind, or what it is for, so that it can only be a patch: a binding without subjects,
// a role without rules and a disruption budget without a selector do nothing.
func isPartial(o *lint.Object) bool {
	if meta := o.Root.Get("metadata"); meta.IsMap() && !meta.Get("name").IsSet() && !meta.Get("generateName").IsSet() {
		return true
	}
	if lacksOfKind(o) {
		return true
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

// lacksOfKind reports whether an object lacks a field that its kind cannot do without. It does not look at containers.
func lacksOfKind(o *lint.Object) bool {
	switch {
	case o.Is("apps", "Deployment"), o.Is("apps", "StatefulSet"), o.Is("apps", "DaemonSet"), o.Is("apps", "ReplicaSet"):
		return !o.Root.Get("spec.selector").IsSet() || !o.Root.Get("spec.template").IsSet()
	case o.Is("batch", "CronJob"):
		return !o.Root.Get("spec.schedule").IsSet()
	case o.Is("apiextensions.k8s.io", "CustomResourceDefinition"):
		return !o.Root.Get("spec.versions").IsSet()
	case o.Is("admissionregistration.k8s.io", "ValidatingWebhookConfiguration"), o.Is("admissionregistration.k8s.io", "MutatingWebhookConfiguration"):
		return !o.Root.Get("webhooks").IsSet()
	case o.Is("rbac.authorization.k8s.io", "RoleBinding"), o.Is("rbac.authorization.k8s.io", "ClusterRoleBinding"):
		return !o.Root.Get("subjects").IsSet() || !o.Root.Get("roleRef").IsSet()
	case o.Is("rbac.authorization.k8s.io", "Role"), o.Is("rbac.authorization.k8s.io", "ClusterRole"):
		return !o.Root.Get("rules").IsSet() && !o.Root.Get("aggregationRule").IsSet()
	case o.Is("", "Service"):
		return isPartialService(o.Root.Get("spec"))
	case o.Is("networking.k8s.io", "Ingress"):
		return !o.Root.Get("spec.rules").IsSet() && !o.Root.Get("spec.defaultBackend").IsSet()
	case o.Is("networking.k8s.io", "IngressClass"):
		return !o.Root.Get("spec.controller").IsSet()
	case o.Is("autoscaling", "HorizontalPodAutoscaler"):
		return !o.Root.Get("spec.scaleTargetRef").IsSet() || !o.Root.Get("spec.maxReplicas").IsSet()
	case o.Is("policy", "PodDisruptionBudget"):
		return !o.Root.Get("spec.selector").IsSet()
	case o.Is("", "PersistentVolumeClaim"):
		return !o.Root.Get("spec.accessModes").IsSet() || !o.Root.Get("spec.resources.requests").Child("storage").IsSet()
	case o.Is("", "PersistentVolume"):
		return !o.Root.Get("spec.accessModes").IsSet() || !o.Root.Get("spec.capacity").Child("storage").IsSet()
	case o.Is("storage.k8s.io", "StorageClass"):
		return !o.Root.Get("provisioner").IsSet()
	}
	return false
}

// isPartialService reports whether a spec lacks what each Service has: ports, unless it only has a name.
func isPartialService(spec lint.Value) bool {
	switch {
	case spec.Get("ports").IsSet() || !spec.IsKnown():
		return false
	case spec.Get("type").Text() == "ExternalName":
		return !spec.Get("externalName").IsSet()
	}
	return spec.Get("clusterIP").Text() != "None"
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

// SkipRecords skips the files of nothing but what a cluster printed of its objects, with their uid, resourceVersion and status: the API server takes
// none of them as they are. Those of Secrets and ConfigMaps have no status, and are looked at. mayBeApplied reports whether something may apply
// a file by itself.
func SkipRecords(read []Manifest, files []discover.File, mayBeApplied func(discover.File) bool) {
	isOther := func(o *lint.Object) bool { return !isPrinted(o) }
	for i, f := range files {
		if m := &read[i]; !f.Named && len(m.Objects) > 0 && !slices.ContainsFunc(m.Objects, isOther) && !mayBeApplied(f) {
			m.drop("what a cluster printed of its objects, with their uid, resourceVersion and status: name it to lint it")
		}
	}
}

// isPrinted reports an object that a cluster printed: it has what the API server sets, and a status.
func isPrinted(o *lint.Object) bool {
	meta := o.Root.Get("metadata")
	for _, field := range [...]string{"uid", "resourceVersion", "creationTimestamp"} {
		if meta.Get(field).Text() == "" {
			return false
		}
	}
	status := o.Root.Get("status")
	return status.IsMap() && len(status.Node.Content) > 0
}
