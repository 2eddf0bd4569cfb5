package controlplane

import (
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/controlplane"
)

// KubeletServingCertificate reports kubelets with neither serverTLSBootstrap: true nor both
// tlsCertFile and tlsPrivateKeyFile.
//
// The kubelet then makes a certificate that nobody can verify. Anyone between the API server and the
// node can pose as the kubelet, and read what kubectl exec and kubectl logs carry.
//
// With serverTLSBootstrap the kubelet makes requests of the signer kubernetes.io/kubelet-serving. Nothing approves
// those by default: a controller must, or a person by kubectl certificate approve, or the kubelet serves
// without a certificate. Kubelets that are started by flags alone are judged only where they set one file of the two.
var KubeletServingCertificate = &lint.Rule{
	ID:        "kubelet-serving-certificate",
	Title:     "Kubelet signs its serving certificate itself",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-tls-settings", "auth-certificate-management"},
	Refs:      controls("4.2.9"),
	Fix:       "set serverTLSBootstrap: true and approve the kubelet's certificate requests, or set tlsCertFile and tlsPrivateKeyFile",
	Check:     controlplane.Each(checkServing),
}

func checkServing(p *lint.Pass, c *controlplane.Component) {
	if c.Program != controlplane.Kubelet {
		return
	}
	cert, key := c.Lookup("tls-cert-file", "tlsCertFile"), c.Lookup("tls-private-key-file", "tlsPrivateKeyFile")
	bootstrap := c.Lookup("rotate-server-certificates", "serverTLSBootstrap")
	hasCert, hasKey := cert.State == controlplane.Set && cert.Text != "", key.State == controlplane.Set && key.Text != ""
	switch {
	case bootstrap.Text == "true", hasCert && hasKey:
	case hasCert != hasKey:
		has, lacks := cert, key
		if hasKey {
			has, lacks = key, cert
		}
		p.Report(c.Diagnostic(has.At, withSetting(c, has)+" and no "+lacks.Name+"; want both"))
	case cert.State == controlplane.Unset && key.State == controlplane.Unset && bootstrap.State != controlplane.Unknown:
		p.Report(c.Diagnostic(bootstrap.At, "sets neither "+cert.Name+" nor serverTLSBootstrap; want one of the two"))
	}
}
