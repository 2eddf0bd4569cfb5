package access

import (
	"slices"
	"strings"
)

// resourcesText is the resources of each API group of Kubernetes, those of former versions
// included. A + follows those that belong to no namespace.
const resourcesText = `
core: bindings componentstatuses+ configmaps endpoints events limitranges namespaces+ nodes+ persistentvolumeclaims persistentvolumes+ pods podtemplates replicationcontrollers resourcequotas secrets serviceaccounts services users+ groups+
admissionregistration.k8s.io: mutatingadmissionpolicies+ mutatingadmissionpolicybindings+ mutatingwebhookconfigurations+ validatingadmissionpolicies+ validatingadmissionpolicybindings+ validatingwebhookconfigurations+ externaladmissionhookconfigurations+ initializerconfigurations+
apiextensions.k8s.io: customresourcedefinitions+
apiregistration.k8s.io: apiservices+
apps: controllerrevisions daemonsets deployments replicasets statefulsets
authentication.k8s.io: selfsubjectreviews+ tokenreviews+ uids+ userextras+
authorization.k8s.io: localsubjectaccessreviews selfsubjectaccessreviews+ selfsubjectrulesreviews+ subjectaccessreviews+
autoscaling: horizontalpodautoscalers
batch: cronjobs jobs scheduledjobs
certificates.k8s.io: certificatesigningrequests+ clustertrustbundles+ podcertificaterequests signers+
coordination.k8s.io: leasecandidates leases
discovery.k8s.io: endpointslices
events.k8s.io: events
extensions: daemonsets deployments ingresses jobs networkpolicies podsecuritypolicies+ replicasets replicationcontrollers thirdpartyresources+
flowcontrol.apiserver.k8s.io: flowschemas+ prioritylevelconfigurations+
networking.k8s.io: clustercidrs+ ingressclasses+ ingresses ipaddresses+ networkpolicies servicecidrs+
node.k8s.io: runtimeclasses+
policy: poddisruptionbudgets podsecuritypolicies+
rbac.authorization.k8s.io: clusterrolebindings+ clusterroles+ rolebindings roles
scheduling.k8s.io: compositepodgroups podgroups priorityclasses+ workloads
storage.k8s.io: csidrivers+ csinodes+ csistoragecapacities storageclasses+ volumeattachments+ volumeattributesclasses+
`

// resourcesByGroup is the resources of each group: whether they belong to no namespace.
var resourcesByGroup = func() map[string]map[string]bool {
	m := map[string]map[string]bool{}
	for line := range strings.Lines(strings.TrimSpace(resourcesText)) {
		group, list, _ := strings.Cut(strings.TrimSpace(line), ":")
		if group == "core" {
			group = ""
		}
		m[group] = map[string]bool{}
		for name := range strings.FieldsSeq(list) {
			plain, cluster := strings.CutSuffix(name, "+")
			m[group][plain] = cluster
		}
	}
	return m
}()

// GroupsOf lists the API groups of Kubernetes that have, or had, a resource, sorted.
func GroupsOf(resource string) []string {
	resource, _, _ = strings.Cut(resource, "/")
	var l []string
	for group, resources := range resourcesByGroup {
		if _, ok := resources[resource]; ok {
			l = append(l, group)
		}
	}
	slices.Sort(l)
	return l
}

// ResourcesOf lists the resources of an API group, sorted. It is nil if Kubernetes has no such group, or
// the group's resources depend on what the cluster has installed.
func ResourcesOf(group string) []string {
	var l []string
	for name := range resourcesByGroup[group] {
		l = append(l, name)
	}
	slices.Sort(l)
	return l
}

// IsClusterResource reports whether a resource of an API group of Kubernetes belongs to no
// namespace. known is false if the group is not Kubernetes' or has no such resource.
func IsClusterResource(group, resource string) (cluster, known bool) {
	resource, _, _ = strings.Cut(resource, "/")
	cluster, known = resourcesByGroup[group][resource]
	return cluster, known
}
