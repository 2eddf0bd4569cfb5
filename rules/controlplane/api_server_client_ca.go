package controlplane

import "github.com/kubevet/kubevet/lint"

// APIServerClientCA reports API servers without --client-ca-file.
//
// Kubelets and the other programs of the control plane authenticate with client certificates. Without
// an authority for these, they need tokens from files, or anonymous access.
//
// kubeadm and kops set it.
var APIServerClientCA = &lint.Rule{
	ID:        "api-server-client-ca",
	Title:     "API server accepts no client certificates",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-tls-settings", "auth-rbac-model"},
	Refs:      controls("1.2.25"),
	Fix:       "set --client-ca-file to the certificate of the cluster authority",
	Check:     settings("api-server-client-ca"),
}
