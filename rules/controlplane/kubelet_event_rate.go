package controlplane

import "github.com/kubevet/kubevet/lint"

// KubeletEventRate reports kubelets with an eventRecordQPS or --event-qps from 1 to 4.
//
// The kubelet drops the events above that rate. Events of an attack, such as failed mounts, killed
// containers and refused images, are lost among those of pods that fail again and again.
//
// Unset is 50 events in a second. 0 is no limit, which drops nothing and lets a failing pod flood the
// API server.
var KubeletEventRate = &lint.Rule{
	ID:        "kubelet-event-rate",
	Title:     "Kubelet drops events",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"logs-audit"},
	Refs:      controls("4.2.8"),
	Fix:       "set eventRecordQPS: 50",
	Check:     settings("kubelet-event-rate"),
}
