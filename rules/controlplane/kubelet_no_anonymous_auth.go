package controlplane

import "github.com/kubevet/kubevet/lint"

// KubeletNoAnonymousAuth reports kubelets that accept requests without credentials:
// authentication.anonymous.enabled: true, or --anonymous-auth that is not false.
//
// With an authorization mode of AlwaysAllow anyone who reaches port 10250 runs commands in every pod
// of the node. With any other mode they can still do what system:anonymous may.
//
// The field's default is false, that of the flag is true if the kubelet has no file. kubeletExtraArgs
// of kubeadm are judged only where they set the flag, since the kubelet has a file too.
var KubeletNoAnonymousAuth = &lint.Rule{
	ID:        "kubelet-no-anonymous-auth",
	Title:     "Kubelet accepts anonymous requests",
	Severity:  lint.Critical,
	Profile:   lint.Recommended,
	Checklist: []string{"auth-no-impersonation-anonymous", "network-api-exposure"},
	Refs:      controls("4.2.1"),
	Fix:       "set authentication.anonymous.enabled: false",
	Check:     settings("kubelet-no-anonymous-auth"),
}
