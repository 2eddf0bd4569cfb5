package controlplane

import (
	"path"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/controlplane"
)

// NoAuditLogMount reports workloads with a hostPath volume that holds the audit log of the API server.
//
// The log says who does what in the cluster: names of Secrets, of users and of nodes. Where the volume
// can be written, an attacker removes the traces.
//
// The log is where an API server of the same input writes it by --audit-log-path, else in a directory
// with kube and audit in its name, such as /var/log/kubernetes/audit. The API server itself is not
// reported. A directory far above the log, such as /var/log, is reported if an API server of the input
// writes below it, with low severity if it is mounted for reading.
var NoAuditLogMount = &lint.Rule{
	ID:        "no-audit-log-mount",
	Title:     "Workload mounts the audit log",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"logs-audit"},
	Refs:      controls(),
	Fix:       "remove the volume, or ignore the finding for the collector that ships the log",
	Check:     lint.UnitCheck(checkAuditMounts),
}

func checkAuditMounts(p *lint.Pass) {
	logs, servers := auditLogs(p)
	for _, o := range p.Unit.Objects {
		if servers[o] {
			continue
		}
		for _, w := range o.Workloads {
			for volume := range w.Pod.Get("volumes").Items() {
				at := volume.Get("hostPath.path")
				if !at.IsSet() {
					continue
				}
				if held := holdsLog(path.Clean(at.Text()), logs); at.Text() != "" && held != "" {
					d := lint.Diagnostic{Subject: w.Pod, At: at, Message: w.Pod.Label() + " mounts " + at.Text() + ", which holds " + held + "; want no access to it"}
					d.Severity = lint.Low.If(isReadOnly(w, volume.Get("name").Text()))
					p.Report(d)
				}
			}
		}
	}
}

// auditLogs lists the files to which the API servers of the unit write audit logs, and the
// objects that start API servers.
func auditLogs(p *lint.Pass) (logs []string, servers map[*lint.Object]bool) {
	servers = map[*lint.Object]bool{}
	for _, c := range controlplane.OfUnit(p) {
		if c.Program != controlplane.APIServer {
			continue
		}
		servers[c.Object] = true
		if text, ok := c.Flag("audit-log-path"); ok && strings.HasPrefix(text, "/") {
			logs = append(logs, path.Clean(text))
		}
	}
	return logs, servers
}

// holdsLog says which audit log a directory or file of the node holds. Empty: none.
func holdsLog(dir string, logs []string) string {
	for _, file := range logs {
		if dir == file || dir != "/" && strings.HasPrefix(file, dir+"/") {
			return "the audit log " + file
		}
	}
	lower := strings.ToLower(dir)
	if strings.HasPrefix(dir, "/var/log/") && strings.Contains(lower, "kube") && strings.Contains(lower, "audit") {
		return "audit logs"
	}
	return ""
}

// isReadOnly reports whether every container mounts a volume for reading.
func isReadOnly(w *lint.Workload, volume string) bool {
	for _, h := range w.Select(lint.Containers) {
		for m := range h.Get("volumeMounts").Items() {
			if m.Get("name").Text() == volume && !m.Get("readOnly").True() {
				return false
			}
		}
	}
	return true
}
