package controlplane

import (
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/controlplane"
)

// EtcdTLS reports members of etcd without --cert-file and --key-file or without --peer-cert-file and
// --peer-key-file, and those that listen for clients or peers with http on an address that is not
// local.
//
// Everything in the cluster, Secrets included, then crosses the network in clear text, and etcd cannot
// check who its clients are. Anyone who reaches port 2379 reads and writes all objects and so owns the
// cluster.
//
// Settings are read from flags and from ETCD_ variables. --auto-tls is reported by no-etcd-auto-tls.
var EtcdTLS = &lint.Rule{
	ID:        "etcd-tls",
	Title:     "etcd serves without a certificate",
	Severity:  lint.Critical,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-tls-settings", "network-api-exposure"},
	Refs:      controls("2.1", "2.4"),
	Fix:       "give --cert-file, --key-file, --peer-cert-file and --peer-key-file a file each, and use https in the URLs",
	Check:     controlplane.Each(checkEtcd),
}

func checkEtcd(p *lint.Pass, c *controlplane.Component) {
	rows := rowsOf("etcd-tls")
	if c.Program != controlplane.Etcd {
		return
	}
	judge(p, c, rows)
	for _, name := range []string{"listen-client-urls", "listen-peer-urls"} {
		r := c.Lookup(name, "")
		if r.State != controlplane.Set {
			continue
		}
		for address := range strings.SplitSeq(r.Text, ",") {
			host, ok := strings.CutPrefix(strings.TrimSpace(address), "http://")
			if ok && !isLoopback(host) {
				p.Report(c.Diagnostic(r.At, withSetting(c, r)+", which is open without TLS; want https"))
				break
			}
		}
	}
}
