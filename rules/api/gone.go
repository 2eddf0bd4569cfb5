package api

import "github.com/kubevet/kubevet/lint"

// gone is the kinds whose Go types Kubernetes' modules no longer hold, or hold in
// a module (kube-aggregator) that has no more to say. The versions are those of
// the lifecycle tags in the last release of k8s.io/api that had the type; where
// there were none, those of the Deprecated API Migration Guide of kubernetes.io.
// Their fields are not known: form is nil.
var gone = []kind{
	goneKind("apiregistration.k8s.io/v1beta1", "APIService", 7, 19, 22, "apiregistration.k8s.io/v1"),
	goneKind("auditregistration.k8s.io/v1alpha1", "AuditSink", 13, 18, 19, ""),
	goneKind("autoscaling/v2beta1", "HorizontalPodAutoscaler", 8, 22, 25, "autoscaling/v2"),
	goneKind("autoscaling/v2beta2", "HorizontalPodAutoscaler", 12, 23, 26, "autoscaling/v2"),
	goneKind("batch/v2alpha1", "CronJob", 5, 8, 21, "batch/v1"),
	goneKind("extensions/v1beta1", "PodSecurityPolicy", 2, 11, 16, ""),
	goneKind("flowcontrol.apiserver.k8s.io/v1alpha1", "FlowSchema", 18, 20, 21, "flowcontrol.apiserver.k8s.io/v1"),
	goneKind("flowcontrol.apiserver.k8s.io/v1alpha1", "PriorityLevelConfiguration", 18, 20, 21, "flowcontrol.apiserver.k8s.io/v1"),
	goneKind("policy/v1beta1", "PodSecurityPolicy", 10, 21, 25, ""),
	goneKind("scheduling.k8s.io/v1alpha1", "PriorityClass", 9, 14, 17, "scheduling.k8s.io/v1"),
	goneKind("settings.k8s.io/v1alpha1", "PodPreset", 6, 19, 20, ""),
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
