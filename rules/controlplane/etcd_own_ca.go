package controlplane

import (
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/controlplane"
)

// EtcdOwnCA reports members of etcd whose --trusted-ca-file is the --client-ca-file of an API server
// in the same input.
//
// Every client certificate of the cluster, those of kubelets and users included, is then good for etcd
// too, where there is no RBAC: each of them reads and writes everything.
//
// The two files are compared by name. One path on two machines may be two files; programs of one
// static pod directory are on one machine.
var EtcdOwnCA = &lint.Rule{
	ID:        "etcd-own-ca",
	Title:     "etcd trusts the authority of the API server",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-tls-settings"},
	Refs:      controls("2.7"),
	Fix:       "give etcd an authority of its own, as kubeadm does",
	Check:     lint.UnitCheck(checkAuthorities),
}

func checkAuthorities(p *lint.Pass) {
	type authority struct {
		c *controlplane.Component
		r controlplane.Reading
	}
	clients := map[string]authority{}
	var members []authority
	for _, c := range controlplane.OfUnit(p) {
		switch c.Program { //nolint:exhaustive // the others have nothing to do with it
		case controlplane.APIServer:
			if r := c.Lookup("client-ca-file", ""); r.State == controlplane.Set && r.Text != "" {
				clients[r.Text] = authority{c, r}
			}
		case controlplane.Etcd:
			if r := c.Lookup("trusted-ca-file", ""); r.State == controlplane.Set {
				members = append(members, authority{c, r})
			}
		}
	}
	for _, m := range members {
		if client, ok := clients[m.r.Text]; ok {
			d := m.c.Diagnostic(m.r.At, "with --trusted-ca-file="+m.r.Text+", which is the API server's --client-ca-file; want another authority")
			d.Related = []lint.Related{{Object: client.c.Object, At: client.r.At, Label: "the API server's authority"}}
			p.Report(d)
		}
	}
}
