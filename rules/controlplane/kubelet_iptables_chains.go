package controlplane

import "github.com/kubevet/kubevet/lint"

// KubeletIPTablesChains reports kubelets with makeIPTablesUtilChains: false.
//
// The kubelet then does not keep the rules that drop spoofed packets to local ports, and changes of
// the network by other programs can open what should be closed.
//
// Unset is true.
var KubeletIPTablesChains = &lint.Rule{
	ID:        "kubelet-iptables-chains",
	Title:     "Kubelet does not manage its iptables chains",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-network-policies"},
	Refs:      controls("4.2.6"),
	Fix:       "set makeIPTablesUtilChains: true",
	Check:     settings("kubelet-iptables-chains"),
}
