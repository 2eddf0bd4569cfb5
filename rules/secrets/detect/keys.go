package detect

import (
	"encoding/base64"
	"strings"

	"github.com/kubevet/kubevet/lint/certificate"
)

const (
	begin = "-----BEGIN "
	// encodedBegin is how base64 of it begins.
	encodedBegin = "LS0tLS1CRUdJTi"
)

// privateKey looks for private keys in PEM, and for PEM in base64.
func privateKey(s string) Verdict {
	if v := pemKey(s); v.Found() {
		return v
	}
	for rest := s; ; {
		i := strings.Index(rest, encodedBegin)
		if i < 0 {
			return Verdict{}
		}
		var text string
		if text, rest = encodedPEM(rest[i:]); strings.Contains(text, "PRIVATE KEY") {
			if v := privateKey(text); v.Found() {
				return v
			}
		}
	}
}

// pemKey looks for private keys in PEM.
func pemKey(s string) Verdict {
	for rest := s; ; {
		i := strings.Index(rest, begin)
		if i < 0 {
			return Verdict{}
		}
		rest = rest[i+len(begin):]
		label, body, ok := strings.Cut(rest[:min(len(rest), maxKey)], "-----")
		if !ok || !strings.Contains(label, "PRIVATE KEY") || len(label) > 40 {
			continue
		}
		body, _, _ = strings.Cut(body, "-----END")
		body, _, _ = strings.Cut(body, begin) // each part of the text is read once
		if distinct(body) < 12 || !certificate.HoldsKey(label, body) {
			continue
		}
		if isServiceAccount(s) {
			return googleKey
		}
		return Verdict{Kind: PrivateKey, What: keyName(label)}
	}
}

// encodedPEM decodes the base64 at the start of a text, which may go on in the next lines, and
// gives the text after it. What cannot be decoded after it is left out.
func encodedPEM(s string) (text, rest string) {
	var b strings.Builder
	for first := true; first || !strings.HasPrefix(s, encodedBegin); first = false {
		word := run(s, base64Set)
		b.WriteString(word)
		s = s[len(word):]
		next := strings.TrimLeft(s, " \t\r\n")
		if strings.HasSuffix(word, "=") || next == "" || !strings.Contains(s[:len(s)-len(next)], "\n") || !base64Set(next[0]) {
			break
		}
		s = next
	}
	raw := []byte(standardBase64.Replace(strings.TrimRight(b.String(), "=")))
	n, _ := base64.RawStdEncoding.Decode(raw, raw) // up to what is none
	return string(raw[:n]), s
}

// maxKey limits how long a private key may be, so that a text of many beginnings
// is not read many times.
const maxKey = 16 << 10

// googleKey is the verdict on the private key of a Google service account.
var googleKey = Verdict{Kind: CloudKey, What: "a Google service account key"}

// isServiceAccount reports the JSON file in which Google hands out the key of a
// service account.
func isServiceAccount(text string) bool {
	return strings.Contains(text, `"service_account"`) && strings.Contains(text, `"private_key"`)
}

func keyName(label string) string {
	switch {
	case strings.HasPrefix(label, "OPENSSH"):
		return "an SSH private key"
	case strings.HasPrefix(label, "PGP"):
		return "a PGP private key"
	case strings.HasPrefix(label, "ENCRYPTED"):
		return "an encrypted private key"
	}
	return "a private key"
}

// key judges the private key that begins on the first line of a text.
func (f file) key(text string) Verdict {
	at := strings.Index(text, "PRIVATE KEY")
	if next := strings.Index(text[at:], begin); next >= 0 { // that of another line
		text = text[:at+next]
	}
	v := privateKey(text[:min(len(text), maxKey)])
	if f.account && v.Found() {
		return googleKey
	}
	return v
}

// format judges what is recognised under any name in a line, or in the base64 that begins in it. The rest is the text
// from there on: base64 may go on in the next lines.
func (f file) format(rest, line string) (v Verdict) {
	if f.known {
		v = known(line)
	}
	if v.Found() || !strings.Contains(line, encodedBegin) {
		return v
	}
	return f.encodedKey(rest)
}

func (f file) encodedKey(text string) Verdict {
	i := strings.Index(text, encodedBegin)
	plain, _ := encodedPEM(text[i:min(len(text), i+maxEncoded)])
	v := privateKey(plain)
	if f.account && v.Found() {
		return googleKey
	}
	return v
}

// maxEncoded limits the base64 of several lines, which may hold certificates beside a key.
const maxEncoded = 1 << 16
