package pod

import "github.com/kubevet/kubevet/lint"

// UserNamespace reports pods that share the users of their node.
//
// In a user namespace the pod's root is an unprivileged user on the node, so most container escapes
// gain nothing, and capabilities apply inside the pod only.
//
// The rule is part of the strict profile only, and applies from Kubernetes 1.33 on, where nodes
// with Linux 6.3 or newer and a current runtime support it. Pods that share another namespace of their
// node cannot have one. Windows has none: pods with spec.os.name: windows are exempt, and those that select
// Windows nodes by kubernetes.io/os.
var UserNamespace = &lint.Rule{
	ID:        "user-namespace",
	Title:     "Pod does not use a user namespace",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"pod-run-as-user"},
	Fix:       "set hostUsers: false on the pod",
	Check: lint.Field{
		Of: lint.KindPod, Path: "hostUsers", Allow: []string{"false"}, Absent: lint.Bad,
		Unless: func(p *lint.Pass, w *lint.Workload) bool {
			shares := w.Pod.Get("hostNetwork").True() || w.Pod.Get("hostPID").True() || w.Pod.Get("hostIPC").True()
			return shares || w.Windows || selectsWindows(w) || !p.Version.AtLeast(33)
		},
	},
}
