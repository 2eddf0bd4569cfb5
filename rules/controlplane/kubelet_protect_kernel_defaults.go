package controlplane

import "github.com/kubevet/kubevet/lint"

// KubeletProtectKernelDefaults reports kubelets with protectKernelDefaults: false, and in the strict
// profile those that do not set it.
//
// The kubelet then changes settings of the kernel to its own needs instead of failing, so that what
// the owner of the node has hardened is silently loosened.
//
// Newer versions of the CIS Benchmark do not ask for it any more.
var KubeletProtectKernelDefaults = &lint.Rule{
	ID:        "kubelet-protect-kernel-defaults",
	Title:     "Kubelet changes kernel settings",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-host-isolation"},
	Refs:      controls(),
	Fix:       "set protectKernelDefaults: true, and the kernel settings on the node",
	Check:     settings("kubelet-protect-kernel-defaults"),
}
