package controlplane

import "github.com/kubevet/kubevet/lint"

// KubeletNoReadOnlyPort reports kubelets with a readOnlyPort or --read-only-port other than 0.
//
// Anyone who reaches the port, mostly 10255, lists the pods of the node with their specification,
// environment variables included, and their metrics. Neither credentials nor a certificate are needed.
//
// The field's default is 0, that of the flag is 10255 if the kubelet has no file.
var KubeletNoReadOnlyPort = &lint.Rule{
	ID:        "kubelet-no-read-only-port",
	Title:     "Kubelet serves a port without authentication",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"network-api-exposure"},
	Refs:      controls("4.2.4"),
	Fix:       "set readOnlyPort: 0",
	Check:     settings("kubelet-no-read-only-port"),
}
