package controlplane

import "github.com/kubevet/kubevet/lint"

// RequestTimeout reports API servers with a --request-timeout above five minutes, or one that is no
// duration.
//
// Clients with a slow connection then hold resources of the API server for a long time. A few of them
// can keep others out.
//
// Unset is one minute, which is fine. Long-running requests such as watches have limits of their own.
var RequestTimeout = &lint.Rule{
	ID:        "request-timeout",
	Title:     "API server keeps slow requests for too long",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"auth-denial-of-service"},
	Refs:      controls("1.2.20"),
	Fix:       "set --request-timeout to 300s or less",
	Check:     settings("request-timeout"),
}
