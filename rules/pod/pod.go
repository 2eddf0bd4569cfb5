// Package pod holds the rules on what pods and containers may do on their node:
// section 4 of the security checklist.
package pod

import (
	"embed"

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
// spec.os.
func onWindows(p *lint.Pass, w *lint.Workload) bool {
	return w.Windows && p.Version.AtLeast(25)
}

// inUserNamespace reports whether root in the pod is an unprivileged user on the
// node. Pod Security counts that from 1.35 on.
func inUserNamespace(p *lint.Pass, w *lint.Workload) bool {
	return !w.HostUsers() && p.Version.AtLeast(35)
}
