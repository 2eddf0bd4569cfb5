package controlplane

import "github.com/kubevet/kubevet/lint"

// NoLogsHandler reports API servers whose /logs path is on, by --enable-logs-handler=true or, before
// Kubernetes 1.31, unless --enable-logs-handler=false is set, and kubelets with
// enableSystemLogHandler, which is true unless set to false, or enableSystemLogQuery.
//
// The path serves files of /var/log on the node: audit logs, logs of other users' pods, of SSH and of
// the system. A link in that directory has led to any file of the node.
//
// kubectl logs needs neither. An absent setting has low severity.
var NoLogsHandler = &lint.Rule{
	ID:        "no-logs-handler",
	Title:     "Logs of the node are served over HTTP",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"logs-logs-handler"},
	Refs:      controls(),
	Fix:       "set --enable-logs-handler=false for the API server and enableSystemLogHandler: false for kubelets",
	Check:     settings("no-logs-handler"),
}
