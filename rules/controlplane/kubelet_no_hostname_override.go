package controlplane

import "github.com/kubevet/kubevet/lint"

// KubeletNoHostnameOverride reports kubelets with --hostname-override.
//
// The name of a node is in its certificate and in the rights that the Node authorizer gives it. With a
// name of another host, certificates do not match the machine and logs do not say which machine it
// was.
//
// Some cloud providers need it; ignore the finding with that reason. kubeadm sets it from
// nodeRegistration.name, which is not reported.
var KubeletNoHostnameOverride = &lint.Rule{
	ID:        "kubelet-no-hostname-override",
	Title:     "Kubelet has another name than its host",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"auth-certificate-management"},
	Refs:      controls("4.2.7"),
	Fix:       "remove --hostname-override",
	Check:     settings("kubelet-no-hostname-override"),
}
