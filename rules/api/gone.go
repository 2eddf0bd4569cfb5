package api

import "github.com/kubevet/kubevet/lint"

// gone is the kinds whose Go types Kubernetes' modules no longer hold, or hold in
// a module (kube-aggregator) that has no more to say. Their fields are not known:
// form is nil.
//
// They were compiled from the releases v0.15 to v0.37 of k8s.io/api and v0.21 of
// kube-aggregator. The versions are those of the lifecycle tags in the last
// release that had the type. Where there are no tags, a kind is introduced in the
// first release that has it (that of apiVersions older than v0.15: in the one that
// the release notes name), and deprecated and removed in the first that lacks it.
// The exceptions are the Deprecated API Migration Guide's: APIService is removed in
// 1.22. PriorityClass of v1alpha1 was never served unasked, and was to go in 1.17;
// the type stayed longer, so it counts as removed when v1beta1 went, in 1.22.
var gone = []kind{
	goneKind("apiregistration.k8s.io/v1beta1", "APIService", 7, 19, 22, "apiregistration.k8s.io/v1"),
	goneKind("auditregistration.k8s.io/v1alpha1", "AuditSink", 13, 19, 19, ""),
	goneKind("autoscaling/v2beta1", "HorizontalPodAutoscaler", 8, 22, 25, "autoscaling/v2"),
	goneKind("autoscaling/v2beta2", "HorizontalPodAutoscaler", 12, 23, 26, "autoscaling/v2"),
	goneKind("batch/v2alpha1", "CronJob", 5, 21, 21, "batch/v1"),
	goneKind("certificates.k8s.io/v1alpha1", "PodCertificateRequest", 34, 35, 35, ""),
	goneKind("coordination.k8s.io/v1alpha1", "LeaseCandidate", 31, 32, 32, ""),
	goneKind("discovery.k8s.io/v1alpha1", "EndpointSlice", 16, 21, 21, "discovery.k8s.io/v1"),
	goneKind("extensions/v1beta1", "PodSecurityPolicy", 2, 11, 16, ""),
	goneKind("flowcontrol.apiserver.k8s.io/v1alpha1", "FlowSchema", 18, 20, 21, "flowcontrol.apiserver.k8s.io/v1"),
	goneKind("flowcontrol.apiserver.k8s.io/v1alpha1", "PriorityLevelConfiguration", 18, 20, 21, "flowcontrol.apiserver.k8s.io/v1"),
	goneKind("networking.k8s.io/v1alpha1", "ClusterCIDR", 25, 29, 29, ""),
	goneKind("networking.k8s.io/v1alpha1", "IPAddress", 27, 34, 34, "networking.k8s.io/v1"),
	goneKind("networking.k8s.io/v1alpha1", "ServiceCIDR", 29, 34, 34, "networking.k8s.io/v1"),
	goneKind("policy/v1beta1", "PodSecurityPolicy", 10, 21, 25, ""),
	goneKind("resource.k8s.io/v1alpha1", "PodScheduling", 26, 27, 27, ""),
	goneKind("resource.k8s.io/v1alpha1", "ResourceClaim", 26, 27, 27, ""),
	goneKind("resource.k8s.io/v1alpha1", "ResourceClaimTemplate", 26, 27, 27, ""),
	goneKind("resource.k8s.io/v1alpha1", "ResourceClass", 26, 27, 27, ""),
	goneKind("resource.k8s.io/v1alpha2", "PodSchedulingContext", 27, 31, 31, ""),
	goneKind("resource.k8s.io/v1alpha2", "ResourceClaim", 27, 31, 31, ""),
	goneKind("resource.k8s.io/v1alpha2", "ResourceClaimParameters", 30, 31, 31, ""),
	goneKind("resource.k8s.io/v1alpha2", "ResourceClaimTemplate", 27, 31, 31, ""),
	goneKind("resource.k8s.io/v1alpha2", "ResourceClass", 27, 31, 31, ""),
	goneKind("resource.k8s.io/v1alpha2", "ResourceClassParameters", 30, 31, 31, ""),
	goneKind("resource.k8s.io/v1alpha2", "ResourceSlice", 30, 31, 31, ""),
	goneKind("resource.k8s.io/v1alpha3", "DeviceClass", 31, 34, 34, ""),
	goneKind("resource.k8s.io/v1alpha3", "PodSchedulingContext", 31, 32, 32, ""),
	goneKind("resource.k8s.io/v1alpha3", "ResourceClaim", 31, 34, 34, ""),
	goneKind("resource.k8s.io/v1alpha3", "ResourceClaimTemplate", 31, 34, 34, ""),
	goneKind("resource.k8s.io/v1alpha3", "ResourceSlice", 31, 34, 34, ""),
	goneKind("scheduling.k8s.io/v1alpha1", "PriorityClass", 8, 14, 22, "scheduling.k8s.io/v1"),
	goneKind("scheduling.k8s.io/v1alpha1", "Workload", 35, 36, 36, ""),
	goneKind("scheduling.k8s.io/v1alpha2", "PodGroup", 36, 37, 37, ""),
	goneKind("scheduling.k8s.io/v1alpha2", "Workload", 36, 37, 37, ""),
	goneKind("settings.k8s.io/v1alpha1", "PodPreset", 6, 20, 20, ""),
	goneKind("storagemigration.k8s.io/v1alpha1", "StorageVersionMigration", 30, 35, 35, ""),
}

func goneKind(apiVersion, name string, introduced, deprecated, removed int, replacement string) kind {
	k := kind{
		kindKey:    kindKey{apiVersion, name},
		introduced: lint.Version{Major: 1, Minor: introduced},
		deprecated: lint.Version{Major: 1, Minor: deprecated},
		removed:    lint.Version{Major: 1, Minor: removed},
	}
	if replacement != "" {
		k.replacement = kindKey{replacement, name}
	}
	return k
}
