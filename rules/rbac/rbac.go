// Package rbac holds the rules on what roles grant.
package rbac

import (
	"embed"

	"github.com/kubevet/kubevet/lint"
)

// Source is the text of this package but for its tests: the rules' doc comments are
// read from it.
//
//go:embed *[^t].go
var Source embed.FS

// The standards that the rules of this package refer to.
const (
	cis   = "CIS Kubernetes Benchmark v2.0.0"
	nsa   = "NSA/CISA Kubernetes Hardening Guide"
	owasp = "OWASP Kubernetes Top Ten 2025"
)

const group = "rbac.authorization.k8s.io"

// isRole reports whether an object is a Role or ClusterRole.
func isRole(o *lint.Object) bool { return o.Is(group, "Role") || o.Is(group, "ClusterRole") }

// isBinding reports whether an object is a RoleBinding or ClusterRoleBinding.
func isBinding(o *lint.Object) bool {
	return o.Is(group, "RoleBinding") || o.Is(group, "ClusterRoleBinding")
}

// text is a scalar as it is written: a name is text, even if it looks like a boolean.
func text(v lint.Value) string {
	if !v.IsScalar() {
		return ""
	}
	return v.Node.Value
}
