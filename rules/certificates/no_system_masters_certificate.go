package certificates

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
)

// NoSystemMastersCertificate reports certificates and requests for certificates with the organization
// system:masters, in kubeconfigs, Secrets and CertificateSigningRequests.
//
// The API server lets that group do everything before it asks RBAC, so that the right cannot be taken
// away from its owner until the certificate ends or the authority is replaced.
//
// kubeadm makes one in super-admin.conf for emergencies: keep it offline. Since Kubernetes 1.29
// admin.conf has the group kubeadm:cluster-admins, which RBAC can take away.
var NoSystemMastersCertificate = &lint.Rule{
	ID:        "no-system-masters-certificate",
	Title:     "Certificate is of group system:masters",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"auth-system-masters", "auth-named-identities"},
	Refs:      controls(),
	Fix:       "bind a ClusterRole to a named group of an identity provider, and replace the authority if the key was published",
	Check:     each(checkMasters),
}

const masters = "system:masters"

func checkMasters(p *lint.Pass, h held) {
	switch {
	case h.Certificate != nil && slices.Contains(h.Certificate.Subject.Organization, masters):
		p.Report(h.diagnostic("a certificate of " + h.name() + " with the organization " + masters + "; want another group"))
	case h.Request != nil && slices.Contains(h.Request.Subject.Organization, masters):
		p.Report(h.diagnostic("a request of " + h.name() + " with the organization " + masters + "; want another group"))
	}
}
