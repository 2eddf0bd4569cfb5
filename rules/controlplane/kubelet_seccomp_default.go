package controlplane

import "github.com/kubevet/kubevet/lint"

// KubeletSeccompDefault reports kubelets without seccompDefault: true.
//
// Pods that set no seccomp profile then run Unconfined, and may use every system call of the kernel,
// rarely used ones with faults included.
//
// The field exists since Kubernetes 1.22. seccomp-profile asks each pod; this is the default for those
// that do not say.
var KubeletSeccompDefault = &lint.Rule{
	ID:        "kubelet-seccomp-default",
	Title:     "Pods run without seccomp unless they ask for it",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-seccomp"},
	Refs:      controls("4.2.14"),
	Fix:       "set seccompDefault: true",
	Check:     settings("kubelet-seccomp-default"),
}
