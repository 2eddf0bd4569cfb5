package certificates

import (
	"cmp"
	"strconv"
	"time"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/certificate"
	"github.com/kubevet/kubevet/lint/controlplane"
)

// CertificateLifetime reports certificates that are valid for more than three years, except roots,
// and what issues such: cert-manager Certificates, kubeadm's certificateValidityPeriod,
// --cluster-signing-duration of the controller manager, and CertificateSigningRequests.
//
// A stolen key is of use until the certificate ends, since few clients ask whether it was revoked.
// Certificates of ten years outlive the machines, the people and the algorithms that they were made
// for.
//
// A root is an authority that signed its own certificate: anyone who trusts it has it in a list of their
// own. So is an authority whose private key is not beside its certificate: its issuer decides. A cert-manager Certificate with isCA is judged if its issuer is in the input and signs with
// another key. Collections of 20 or more certificates are left out.
var CertificateLifetime = &lint.Rule{
	ID:        "certificate-lifetime",
	Title:     "Certificate lives longer than three years",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"auth-certificate-lifetime"},
	Refs:      controls(),
	Fix:       "issue certificates for three years at most",
	Check:     lint.Checks{each(checkLifetime), lint.ObjectCheck(checkAsked), controlplane.Each(checkSigning)},
}

// maxYears is how long a certificate may be valid, and maxLife the same as a duration that
// is asked for.
const (
	maxYears = 3
	maxLife  = (maxYears*365 + 1) * 24 * time.Hour
)

func checkLifetime(p *lint.Pass, h held) {
	c := h.Certificate
	if c == nil || h.store || certificate.IsRoot(c) || h.isForeign(p) || !c.NotAfter.After(c.NotBefore.AddDate(maxYears, 0, 1)) {
		return
	}
	years := strconv.FormatFloat(c.NotAfter.Sub(c.NotBefore).Hours()/24/365.25, 'f', 1, 64)
	p.Report(h.diagnostic("a certificate of " + h.name() + " that is valid for " + years + " years; want 3 at most"))
}

// checkAsked judges how long the certificates are valid that an object asks for.
func checkAsked(p *lint.Pass, o *lint.Object) {
	ask := func(v lint.Value, what string) {
		if d, err := time.ParseDuration(v.Text()); err == nil && d > maxLife {
			p.Report(lint.Diagnostic{Object: o, At: v, Message: o.Kind + " " + what + ": " + v.Text() + "; want 26280h, three years, or less"})
		}
	}
	spec := o.Root.Get("spec")
	switch {
	case o.Is("cert-manager.io", "Certificate") && (!spec.Get("isCA").True() || isIntermediate(p, o)):
		ask(spec.Get("duration"), "asks for duration")
	case o.Is("kubeadm.k8s.io", "ClusterConfiguration"):
		ask(o.Root.Get("certificateValidityPeriod"), "sets certificateValidityPeriod")
	case o.Is("controlplane.cluster.x-k8s.io", "KubeadmControlPlane"):
		ask(spec.Get("kubeadmConfigSpec.clusterConfiguration.certificateValidityPeriod"), "sets certificateValidityPeriod")
		days := spec.Get("kubeadmConfigSpec.clusterConfiguration.certificateValidityPeriodDays")
		if n, ok := days.Int(); ok && n > maxYears*365+1 {
			p.Report(lint.Diagnostic{Object: o, At: days, Message: o.Kind + " sets certificateValidityPeriodDays: " + days.Text() + "; want 1095 or less"})
		}
	case o.Is("certificates.k8s.io", "CertificateSigningRequest"):
		if v := spec.Get("expirationSeconds"); v.IsSet() {
			if n, ok := v.Int(); ok && time.Duration(n)*time.Second > maxLife {
				p.Report(lint.Diagnostic{Object: o, At: v, Message: o.Kind + " asks for expirationSeconds: " + v.Text() + "; want 94608000, three years, or less"})
			}
		}
	}
}

// checkSigning judges how long the certificates are valid that a controller manager signs.
func checkSigning(p *lint.Pass, c *controlplane.Component) {
	if c.Program != controlplane.ControllerManager {
		return
	}
	for _, flag := range []string{"cluster-signing-duration", "experimental-cluster-signing-duration"} {
		r := c.Lookup(flag, "")
		if d, err := time.ParseDuration(r.Text); r.State == controlplane.Set && err == nil && d > maxLife {
			p.Report(c.Diagnostic(r.At, "with "+r.Name+"="+r.Text+"; want 26280h, three years, or less"))
		}
	}
}

// isIntermediate reports whether the issuer of a Certificate of an authority is in the unit
// and is an authority itself.
func isIntermediate(p *lint.Pass, o *lint.Object) bool {
	ref := o.Root.Get("spec.issuerRef")
	kind := cmp.Or(ref.Get("kind").Text(), "Issuer")
	for _, issuer := range p.Unit.Objects {
		if issuer.Is("cert-manager.io", kind) && issuer.Name == ref.Get("name").Text() && (kind == "ClusterIssuer" || issuer.Namespace == o.Namespace) {
			return issuer.Root.Get("spec.ca").IsSet() || issuer.Root.Get("spec.vault").IsSet()
		}
	}
	return false
}
