package api

import "github.com/kubevet/kubevet/lint"

// removedKinds is the kinds whose Go types Kubernetes' modules no longer hold, or hold in
// a module (kube-aggregator) that has no more to say. Their fields are not known:
// form is nil.
//
// They were compiled from the releases v0.15 to v0.37 of k8s.io/api and v0.21 of
// kube-aggregator. Of what the lifecycle tags in the last release that had the type
// say, these are the versions; a removal that they leave out comes three versions
// after the deprecation, as Kubernetes' own generator has it. What tags do not say,
// the releases do: a kind is introduced in the first that has it (also where a tag,
// copied from another kind, names an earlier one), and deprecated and removed in the
// first that lacks it.
//
// Four kinds have no tags and are older than v0.15. When CronJob of v2alpha1 (1.5),
// PodPreset (1.6), PriorityClass of v1alpha1 (1.8) and AuditSink (1.13) came is what
// Kubernetes' documentation and issues of the time say. PriorityClass of v1alpha1 is
// deprecated since 1.14 (kubernetes/kubernetes#74465) and not served since 1.23
// (#104248), although its type stayed until 1.35.
var removedKinds = []kind{
	removedKind("apiregistration.k8s.io/v1beta1", "APIService", 7, 19, 22, "apiregistration.k8s.io/v1"),
	removedKind("auditregistration.k8s.io/v1alpha1", "AuditSink", 13, 19, 19, ""),
	removedKind("autoscaling/v2beta1", "HorizontalPodAutoscaler", 8, 22, 25, "autoscaling/v2"),
	removedKind("autoscaling/v2beta2", "HorizontalPodAutoscaler", 12, 23, 26, "autoscaling/v2"),
	removedKind("batch/v2alpha1", "CronJob", 5, 21, 21, "batch/v1"),
	removedKind("certificates.k8s.io/v1alpha1", "PodCertificateRequest", 34, 35, 35, ""),
	removedKind("coordination.k8s.io/v1alpha1", "LeaseCandidate", 31, 32, 32, ""),
	removedKind("discovery.k8s.io/v1alpha1", "EndpointSlice", 16, 21, 21, "discovery.k8s.io/v1"),
	removedKind("extensions/v1beta1", "PodSecurityPolicy", 2, 11, 16, "policy/v1beta1"),
	removedKind("flowcontrol.apiserver.k8s.io/v1alpha1", "FlowSchema", 18, 20, 21, "flowcontrol.apiserver.k8s.io/v1"),
	removedKind("flowcontrol.apiserver.k8s.io/v1alpha1", "PriorityLevelConfiguration", 18, 20, 21, "flowcontrol.apiserver.k8s.io/v1"),
	removedKind("networking.k8s.io/v1alpha1", "ClusterCIDR", 25, 29, 29, ""),
	removedKind("networking.k8s.io/v1alpha1", "IPAddress", 27, 34, 34, "networking.k8s.io/v1"),
	removedKind("networking.k8s.io/v1alpha1", "ServiceCIDR", 29, 34, 34, "networking.k8s.io/v1"),
	removedKind("policy/v1beta1", "PodSecurityPolicy", 10, 21, 25, ""),
	removedKind("resource.k8s.io/v1alpha1", "PodScheduling", 26, 27, 27, ""),
	removedKind("resource.k8s.io/v1alpha1", "ResourceClaim", 26, 27, 27, ""),
	removedKind("resource.k8s.io/v1alpha1", "ResourceClaimTemplate", 26, 27, 27, ""),
	removedKind("resource.k8s.io/v1alpha1", "ResourceClass", 26, 27, 27, ""),
	removedKind("resource.k8s.io/v1alpha2", "PodSchedulingContext", 27, 31, 31, ""),
	removedKind("resource.k8s.io/v1alpha2", "ResourceClaim", 27, 31, 31, ""),
	removedKind("resource.k8s.io/v1alpha2", "ResourceClaimParameters", 30, 31, 31, ""),
	removedKind("resource.k8s.io/v1alpha2", "ResourceClaimTemplate", 27, 31, 31, ""),
	removedKind("resource.k8s.io/v1alpha2", "ResourceClass", 27, 31, 31, ""),
	removedKind("resource.k8s.io/v1alpha2", "ResourceClassParameters", 30, 31, 31, ""),
	removedKind("resource.k8s.io/v1alpha2", "ResourceSlice", 30, 31, 31, ""),
	removedKind("resource.k8s.io/v1alpha3", "DeviceClass", 31, 34, 34, ""),
	removedKind("resource.k8s.io/v1alpha3", "PodSchedulingContext", 31, 32, 32, ""),
	removedKind("resource.k8s.io/v1alpha3", "ResourceClaim", 31, 34, 34, ""),
	removedKind("resource.k8s.io/v1alpha3", "ResourceClaimTemplate", 31, 34, 34, ""),
	removedKind("resource.k8s.io/v1alpha3", "ResourceSlice", 31, 34, 34, ""),
	removedKind("scheduling.k8s.io/v1alpha1", "PriorityClass", 8, 14, 23, "scheduling.k8s.io/v1"),
	removedKind("scheduling.k8s.io/v1alpha1", "Workload", 35, 36, 36, ""),
	removedKind("scheduling.k8s.io/v1alpha2", "PodGroup", 36, 37, 37, ""),
	removedKind("scheduling.k8s.io/v1alpha2", "Workload", 36, 37, 37, ""),
	removedKind("settings.k8s.io/v1alpha1", "PodPreset", 6, 20, 20, ""),
	removedKind("storagemigration.k8s.io/v1alpha1", "StorageVersionMigration", 30, 35, 35, ""),
}

// untagged is the kinds whose types Kubernetes' modules still hold, without
// lifecycle tags. Their fields come from the table, their life from here.
//
// RBAC's v1alpha1 is deprecated since 1.17, as its types say, and not served since
// 1.23 (kubernetes/kubernetes#104248); RuntimeClass of v1alpha1 is not served since
// 1.24 (#103061). What is missing in v0.36 of k8s.io/api came with v0.37.
var untagged = []kind{
	removedKind("node.k8s.io/v1alpha1", "RuntimeClass", unknown, 24, 24, "node.k8s.io/v1"),
	removedKind("rbac.authorization.k8s.io/v1alpha1", "ClusterRole", unknown, 17, 23, "rbac.authorization.k8s.io/v1"),
	removedKind("rbac.authorization.k8s.io/v1alpha1", "ClusterRoleBinding", unknown, 17, 23, "rbac.authorization.k8s.io/v1"),
	removedKind("rbac.authorization.k8s.io/v1alpha1", "Role", unknown, 17, 23, "rbac.authorization.k8s.io/v1"),
	removedKind("rbac.authorization.k8s.io/v1alpha1", "RoleBinding", unknown, 17, 23, "rbac.authorization.k8s.io/v1"),
	removedKind("scheduling.k8s.io/v1alpha3", "CompositePodGroup", 37, unknown, unknown, ""),
	removedKind("scheduling.k8s.io/v1alpha3", "PodGroup", 37, unknown, unknown, ""),
	removedKind("scheduling.k8s.io/v1alpha3", "Workload", 37, unknown, unknown, ""),
}

// unknown is the minor version of a point in a kind's life that no source gives.
const unknown = 0

// removedKind is a kind with the minor versions in which it was introduced, deprecated and
// removed, and the apiVersion in which the same kind goes on. It is empty if there is
// none.
func removedKind(apiVersion, name string, introduced, deprecated, removed int, replacement string) kind {
	k := kind{kindKey: kindKey{apiVersion, name}}
	for _, p := range []struct {
		point *lint.Version
		minor int
	}{{&k.introduced, introduced}, {&k.deprecated, deprecated}, {&k.removed, removed}} {
		if p.minor != unknown {
			*p.point = lint.Version{Major: 1, Minor: p.minor}
		}
	}
	if replacement != "" {
		k.replacement = kindKey{replacement, name}
	}
	return k
}
