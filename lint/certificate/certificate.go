// Package certificate finds X.509 certificates, requests for them, and private keys in
// texts: in PEM, and in base64 of PEM as Secrets and kubeconfigs have it.
//
// It verifies nothing, and keeps nothing of a private key but that it is there. All
// functions are safe for concurrent use.
package certificate

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"regexp"
	"strings"
)

// Found is one block of PEM.
type Found struct {
	// Line is where the block begins in the text, counted from 1. Zero: the text is
	// base64, so that lines within it are none of the file.
	Line int
	// Index counts the blocks of the text from 0.
	Index int
	// Certificate is set for a certificate.
	Certificate *x509.Certificate
	// Request is set for a request for a certificate.
	Request *x509.CertificateRequest
	// IsKey is set for a private key.
	IsKey bool
	// Type is what the block says it is: CERTIFICATE.
	Type string
	// Broken is set if the block says that it is a certificate or a request, and cannot be
	// read as one.
	Broken bool
}

const (
	// maxText is the size up to which a text is read, in bytes.
	maxText = 4 << 20
	// maxBlocks limits the blocks of a text.
	maxBlocks = 1000
	// maxNested limits the pieces of base64 within a text.
	maxNested = 100
)

// encodedMark is how base64 of "-----BEGIN" begins.
const encodedMark = "LS0tLS1CRUdJTi"

// MayBeIn is a fast test that most texts fail.
func MayBeIn(text string) bool {
	return strings.Contains(text, "-----BEGIN ") || strings.Contains(text, encodedMark) ||
		len(text) > 200 && !strings.ContainsAny(text, " {}") // base64 of a file with base64 in it
}

// In lists the blocks of PEM in a text. The text may be PEM, base64 of it, or a file such
// as a kubeconfig with base64 in it, and base64 of such a file.
func In(text string) []Found {
	if len(text) > maxText || !MayBeIn(text) {
		return nil
	}
	if l := InPEM(text); len(l) > 0 {
		return l
	}
	if raw, ok := decode(text); ok {
		if l := InPEM(string(raw)); len(l) > 0 {
			return atNoLine(l)
		}
		return atNoLine(nested(string(raw)))
	}
	return nested(text)
}

// decode reads base64. ok is false if the text is none.
func decode(text string) ([]byte, bool) {
	raw, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	return raw, err == nil && len(raw) > 0
}

var encoded = regexp.MustCompile(encodedMark + `[A-Za-z0-9+/]+={0,2}`)

// nested finds base64 of PEM within a text.
func nested(text string) []Found {
	if !strings.Contains(text, encodedMark) {
		return nil
	}
	var l []Found
	line, from := 1, 0
	for _, at := range encoded.FindAllStringIndex(text, maxNested) {
		line += strings.Count(text[from:at[0]], "\n")
		from = at[0]
		if raw, ok := decode(text[at[0]:at[1]]); ok {
			for _, f := range InPEM(string(raw)) {
				f.Line, f.Index = line, len(l)
				l = append(l, f)
			}
		}
	}
	return l
}

func atNoLine(l []Found) []Found {
	for i := range l {
		l[i].Line = 0
	}
	return l
}

// InPEM lists the blocks of a text in PEM. Text between them is skipped, as OpenSSL and Go
// do.
func InPEM(text string) []Found {
	rest := []byte(text)
	var l []Found
	line := 1
	for len(l) < maxBlocks {
		begin := bytes.Index(rest, []byte("-----BEGIN "))
		if begin < 0 {
			return l
		}
		line += bytes.Count(rest[:begin], []byte("\n"))
		rest = rest[begin:]
		block, after := pem.Decode(rest)
		if block == nil {
			// Base64 that is damaged, or text that only looks like PEM.
			f, size := broken(rest)
			f.Line, f.Index = line, len(l)
			if f.Broken {
				l = append(l, f)
			}
			line += bytes.Count(rest[:size], []byte("\n"))
			rest = rest[size:]
			continue
		}
		if skipped := skippedBy(rest, block); skipped > 0 {
			f, _ := broken(rest)
			f.Line, f.Index = line, len(l)
			if f.Broken {
				l = append(l, f)
			}
			line += bytes.Count(rest[:skipped], []byte("\n"))
			rest = rest[skipped:]
			continue
		}
		f := read(block)
		f.Line, f.Index = line, len(l)
		l = append(l, f)
		line += bytes.Count(rest[:len(rest)-len(after)], []byte("\n"))
		rest = after
	}
	return l
}

// skippedBy is how much pem.Decode skipped before a block: it passes over damaged ones.
func skippedBy(rest []byte, block *pem.Block) int {
	mark := []byte("-----BEGIN " + block.Type + "-----")
	if bytes.HasPrefix(rest, mark) && !isDamaged(rest) {
		return 0
	}
	next := bytes.Index(rest[1:], []byte("-----BEGIN "))
	return next + 1
}

// isDamaged reports whether the first block of a text has no end before the next begins.
func isDamaged(rest []byte) bool {
	end := bytes.Index(rest, []byte("-----END "))
	next := bytes.Index(rest[1:], []byte("-----BEGIN "))
	if end < 0 || next >= 0 && next+1 < end {
		return true
	}
	block, _ := pem.Decode(rest[:min(len(rest), end+200)])
	return block == nil
}

// broken says what a block claims to be that cannot be decoded, and how long it is.
func broken(rest []byte) (f Found, size int) {
	first, _, _ := bytes.Cut(rest, []byte("\n"))
	name := strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(string(first)), "-----BEGIN "), "-----")
	f.Type = name
	f.Broken = isCertificate(name) || isRequest(name)
	size = len("-----BEGIN ")
	if next := bytes.Index(rest[size:], []byte("-----BEGIN ")); next >= 0 {
		return f, size + next
	}
	return f, len(rest)
}

// read reads a block.
func read(block *pem.Block) Found {
	f := Found{Type: block.Type}
	var err error
	switch {
	case isCertificate(block.Type):
		f.Certificate, err = x509.ParseCertificate(block.Bytes)
	case isRequest(block.Type):
		f.Request, err = x509.ParseCertificateRequest(block.Bytes)
	case strings.HasSuffix(block.Type, "PRIVATE KEY"):
		f.IsKey = true
	}
	f.Broken = err != nil
	return f
}

func isCertificate(name string) bool {
	return name == "CERTIFICATE" || name == "X509 CERTIFICATE" || name == "TRUSTED CERTIFICATE"
}

func isRequest(name string) bool {
	return name == "CERTIFICATE REQUEST" || name == "NEW CERTIFICATE REQUEST"
}

// IsRoot reports whether a certificate is one of an authority that signed itself.
func IsRoot(c *x509.Certificate) bool {
	return c.IsCA && bytes.Equal(c.RawIssuer, c.RawSubject)
}

// Name is how messages call a certificate: its common name, else its first DNS name, else
// its first organization.
func Name(commonName string, dnsNames, organizations []string) string {
	switch {
	case commonName != "":
		return commonName
	case len(dnsNames) > 0:
		return dnsNames[0]
	case len(organizations) > 0:
		return organizations[0]
	}
	return "no name"
}
