package controlplane

import (
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/controlplane"
)

// EtcdClientCertAuth reports members of etcd without --client-cert-auth=true.
//
// Anyone who reaches port 2379 can then read and write every object of the cluster, Secrets and RBAC
// included.
//
// The default is false. The setting may also be the variable ETCD_CLIENT_CERT_AUTH. kubeadm sets it.
var EtcdClientCertAuth = &lint.Rule{
	ID:        "etcd-client-cert-auth",
	Title:     "etcd accepts clients without a certificate",
	Severity:  lint.Critical,
	Profile:   lint.Recommended,
	Checklist: []string{"network-api-exposure"},
	Refs:      controls("2.2"),
	Fix:       "set --client-cert-auth=true and --trusted-ca-file",
	Check:     settings("etcd-client-cert-auth"),
}

// trusts completes the fix with the authority of the certificates, if a component names none: etcd would trust those of the system.
func trusts(flag string) func(_ *lint.Pass, c *controlplane.Component, fix string) string {
	return func(_ *lint.Pass, c *controlplane.Component, fix string) string {
		if reading := c.Lookup(flag, ""); reading.State == controlplane.Unset && reading.Name != "" {
			return fix + ", and give " + reading.Name + " the file of the authority that signs these certificates"
		}
		return fix
	}
}
