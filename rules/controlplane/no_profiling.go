package controlplane

import "github.com/kubevet/kubevet/lint"

// NoProfiling reports programs of the control plane that serve profiles of themselves: --profiling of
// the API server, the controller manager and the scheduler, which is on unless set to false,
// enableProfiling of the scheduler's and kube-proxy's file, and --enable-pprof of etcd.
//
// A profile shows how the program works and which requests it serves. Taking one costs processor time,
// so that a user who may call /debug/pprof can slow the control plane down.
//
// The paths need authorization: only users with rights to nonResourceURLs reach them.
var NoProfiling = &lint.Rule{
	ID:        "no-profiling",
	Title:     "Profiling is on",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"network-api-exposure"},
	Refs:      controls("1.2.15", "1.3.2", "1.4.1"),
	Fix:       "set --profiling=false",
	Check:     settings("no-profiling"),
}
