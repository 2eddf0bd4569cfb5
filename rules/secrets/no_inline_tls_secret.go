package secrets

import (
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// NoInlineTLSSecret reports private keys of TLS certificates that are written in a manifest:
// in Secrets of type kubernetes.io/tls, under tls.key, and in Routes of OpenShift.
//
// Anyone who can read the repository can pose as the service, and read what was recorded. A
// certificate that is kept by hand is renewed by hand as well: late, and with the same key.
//
// The key with which the controller of SealedSecrets unseals them is reported, too: anyone who has it reads all of them. Certificates alone are public and fine. Keys that a chart generates when it is installed are
// not reported, and neither is what SOPS has encrypted. Messages and source lines are masked.
var NoInlineTLSSecret = &lint.Rule{
	ID:        "no-inline-tls-secret",
	Title:     "Private key of a certificate is written in a manifest",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"auth-certificate-management", "infra-secrets-management"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Secrets"},
	},
	Fix:   "let an issuer such as cert-manager make the Secret, and replace the key: it was published",
	Check: report("it from an issuer"),
}

// sealingName is the name, or how it begins, of the Secret with which the controller of SealedSecrets unseals them.
const sealingName = "sealed-secrets-key"

// isSealing reports such a Secret. Its certificate is one of its own, and no authority's.
func isSealing(o *lint.Object) bool {
	return o.IsSecret() && (strings.HasPrefix(o.Name, sealingName) || o.Root.Get("metadata.labels").Child("sealedsecrets.bitnami.com/"+sealingName).IsSet())
}

// isTLSKey reports whether a private key is that of the certificate beside it.
func isTLSKey(o *lint.Object, s spot) bool {
	switch {
	case o.Is("", "Secret"):
		return s.key == "tls.key" || o.Root.Get("type").Text() == "kubernetes.io/tls"
	case o.Is("route.openshift.io", "Route"):
		return s.at.Path() == "spec.tls.key"
	}
	return false
}
