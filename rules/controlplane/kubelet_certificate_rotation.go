package controlplane

import (
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/controlplane"
)

// KubeletCertificateRotation reports kubelets with rotateCertificates: false or without it, and
// kubelets and controller managers with the feature gate RotateKubeletServerCertificate=false.
//
// The kubelet's certificate then ends some day and the node with it, or it is given such a long life
// that a stolen one is of use for years.
//
// kubeadm sets rotateCertificates. An absent field has low severity: the certificate may be managed in
// another way. The feature gate is on unless it is turned off.
var KubeletCertificateRotation = &lint.Rule{
	ID:        "kubelet-certificate-rotation",
	Title:     "Kubelet does not renew its certificates",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"auth-certificate-management"},
	Refs:      controls("1.3.6", "4.2.10", "4.2.11"),
	Fix:       "set rotateCertificates: true, and serverTLSBootstrap: true where something approves the kubelet's certificate requests, and remove the feature gate",
	Check:     controlplane.Each(checkRotation),
}

func checkRotation(p *lint.Pass, c *controlplane.Component) {
	const gate = "RotateKubeletServerCertificate"
	if c.Program != controlplane.Kubelet && c.Program != controlplane.ControllerManager {
		return
	}
	if on, ok, at := c.FeatureGate(gate); ok && !on {
		message := "with the feature gate " + gate + "=false"
		if c.IsFile() {
			message = "turns the feature gate " + gate + " off"
		}
		p.Report(c.Diagnostic(at, message+"; want it on"))
	}
	if c.Program == controlplane.Kubelet {
		checkRotate(p, c)
	}
}

func checkRotate(p *lint.Pass, c *controlplane.Component) {
	switch r := c.Lookup("rotate-certificates", "rotateCertificates"); {
	case r.State == controlplane.Set && r.Text != "true":
		p.Report(c.Diagnostic(r.At, withSetting(c, r)+"; want true"))
	case r.State == controlplane.Unset:
		d := c.Diagnostic(r.At, "does not set "+r.Name+"; want true")
		d.Severity = lint.Low
		p.Report(d)
	}
}
