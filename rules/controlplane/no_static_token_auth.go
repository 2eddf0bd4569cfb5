package controlplane

import "github.com/kubevet/kubevet/lint"

// NoStaticTokenAuth reports API servers that read tokens or passwords of users from a file:
// --token-auth-file, and --basic-auth-file before Kubernetes 1.19.
//
// The tokens are in clear text on the control plane, never expire, and stay valid until the API server
// is restarted with another file. One copy of the file is a login for each of its users.
//
// Bootstrap tokens, service account tokens and OpenID Connect are not meant: they expire, or can be
// revoked.
var NoStaticTokenAuth = &lint.Rule{
	ID:        "no-static-token-auth",
	Title:     "API server accepts static tokens or passwords",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"auth-identity-provider"},
	Refs:      controls("1.2.2"),
	Fix:       "remove --token-auth-file and --basic-auth-file, and let an identity provider authenticate users",
	Check:     settings("no-static-token-auth"),
}
