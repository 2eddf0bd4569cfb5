package controlplane

import "github.com/kubevet/kubevet/lint"

// KubeletEventRate reports kubelets with an eventRecordQPS or --event-qps of 0, which means no limit.
//
// A pod that fails again and again then floods the API server and etcd with events, for all tenants of
// the cluster.
//
// Unset is 50 events in a second.
var KubeletEventRate = &lint.Rule{
	ID:        "kubelet-event-rate",
	Title:     "Kubelet sends events without a limit",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"auth-denial-of-service", "logs-audit"},
	Refs:      controls("4.2.8"),
	Fix:       "set eventRecordQPS: 50",
	Check:     settings("kubelet-event-rate"),
}
