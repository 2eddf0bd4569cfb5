package controlplane

import "github.com/kubevet/kubevet/lint"

// NoInsecurePort reports API servers with --insecure-port other than 0 or with
// --insecure-bind-address, where their version of Kubernetes still has them, and --secure-port=0.
//
// The insecure port skips authentication and authorization: anyone who reaches it is cluster admin.
// Without a secure port it is the only one.
//
// Kubernetes 1.20 turned the port off, and 1.24 removed the flags; known-flags reports them from then
// on.
var NoInsecurePort = &lint.Rule{
	ID:        "no-insecure-port",
	Title:     "API server listens without TLS and authentication",
	Severity:  lint.Critical,
	Profile:   lint.Recommended,
	Checklist: []string{"network-api-exposure"},
	Refs:      controls(),
	Fix:       "remove the flag, or set --insecure-port=0",
	Check:     settings("no-insecure-port"),
}
