package controlplane

import "github.com/kubevet/kubevet/lint"

// NoEtcdAutoTLS reports members of etcd with --auto-tls or --peer-auto-tls.
//
// etcd then makes certificates that no authority signed. Nobody can verify them: clients and peers
// take whatever certificate is shown to them, also an attacker's.
//
// Both are off by default.
var NoEtcdAutoTLS = &lint.Rule{
	ID:        "no-etcd-auto-tls",
	Title:     "etcd signs its certificates itself",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-tls-settings"},
	Refs:      controls("2.3", "2.6"),
	Fix:       "remove the flag, and give etcd certificates of an authority",
	Check:     settings("no-etcd-auto-tls"),
}
