package api

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/suggest"
)

// ValidValue reports fields that take one of a few values and have another:
// imagePullPolicy: always, protocol: tcp.
//
// The API server refuses such an object. In a pod template it does so only when the controller makes
// the pods, and no error is shown: the old version keeps running.
//
// Looked at are the fields that are written most: policies and protocols of containers, pods, workloads,
// Services, Ingresses, NetworkPolicies, volumes and webhooks. Upper and lower case differ. Empty values
// and placeholders that something else fills in pass; restartPolicy has a rule of its own.
var ValidValue = &lint.Rule{
	ID:        "valid-value",
	Title:     "Field does not take this value",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-upgrades"},
	Fix:       "write one of the allowed values, spelled exactly so",
	Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		for _, c := range ofObjects[o.Kind] {
			if c.group == o.Group() {
				checkChoice(p, lint.Diagnostic{Object: o}, o.Kind, o.Root, c)
			}
		}
		for _, w := range o.Workloads {
			for _, h := range w.Select(lint.KindPod | lint.Containers) {
				of := ofContainers
				if h.Kind == lint.KindPod {
					of = ofPods
				}
				for _, c := range of {
					checkChoice(p, lint.Diagnostic{Subject: h}, h.Label(), h.Value, c)
				}
			}
		}
	}),
}

// choice is a field that takes one of a few values. "[]" after a key means
// each element of the list.
type choice struct {
	group, kind string
	path        string
	values      []string
}

var (
	protocols    = []string{"TCP", "UDP", "SCTP"}
	schemes      = []string{"HTTP", "HTTPS"}
	accessModes  = []string{"ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"}
	volumeModes  = []string{"Filesystem", "Block"}
	profileTypes = []string{"RuntimeDefault", "Localhost", "Unconfined"}
	failures     = []string{"Fail", "Ignore"}
)

var ofContainers = []choice{
	{path: "imagePullPolicy", values: []string{"Always", "IfNotPresent", "Never"}},
	{path: "terminationMessagePolicy", values: []string{"File", "FallbackToLogsOnError"}},
	{path: "ports[].protocol", values: protocols},
	{path: "livenessProbe.httpGet.scheme", values: schemes},
	{path: "readinessProbe.httpGet.scheme", values: schemes},
	{path: "startupProbe.httpGet.scheme", values: schemes},
	{path: "securityContext.seccompProfile.type", values: profileTypes},
	{path: "securityContext.appArmorProfile.type", values: profileTypes},
	{path: "volumeMounts[].mountPropagation", values: []string{"None", "HostToContainer", "Bidirectional"}},
}

var ofPods = []choice{
	{path: "dnsPolicy", values: []string{"ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"}},
	{path: "preemptionPolicy", values: []string{"PreemptLowerPriority", "Never"}},
	{path: "securityContext.seccompProfile.type", values: profileTypes},
	{path: "securityContext.appArmorProfile.type", values: profileTypes},
	{path: "securityContext.fsGroupChangePolicy", values: []string{"OnRootMismatch", "Always"}},
	{path: "tolerations[].operator", values: []string{"Equal", "Exists"}},
	{path: "tolerations[].effect", values: []string{"NoSchedule", "PreferNoSchedule", "NoExecute"}},
	{path: "topologySpreadConstraints[].whenUnsatisfiable", values: []string{"DoNotSchedule", "ScheduleAnyway"}},
	{path: "volumes[].hostPath.type", values: []string{"DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice"}},
}

var choices = []choice{
	{"", "Service", "spec.type", []string{"ClusterIP", "NodePort", "LoadBalancer", "ExternalName"}},
	{"", "Service", "spec.ports[].protocol", protocols},
	{"", "Service", "spec.externalTrafficPolicy", []string{"Cluster", "Local"}},
	{"", "Service", "spec.internalTrafficPolicy", []string{"Cluster", "Local"}},
	{"", "Service", "spec.sessionAffinity", []string{"ClientIP", "None"}},
	{"", "Service", "spec.ipFamilyPolicy", []string{"SingleStack", "PreferDualStack", "RequireDualStack"}},
	{"", "PersistentVolumeClaim", "spec.accessModes[]", accessModes},
	{"", "PersistentVolumeClaim", "spec.volumeMode", volumeModes},
	{"", "PersistentVolume", "spec.accessModes[]", accessModes},
	{"", "PersistentVolume", "spec.volumeMode", volumeModes},
	{"", "PersistentVolume", "spec.persistentVolumeReclaimPolicy", []string{"Retain", "Delete", "Recycle"}},
	{"apps", "Deployment", "spec.strategy.type", []string{"RollingUpdate", "Recreate"}},
	{"apps", "DaemonSet", "spec.updateStrategy.type", []string{"RollingUpdate", "OnDelete"}},
	{"apps", "StatefulSet", "spec.updateStrategy.type", []string{"RollingUpdate", "OnDelete"}},
	{"apps", "StatefulSet", "spec.podManagementPolicy", []string{"OrderedReady", "Parallel"}},
	{"apps", "StatefulSet", "spec.volumeClaimTemplates[].spec.accessModes[]", accessModes},
	{"batch", "Job", "spec.completionMode", []string{"NonIndexed", "Indexed"}},
	{"batch", "CronJob", "spec.jobTemplate.spec.completionMode", []string{"NonIndexed", "Indexed"}},
	{"batch", "CronJob", "spec.concurrencyPolicy", []string{"Allow", "Forbid", "Replace"}},
	{"networking.k8s.io", "Ingress", "spec.rules[].http.paths[].pathType", []string{"Exact", "Prefix", "ImplementationSpecific"}},
	{"networking.k8s.io", "NetworkPolicy", "spec.policyTypes[]", []string{"Ingress", "Egress"}},
	{"networking.k8s.io", "NetworkPolicy", "spec.ingress[].ports[].protocol", protocols},
	{"networking.k8s.io", "NetworkPolicy", "spec.egress[].ports[].protocol", protocols},
	{"policy", "PodDisruptionBudget", "spec.unhealthyPodEvictionPolicy", []string{"IfHealthyBudget", "AlwaysAllow"}},
	{"storage.k8s.io", "StorageClass", "volumeBindingMode", []string{"Immediate", "WaitForFirstConsumer"}},
	{"admissionregistration.k8s.io", "ValidatingWebhookConfiguration", "webhooks[].failurePolicy", failures},
	{"admissionregistration.k8s.io", "MutatingWebhookConfiguration", "webhooks[].failurePolicy", failures},
}

// ofObjects is the choices of objects by their kind.
var ofObjects = func() map[string][]choice {
	m := map[string][]choice{}
	for _, c := range choices {
		m[c.kind] = append(m[c.kind], c)
	}
	return m
}()

func checkChoice(p *lint.Pass, d lint.Diagnostic, label string, v lint.Value, c choice) {
	for v := range v.Each(c.path) {
		if !v.IsScalar() || v.Node.Value == "" || slices.Contains(c.values, v.Node.Value) || isPlaceholder(v.Node) {
			continue
		}
		d.At = v
		d.Fix.Value = suggest.Closest(v.Node.Value, c.values)
		if i := slices.IndexFunc(c.values, func(s string) bool { return strings.EqualFold(s, v.Node.Value) }); i >= 0 {
			d.Fix.Value = c.values[i]
		}
		want := d.Fix.Value
		if want == "" {
			want = "one of " + strings.Join(c.values, ", ")
		}
		d.Message = label + " sets " + strings.TrimPrefix(strings.TrimPrefix(v.Path(), subjectPath(d)), ".") + ": " + v.Node.Value + "; want " + want
		p.Report(d)
	}
}

// subjectPath is the path of what a diagnostic is about.
func subjectPath(d lint.Diagnostic) string {
	if d.Subject.Workload == nil {
		return ""
	}
	return d.Subject.Path()
}
