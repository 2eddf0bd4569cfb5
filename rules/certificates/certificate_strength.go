package certificates

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"strconv"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/certificate"
)

// CertificateStrength reports certificates and requests with an RSA key of less than 2048 bits, an
// elliptic curve of less than 256, or a DSA key, and certificates that are signed with MD5 or SHA-1.
// It reports cert-manager Certificates that ask for such a key too.
//
// A short key can be computed from the certificate, and then anyone can pose as its owner. With MD5 or
// SHA-1 an attacker makes a second certificate to which the signature fits.
//
// The signature of a root is not looked at by anybody, and is not reported. Go and so Kubernetes
// refuse SHA-1 and MD5 signatures at connection time.
var CertificateStrength = &lint.Rule{
	ID:        "certificate-strength",
	Title:     "Certificate has a weak key or signature",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-tls-settings"},
	Refs:      controls(),
	Fix:       "issue a certificate with ECDSA P-256 or RSA of 2048 bits or more, signed with SHA-256",
	Check:     lint.Checks{each(checkStrength), lint.ObjectCheck(checkSize)},
}

func checkStrength(p *lint.Pass, h held) {
	const want = "; want RSA of 2048 bits or ECDSA P-256 or more"
	switch {
	case h.store:
	case h.Certificate != nil:
		if fault := faultOfKey(h.Certificate.PublicKey); fault != "" {
			p.Report(h.diagnostic("a certificate of " + h.name() + " with " + fault + want))
		}
		if fault := faultOfSignature(h.Certificate); fault != "" {
			p.Report(h.diagnostic("a certificate of " + h.name() + " that is signed with " + fault + "; want SHA-256"))
		}
	case h.Request != nil:
		if fault := faultOfKey(h.Request.PublicKey); fault != "" {
			p.Report(h.diagnostic("a request of " + h.name() + " with " + fault + want))
		}
	}
}

// checkSize judges the key that a cert-manager Certificate asks for.
func checkSize(p *lint.Pass, o *lint.Object) {
	key := o.Root.Get("spec.privateKey")
	size, ok := key.Get("size").Int()
	if o.Is("cert-manager.io", "Certificate") && ok && (size < 256 || size < 2048 && key.Get("algorithm").Text() != "ECDSA") {
		p.Report(lint.Diagnostic{Object: o, At: key.Get("size"), Message: o.Kind + " asks for a key of " + strconv.FormatInt(size, 10) + " bits; want 2048 for RSA or 256 for ECDSA"})
	}
}

// faultOfKey says what is wrong with a public key. Empty: nothing.
func faultOfKey(key any) string {
	switch k := key.(type) {
	case *rsa.PublicKey:
		if bits := k.N.BitLen(); bits < 2048 {
			return "an RSA key of " + strconv.Itoa(bits) + " bits"
		}
	case *ecdsa.PublicKey:
		if bits := k.Curve.Params().BitSize; bits < 256 {
			return "a key on a curve of " + strconv.Itoa(bits) + " bits"
		}
	case *ecdh.PublicKey, ed25519.PublicKey:
	default: // DSA, which Go does not use any more
		return "a key of a kind that TLS does not use"
	}
	return ""
}

// faultOfSignature names the weak hash of a certificate's signature. Empty: it is not weak,
// or nobody looks at it.
func faultOfSignature(c *x509.Certificate) string {
	if certificate.IsRoot(c) {
		return ""
	}
	switch c.SignatureAlgorithm { //nolint:exhaustive // the others are not weak
	case x509.MD2WithRSA, x509.MD5WithRSA:
		return "MD5"
	case x509.SHA1WithRSA, x509.ECDSAWithSHA1, x509.DSAWithSHA1:
		return "SHA-1"
	}
	return ""
}
