package controlplane

import (
	"strings"

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

// trusts completes the fix with the authority of the certificates, if a component names none: etcd would trust those of the system. Where all URLs
// are http, etcd ignores the setting: https comes first.
func trusts(flag, urls, of string) func(_ *lint.Pass, c *controlplane.Component, fix string) string {
	return func(_ *lint.Pass, c *controlplane.Component, fix string) string {
		if r := c.Lookup(urls, ""); r.State == controlplane.Set && strings.Contains(r.Text, "http://") && !strings.Contains(r.Text, "https://") {
			fix = "use https in " + r.Name + " (etcd-tls), since etcd ignores the setting for http, then " + fix
		}
		if reading := c.Lookup(flag, ""); reading.State == controlplane.Unset && reading.Name != "" {
			return fix + ", and give " + reading.Name + " the file of the authority that signs the certificates of the " + of
		}
		return fix
	}
}
