package connect

import (
	"slices"

	"github.com/kubevet/kubevet/lint/cluster/selector"
)

// Labels that Calico and Cilium give to each pod.
const (
	calicoNamespace    = "projectcalico.org/namespace"
	calicoOrchestrator = "projectcalico.org/orchestrator"
	calicoAccount      = "projectcalico.org/serviceaccount"
	ciliumAccount      = "io.cilium.k8s.policy.serviceaccount"
)

// isGiven reports whether a label is given to pods by a network plugin: no manifest has it.
func isGiven(key string) bool {
	return slices.Contains([]string{calicoNamespace, calicoOrchestrator, calicoAccount, ciliumAccount}, key)
}

// podLabels is the labels of a pod with those that its controller adds, and Calico and Cilium.
type podLabels struct {
	selector.PodLabels
	namespace, account string
}

// Has reports whether the pod has a label.
func (l podLabels) Has(key string) bool { return isGiven(key) || l.PodLabels.Has(key) }

// Get is the value of a label.
func (l podLabels) Get(key string) string {
	value, _ := l.Lookup(key)
	return value
}

// Lookup is the value of a label, and whether the pod has it.
func (l podLabels) Lookup(key string) (string, bool) {
	switch key {
	case calicoNamespace:
		return l.namespace, true
	case calicoOrchestrator:
		return "k8s", true
	case calicoAccount, ciliumAccount:
		return l.account, true
	}
	return l.PodLabels.Lookup(key)
}
