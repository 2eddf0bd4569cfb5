package controlplane

import "github.com/kubevet/kubevet/lint"

// KubeletPodPIDsLimit reports kubelets without podPidsLimit or with one that is not above zero.
//
// One pod can use up all process IDs of the node by a fork bomb. The node's own programs, the kubelet
// included, then cannot start anything.
//
// Unset is -1, no limit. Reserving process IDs for the node by systemReserved protects the node, and
// not pods from each other. An absent setting has low severity.
var KubeletPodPIDsLimit = &lint.Rule{
	ID:        "kubelet-pod-pids-limit",
	Title:     "Pods may start any number of processes",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"auth-denial-of-service"},
	Refs:      controls("4.2.13"),
	Fix:       "set podPidsLimit: 4096",
	Check:     settings("kubelet-pod-pids-limit"),
}
