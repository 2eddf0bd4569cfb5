// Package certificate finds X.509 certificates, requests for them, and private keys in
// texts: in PEM, and in base64 of PEM as Secrets and kubeconfigs have it; and in files in DER.
//
// It verifies nothing, and keeps nothing of a private key but that it is there. All
// functions are safe for concurrent use.
package certificate

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"regexp"
	"strings"
)

// Found is one block of PEM.
type Found struct {
	// Line is where the block begins in the text, counted from 1.
	Line int
	// Decoded is the text of which Line is a line, if what was read is base64 of it, also twice. It is empty for the text
	// itself.
	Decoded string
	// Index counts the blocks of the text from 0.
	Index int
	// Certificate is set for a certificate.
	Certificate *x509.Certificate
	// Request is set for a request for a certificate.
	Request *x509.CertificateRequest
	// IsKey is set for a private key.
	IsKey bool
	// IsDER is set if the block is a file in DER, which has no lines.
	IsDER bool
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
	raw, ok := decode(text)
	if !ok {
		return nested(text)
	}
	l := InPEM(string(raw))
	if len(l) == 0 {
		again, _ := decode(string(raw))
		if l = InPEM(string(again)); len(l) > 0 {
			raw = again
		} else {
			l = nested(string(raw))
		}
	}
	for i := range l {
		l[i].Decoded = string(raw)
	}
	return l
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

// InPEM lists the blocks of a text in PEM. Text between them is skipped, as OpenSSL and Go
// do.
func InPEM(text string) []Found {
	var l []Found
	line := 1
	for len(l) < maxBlocks {
		begin := strings.Index(text, beginMark)
		if begin < 0 {
			return l
		}
		before := text[strings.LastIndexByte(text[:begin], '\n')+1 : begin]
		line += strings.Count(text[:begin], "\n")
		text = text[begin:]
		size := sizeOf(text)
		f, ok := block(before, text[:size])
		if f.Line, f.Index = line, len(l); ok {
			l = append(l, f)
		}
		line += strings.Count(text[:size], "\n")
		text = text[size:]
	}
	return l
}

const beginMark, endMark = "-----BEGIN ", "-----END "

// sizeOf is the length of the block at the start of a text: up to the end of its last line,
// or to the next block if it has no last line.
func sizeOf(text string) int {
	next := strings.Index(text[1:], beginMark) + 1
	if next == 0 {
		next = len(text)
	}
	end := strings.Index(text[:next], endMark)
	if end < 0 {
		return next
	}
	if newline := strings.IndexByte(text[end:next], '\n'); newline >= 0 {
		return end + newline + 1
	}
	return next
}

// block reads one block, which can be indented. before is what its first line has before it.
// ok is false if it is none: a text that only looks like PEM, a comment, or a block within a
// text of a form that is not known.
func block(before, text string) (f Found, ok bool) {
	if strings.HasPrefix(strings.TrimSpace(before), "#") {
		return f, false
	}
	text = strings.ReplaceAll(text, "\n"+before, "\n")
	if name, blank := isBlank(text); blank {
		return Found{Type: name}, true
	}
	if b, _ := pem.Decode([]byte(text)); b != nil {
		return read(b), true
	}
	if strings.TrimSpace(before) != "" {
		return f, false
	}
	first, _, _ := strings.Cut(text, "\n")
	f.Type = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(first), beginMark), "-----")
	f.Broken = isCertificate(f.Type) || isRequest(f.Type)
	return f, f.Broken
}

// maxWord is longer than most words, and shorter than a line of PEM.
const maxWord = 24

// isBlank reports a block of a type that has nothing in it yet, such as its first line alone, or what stands for the rest: dots, a placeholder,
// a sentence for people.
func isBlank(text string) (name string, ok bool) {
	name, rest, isLine := strings.Cut(strings.TrimPrefix(text, beginMark), "-----")
	body, _, hasEnd := strings.Cut(rest, endMark)
	if !isLine || !hasEnd && strings.TrimSpace(rest) != "" || len(name) > maxWord {
		return "", false
	}
	words := strings.Fields(body)
	if len(words) == 0 {
		return name, true
	}
	for _, mark := range [...]string{"...", "\u2026", "***", "<", "[", "{"} { // none of these is in base64
		if strings.Contains(body, mark) {
			return name, true
		}
	}
	short := true
	for _, w := range words {
		if strings.Trim(w, "xX") == "" && len(w) > 2 {
			return name, true
		}
		short = short && len(w) <= maxWord
	}
	return name, short && len(words) > 2
}

// InFile lists the blocks of a file: of PEM, or the one of DER.
func InFile(data string) []Found {
	if f, ok := inDER(data); ok {
		return []Found{f}
	}
	return InPEM(data)
}

// IsDER reports whether a file is a certificate, a request or a private key in DER, or begins
// as one.
func IsDER(data []byte) bool {
	if len(data) > maxText {
		return false
	}
	_, ok := inDER(string(data))
	return ok
}

// sequence is the first byte of a certificate, a request or a key in DER.
const sequence = 0x30

// inDER reads a file in DER. Ok is false if it is none.
func inDER(data string) (f Found, ok bool) {
	if len(data) < 2 || data[0] != sequence || strings.Contains(data, beginMark) {
		return f, false
	}
	// DER gives long lengths in up to four bytes; text has none such as its second byte.
	if data[1] < 0x80 || data[1] > 0x84 {
		return f, false
	}
	f.Line, f.IsDER = 1, true
	raw := []byte(data)
	if c, err := x509.ParseCertificate(raw); err == nil {
		f.Type, f.Certificate = "CERTIFICATE", c
		return f, true
	}
	if r, err := x509.ParseCertificateRequest(raw); err == nil {
		f.Type, f.Request = "CERTIFICATE REQUEST", r
		return f, true
	}
	if isKey(raw) {
		f.Type, f.IsKey = "PRIVATE KEY", true
		return f, true
	}
	f.Type, f.Broken = "CERTIFICATE", true
	return f, mayBeCertificate(raw)
}

// mayBeCertificate reports whether bytes begin as a certificate does: a sequence in a sequence,
// and then its version or its number. PKCS #7, PKCS #12 and encrypted keys begin in other ways.
func mayBeCertificate(raw []byte) bool {
	for range 2 {
		if len(raw) < 2 || raw[0] != sequence {
			return false
		}
		header := 2
		if raw[1] >= 0x80 {
			header += int(raw[1] & 0x7f)
		}
		if len(raw) <= header {
			return false
		}
		raw = raw[header:]
	}
	return raw[0] == 0xa0 || raw[0] == 0x02
}

// read reads a block.
func read(b *pem.Block) Found {
	f := Found{Type: b.Type}
	var err error
	switch {
	case isCertificate(b.Type):
		f.Certificate, err = x509.ParseCertificate(b.Bytes)
	case isRequest(b.Type):
		f.Request, err = x509.ParseCertificateRequest(b.Bytes)
	case strings.HasSuffix(b.Type, "PRIVATE KEY"):
		f.IsKey = b.Headers["Proc-Type"] != "" || isKeyOf(b.Type, b.Bytes)
	}
	f.Broken = err != nil && string(b.Bytes) != standIn && !hasParts(b.Bytes)
	return f
}

// hasParts reports the three parts of a certificate or request: content, algorithm and signature. Some
// that Go does not read are in use, such as authorities with a negative serial number.
func hasParts(der []byte) bool {
	var parts struct {
		Content   asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	rest, err := asn1.Unmarshal(der, &parts)
	return err == nil && len(rest) == 0
}

// standIn is what is within the certificates that render/helm prints for those that a
// chart generates: each time others, so that they cannot be judged.
const standIn = "FIXED"

func isCertificate(name string) bool {
	return name == "CERTIFICATE" || name == "X509 CERTIFICATE" || name == "TRUSTED CERTIFICATE"
}

func isRequest(name string) bool {
	return name == "CERTIFICATE REQUEST" || name == "NEW CERTIFICATE REQUEST"
}

// IsRoot reports whether a certificate is one of an authority that signed itself. Version 1 of
// X.509 cannot say which certificates are of authorities: clients trust such as roots.
func IsRoot(c *x509.Certificate) bool {
	return (c.IsCA || c.Version == 1) && bytes.Equal(c.RawIssuer, c.RawSubject)
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
