package controlplane

import "github.com/kubevet/kubevet/lint"

// APIServerEtcdTLS reports API servers without --etcd-certfile and --etcd-keyfile, which authenticate
// them to etcd, or without --etcd-cafile, which verifies etcd.
//
// etcd holds every object of the cluster, Secrets included. If it accepts clients without a
// certificate, anyone who reaches its port reads and changes all of them. If the API server does not
// verify etcd, anyone between the two can do the same.
//
// kubeadm and kops set the files for an etcd that they run.
var APIServerEtcdTLS = &lint.Rule{
	ID:        "api-server-etcd-tls",
	Title:     "API server reaches etcd without mutual TLS",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-tls-settings", "network-api-exposure"},
	Refs:      controls("1.2.23", "1.2.26"),
	Fix:       "give --etcd-certfile, --etcd-keyfile and --etcd-cafile a file each",
	Check:     settings("api-server-etcd-tls"),
}
