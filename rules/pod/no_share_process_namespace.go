package pod

import "github.com/kubevet/kubevet/lint"

// NoShareProcessNamespace reports pods whose containers share one process namespace.
//
// Each container then sees the processes of the others, reads their environment with its secrets
// and, as the same user, their files under /proc/PID/root. It can signal or trace them. An attacker
// who takes over one sidecar can do all of that.
//
// Unset means false. Debugging with kubectl debug does not need it. Pods whose containers must
// signal each other do; ignore the finding for those, with the reason.
var NoShareProcessNamespace = &lint.Rule{
	ID:        "no-share-process-namespace",
	Title:     "Containers share a process namespace",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-host-isolation"},
	Fix:       "remove shareProcessNamespace, or set it to false",
	Unless:    "a container must see or signal processes of another",
	Check:     lint.Field{Of: lint.KindPod, Path: "shareProcessNamespace", Allow: []string{"false"}},
}
