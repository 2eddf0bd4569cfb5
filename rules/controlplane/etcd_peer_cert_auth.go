package controlplane

import "github.com/kubevet/kubevet/lint"

// EtcdPeerCertAuth reports members of etcd without --peer-client-cert-auth=true.
//
// Anyone who reaches port 2380 can then join the traffic between members, read every object, and
// change what is stored.
//
// The default is false. The setting may also be the variable ETCD_PEER_CLIENT_CERT_AUTH. kubeadm sets
// it, for one member too.
var EtcdPeerCertAuth = &lint.Rule{
	ID:        "etcd-peer-cert-auth",
	Title:     "etcd accepts peers without a certificate",
	Severity:  lint.Critical,
	Profile:   lint.Recommended,
	Checklist: []string{"network-api-exposure"},
	Refs:      controls("2.5"),
	Fix:       "set --peer-client-cert-auth=true and --peer-trusted-ca-file",
	Check:     settings("etcd-peer-cert-auth"),
}
