package api

import (
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TestChoices: the lists hold the constants that Kubernetes' own modules have.
func TestChoices(t *testing.T) {
	has := func(of []choice, group, kind, path string, constants ...string) {
		t.Helper()
		i := slices.IndexFunc(of, func(c choice) bool { return c.group == group && c.kind == kind && c.path == path })
		if i < 0 {
			t.Errorf("%s %s is not looked at", kind, path)
			return
		}
		have := slices.Sorted(slices.Values(of[i].values))
		if slices.Sort(constants); !slices.Equal(have, constants) {
			t.Errorf("%s %s takes %q; want %q", kind, path, have, constants)
		}
	}
	has(ofContainers, "", "", "imagePullPolicy", string(corev1.PullAlways), string(corev1.PullIfNotPresent), string(corev1.PullNever))
	has(ofContainers, "", "", "terminationMessagePolicy", string(corev1.TerminationMessageReadFile), string(corev1.TerminationMessageFallbackToLogsOnError))
	has(ofContainers, "", "", "ports[].protocol", string(corev1.ProtocolTCP), string(corev1.ProtocolUDP), string(corev1.ProtocolSCTP))
	has(ofContainers, "", "", "livenessProbe.httpGet.scheme", string(corev1.URISchemeHTTP), string(corev1.URISchemeHTTPS))
	has(ofContainers, "", "", "securityContext.seccompProfile.type", string(corev1.SeccompProfileTypeLocalhost), string(corev1.SeccompProfileTypeRuntimeDefault), string(corev1.SeccompProfileTypeUnconfined))
	has(ofContainers, "", "", "securityContext.appArmorProfile.type", string(corev1.AppArmorProfileTypeLocalhost), string(corev1.AppArmorProfileTypeRuntimeDefault), string(corev1.AppArmorProfileTypeUnconfined))
	has(ofContainers, "", "", "volumeMounts[].mountPropagation", string(corev1.MountPropagationNone), string(corev1.MountPropagationHostToContainer), string(corev1.MountPropagationBidirectional))
	has(ofPods, "", "", "dnsPolicy", string(corev1.DNSClusterFirst), string(corev1.DNSClusterFirstWithHostNet), string(corev1.DNSDefault), string(corev1.DNSNone))
	has(ofPods, "", "", "preemptionPolicy", string(corev1.PreemptLowerPriority), string(corev1.PreemptNever))
	has(ofPods, "", "", "securityContext.fsGroupChangePolicy", string(corev1.FSGroupChangeAlways), string(corev1.FSGroupChangeOnRootMismatch))
	has(ofPods, "", "", "tolerations[].operator", string(corev1.TolerationOpEqual), string(corev1.TolerationOpExists)) // Lt and Gt need the feature gate TaintTolerationComparisonOperators, which is off
	has(ofPods, "", "", "tolerations[].effect", string(corev1.TaintEffectNoSchedule), string(corev1.TaintEffectPreferNoSchedule), string(corev1.TaintEffectNoExecute))
	has(ofPods, "", "", "topologySpreadConstraints[].whenUnsatisfiable", string(corev1.DoNotSchedule), string(corev1.ScheduleAnyway))
	has(ofPods, "", "", "volumes[].hostPath.type", string(corev1.HostPathDirectoryOrCreate), string(corev1.HostPathDirectory), string(corev1.HostPathFileOrCreate), string(corev1.HostPathFile), string(corev1.HostPathSocket), string(corev1.HostPathCharDev), string(corev1.HostPathBlockDev))
	has(choices, "", "Service", "spec.type", string(corev1.ServiceTypeClusterIP), string(corev1.ServiceTypeNodePort), string(corev1.ServiceTypeLoadBalancer), string(corev1.ServiceTypeExternalName))
	has(choices, "", "Service", "spec.externalTrafficPolicy", string(corev1.ServiceExternalTrafficPolicyCluster), string(corev1.ServiceExternalTrafficPolicyLocal))
	has(choices, "", "Service", "spec.sessionAffinity", string(corev1.ServiceAffinityClientIP), string(corev1.ServiceAffinityNone))
	has(choices, "", "Service", "spec.ipFamilyPolicy", string(corev1.IPFamilyPolicySingleStack), string(corev1.IPFamilyPolicyPreferDualStack), string(corev1.IPFamilyPolicyRequireDualStack))
	has(choices, "", "PersistentVolumeClaim", "spec.accessModes[]", string(corev1.ReadWriteOnce), string(corev1.ReadOnlyMany), string(corev1.ReadWriteMany), string(corev1.ReadWriteOncePod))
	has(choices, "", "PersistentVolume", "spec.persistentVolumeReclaimPolicy", string(corev1.PersistentVolumeReclaimRetain), string(corev1.PersistentVolumeReclaimDelete), string(corev1.PersistentVolumeReclaimRecycle))
	has(choices, "apps", "Deployment", "spec.strategy.type", string(appsv1.RollingUpdateDeploymentStrategyType), string(appsv1.RecreateDeploymentStrategyType))
	has(choices, "apps", "DaemonSet", "spec.updateStrategy.type", string(appsv1.RollingUpdateDaemonSetStrategyType), string(appsv1.OnDeleteDaemonSetStrategyType))
	has(choices, "apps", "StatefulSet", "spec.updateStrategy.type", string(appsv1.RollingUpdateStatefulSetStrategyType), string(appsv1.OnDeleteStatefulSetStrategyType))
	has(choices, "apps", "StatefulSet", "spec.podManagementPolicy", string(appsv1.OrderedReadyPodManagement), string(appsv1.ParallelPodManagement))
	has(choices, "batch", "Job", "spec.completionMode", string(batchv1.NonIndexedCompletion), string(batchv1.IndexedCompletion))
	has(choices, "batch", "CronJob", "spec.concurrencyPolicy", string(batchv1.AllowConcurrent), string(batchv1.ForbidConcurrent), string(batchv1.ReplaceConcurrent))
	has(choices, "networking.k8s.io", "Ingress", "spec.rules[].http.paths[].pathType", string(networkingv1.PathTypeExact), string(networkingv1.PathTypePrefix), string(networkingv1.PathTypeImplementationSpecific))
	has(choices, "policy", "PodDisruptionBudget", "spec.unhealthyPodEvictionPolicy", string(policyv1.IfHealthyBudget), string(policyv1.AlwaysAllow))
}

// TestPlain: what is found valid without a regular expression is.
func TestPlain(t *testing.T) {
	words := []string{"", "a", "A", "9", "-", ".", "_", "/", "a-b", "a.b", "a_b", "-a", "a-", "a..b", "a.-b", ".a", "a.", "é", "a/b", "a.b/c", "A/b", "a/b/c", strings.Repeat("a", 63), strings.Repeat("a", 64), strings.Repeat("a.", 126) + "a", strings.Repeat("a.", 127) + "a"}
	for _, w := range words {
		for _, f := range []nameForm{label, oldService, subdomain} {
			if f.plain(w) && (!f.form.MatchString(w) || len(w) > f.most) {
				t.Errorf("%q passes for %s", w, f.want)
			}
		}
		for _, v := range words {
			_, err := metav1.LabelSelectorAsSelector(&metav1.LabelSelector{MatchLabels: map[string]string{w: v}})
			if isLabel(w, v) != (err == nil) {
				t.Errorf("%q: %q: %v; want %v", w, v, isLabel(w, v), err)
			}
		}
	}
}
