package controlplane

import "github.com/kubevet/kubevet/lint"

// ServiceAccountKeys reports API servers with --service-account-lookup=false or without
// --service-account-key-file, and controller managers without --service-account-private-key-file or
// --root-ca-file.
//
// Without the look-up a token stays valid after its service account was deleted. Without a key of
// their own, tokens are checked with the key of the API server's serving certificate, so that one key
// leaks both. Without the root certificate, pods cannot verify the API server.
//
// kubeadm and kops set all of them. An API server with --service-account-signing-endpoint takes its
// keys from there.
var ServiceAccountKeys = &lint.Rule{
	ID:        "service-account-keys",
	Title:     "Service account tokens are not checked or signed with a key of their own",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"secrets-bound-tokens", "auth-certificate-management"},
	Refs:      controls("1.2.21", "1.2.22", "1.3.4", "1.3.5"),
	Fix:       "set --service-account-key-file for the API server, and --service-account-private-key-file and --root-ca-file for the controller manager",
	Check:     settings("service-account-keys"),
}
