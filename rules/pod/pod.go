// Package pod holds the rules on what pods and containers may do on their node:
// section 4 of the security checklist.
package pod

import (
	"embed"
	"slices"

	"github.com/kubevet/kubevet/lint"
)

// Source is the text of this package; the rules' doc comments are read from it.
//
//go:embed *.go
var Source embed.FS

// The standards that the rules of this package refer to.
const (
	baseline   = "Pod Security Standards (baseline)"
	restricted = "Pod Security Standards (restricted)"
	cis        = "CIS Kubernetes Benchmark v1.12"
	nsa        = "NSA/CISA Kubernetes Hardening Guide"
)

// onWindows reports whether the pod says that it runs on Windows. The API server
// refuses Linux's security fields there, from the version on in which it knows
// spec.os. Without spec.os, on nodes that must be of Windows, they do nothing.
func onWindows(p *lint.Pass, w *lint.Workload) bool {
	if w.Pod.Get("os.name").IsSet() {
		return w.Windows && p.Version.AtLeast(25)
	}
	return w.Pod.Get("nodeSelector").Child("kubernetes.io/os").Text() == "windows"
}

// isHostProcess reports whether the pod has a container that is a process of a
// Windows node.
func isHostProcess(_ *lint.Pass, w *lint.Workload) bool {
	return slices.ContainsFunc(w.Holders(lint.SortPod|lint.Containers), func(h lint.Holder) bool {
		return h.Get("securityContext.windowsOptions.hostProcess").True()
	})
}

// inUserNamespace reports whether root in the pod is an unprivileged user on the
// node. Pod Security counts that from 1.35 on.
func inUserNamespace(p *lint.Pass, w *lint.Workload) bool {
	return !w.HostUsers() && p.Version.AtLeast(35)
}

func isPrivileged(h lint.Holder) bool { return h.Get("securityContext.privileged").True() }
