package controlplane

import "github.com/kubevet/kubevet/lint"

// TerminatedPodGCThreshold reports controller managers without --terminated-pod-gc-threshold, or with
// one that is not above zero.
//
// Terminated pods stay in etcd until there are 12,500 of them, which is the default. Jobs of one user
// can fill the memory of the control plane.
//
// Zero and less turn the collection off. Only the strict profile reports an absent flag.
var TerminatedPodGCThreshold = &lint.Rule{
	ID:        "terminated-pod-gc-threshold",
	Title:     "Controller manager sets no limit for terminated pods",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"auth-denial-of-service"},
	Refs:      controls("1.3.1"),
	Fix:       "set --terminated-pod-gc-threshold, such as 1000",
	Check:     settings("terminated-pod-gc-threshold"),
}
