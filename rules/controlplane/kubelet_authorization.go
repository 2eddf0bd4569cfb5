package controlplane

import "github.com/kubevet/kubevet/lint"

// KubeletAuthorization reports kubelets whose authorization mode is not Webhook.
//
// AlwaysAllow lets everyone whom the kubelet authenticates run commands in every pod of the node, read
// their logs and their files. Any service account that reaches port 10250 is such a user.
//
// The field's default is Webhook, that of the flag is AlwaysAllow if the kubelet has no file.
var KubeletAuthorization = &lint.Rule{
	ID:        "kubelet-authorization",
	Title:     "Kubelet does not ask the API server who may do what",
	Severity:  lint.Critical,
	Profile:   lint.Recommended,
	Checklist: []string{"auth-rbac-model"},
	Refs:      controls("4.2.2"),
	Fix:       "set authorization.mode: Webhook",
	Check:     settings("kubelet-authorization"),
}
