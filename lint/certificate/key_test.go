package certificate

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"testing"
)

// The keys below are made for these tests.
const (
	ed25519Key   = "MC4CAQAwBQYDK2VwBCIEIGt1YmV2ZXQ6IHRoaXMga2V5IGlzIG5vIHNlY3JldC4u"
	secp256k1Key = "MHQCAQEEIJaqwxoahCeALJ2oY4UmXB2woums2NdJhMuXv0UFgpPEoAcGBSuBBAAK\noUQDQgAEVF+fefhmY9PWvmpXRBd4g37sRfznEdGvCvbStl0A06H2AN0Y+jxO1lM2\nKxpvYdnsDTFFZ3mdK3uZtNz3kYGJTg==\n"
	encryptedKey = "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAir/YJLWUcXpQICCAAw\nDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEB/QGkkluMfuQWp4UJ0hU2YEQNm7\n" +
		"yksbGmHKR7wRnI1I0SAzfmfJ7XdaRfbDAoHuzi/u20HQsg76aMv7HFKjgKzgkrFZ\nmE8QfVqyXQWhwgbjU7Y=\n"
	legacyHeader = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,094DF11F0F6FF6D85C5D895026CEF217\n\n"
	legacyKey    = "VBBOLOt6ddR5k6LKpd6k/du0L51P6tkvToqQDIsg3/GoUq7kLnx9ifCHYrNPDU4o\nfDx7LKF/L2YlfQykKhoB5j/xj7F5Mnmh9WEiqh1OckyTCE1U2brcgZ0PV64qEVJi\nYYpex/7zETLYoctiCKT5jEqLdk4GBabg7SBwu9qc1qU=\n"
	pgpKey       = "lFgEawxrDxYJKwYBBAHaRw8BAQdAuoNgLDZlmLDKTLXn9g3ubAG+PfSM0bZ/Hyh3\nBPtyLXoAAQCMNfGUAV2+S8w1BUtIInBJaAnqxdk7rM5N/sVwccDmSg+xtAdrdWJl\n" +
		"dmV0iJYEExYIAD4WIQS0ZNYRUARhSrLCqkeyWHkdiqEkswUCawxrDwIbAwUJA8Jn\nAAULCQgHAgYVCgkICwIEFgIDAQIeAQIXgAAKCRCyWHkdiqEksxbcAQD8EIqLg2aQ\n" +
		"egPXYcE/JByIo8xF/jZKcD/0zwi0yQUVSQD+N4goq3TDfOuw59nDyI26Dt0i5rcQ\n/xKuKKMFB1RCTAw=\n=XaeM\n"
)

// openSSH is a key in the format of OpenSSH.
func openSSH(cipher string, private []byte) string {
	raw := []byte("openssh-key-v1\x00")
	add := func(s string) { raw = append(binary.BigEndian.AppendUint32(raw, uint32(len(s))), s...) }
	add(cipher)
	add("none")
	add("")
	raw = binary.BigEndian.AppendUint32(raw, 1)
	add("ssh-ed25519 public")
	add(string(private))
	return base64.StdEncoding.EncodeToString(raw)
}

func TestHoldsKey(t *testing.T) {
	made, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(made)
	if err != nil {
		t.Fatal(err)
	}
	public, err := x509.MarshalPKIXPublicKey(&made.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.StdEncoding.EncodeToString
	rsaKey, rsa8Key := encode(x509.MarshalPKCS1PrivateKey(made)), encode(pkcs8)
	ssh := openSSH("none", make([]byte, 128))
	long := []byte{0x30, 100}
	for _, tt := range []struct {
		why, label, body string
		want             bool
	}{
		{"PKCS #8", "PRIVATE KEY", ed25519Key, true},
		{"PKCS #8 of RSA", "PRIVATE KEY", rsa8Key, true},
		{"PKCS #1", "RSA PRIVATE KEY", rsaKey, true},
		{"PKCS #8 under the label of PKCS #1, which programs read", "RSA PRIVATE KEY", rsa8Key, true},
		{"SEC 1, of a curve that Go does not have", "EC PRIVATE KEY", secp256k1Key, true},
		{"encrypted PKCS #8", "ENCRYPTED PRIVATE KEY", encryptedKey, true},
		{"encrypted as OpenSSL did", "EC PRIVATE KEY", "\n" + legacyHeader + legacyKey, true},
		{"encrypted, folded", "EC PRIVATE KEY", strings.ReplaceAll(strings.ReplaceAll(legacyHeader+legacyKey, "\n\n", "\n"), "\n", " "), true},
		{"OpenSSH", "OPENSSH PRIVATE KEY", ssh, true},
		{"PGP", "PGP PRIVATE KEY BLOCK", "\n\n" + pgpKey, true},
		{"PGP with headers", "PGP PRIVATE KEY BLOCK", "\nVersion: GnuPG v2\nComment: https://example.com/\n\n" + pgpKey, true},
		{"PGP, one packet of many", "PGP PRIVATE KEY BLOCK", pgpKey[:len(pgpKey)/2], true},
		{"a format that is not known", "ENCRYPTED COSIGN PRIVATE KEY", encode([]byte(`{"kdf":{"name":"scrypt","salt":"a8Jd0c=="},"ciphertext":"x9Kq"}`)), true},

		{"lines of 20", "PRIVATE KEY", wrapped(rsa8Key, 20, "\n"), true},
		{"lines of 77", "PRIVATE KEY", wrapped(rsa8Key, 77, "\r\n"), true},
		{"indented", "PRIVATE KEY", wrapped(rsa8Key, 64, "\n    \t"), true},
		{"escaped", "PRIVATE KEY", wrapped(rsa8Key, 64, `\n`), true},
		{"escaped twice", "PRIVATE KEY", wrapped(rsa8Key, 64, `\\r\\n`), true},
		{"escaped by numbers", "PRIVATE KEY", strings.ReplaceAll(wrapped(rsa8Key, 64, `\u000A`), "+", `\u002B`), true},
		{"escaped slashes", "PRIVATE KEY", strings.ReplaceAll(wrapped(rsa8Key, 64, `\n`), "/", `\/`), true},
		{"in XML", "PRIVATE KEY", wrapped(rsa8Key, 64, "&#10;"), true},
		{"in a URL", "PRIVATE KEY", strings.ReplaceAll(wrapped(rsa8Key, 64, "%0A"), "+", "%2B"), true},
		{"commented out", "PRIVATE KEY", wrapped(rsa8Key, 64, "\n# "), true},
		{"commented out in a program", "PRIVATE KEY", wrapped(rsa8Key, 64, "\n // "), true},
		{"strings of a program", "PRIVATE KEY", wrapped(rsa8Key, 64, "\\n\" +\n  \""), true},
		{"one dash too many after it", "PRIVATE KEY", "\n" + wrapped(rsa8Key, 64, "\n") + "\n-", true},

		{"cut off", "PRIVATE KEY", rsa8Key[:1000], false},
		{"cut off, with a length that is right", "EC PRIVATE KEY", encode(append(long, make([]byte, 99)...)), false},
		{"a part left out", "RSA PRIVATE KEY", rsaKey[:300] + "\n...\n" + rsaKey[800:], false},
		{"the content of PKCS #8 is no key", "PRIVATE KEY", encode(replaced(pkcs8, len(pkcs8)/2)), false},
		{"a public key", "PRIVATE KEY", encode(public), false},
		{"random bytes", "RSA PRIVATE KEY", "Kx9fT2qLm7Rv4Zb8Wc1Hd6Jn3Ps5Gy0Q" + "Kx9fT2qLm7Rv4Zb8Wc1Hd6Jn3Ps5Gy0Q", false},
		{"OpenSSH, cut off", "OPENSSH PRIVATE KEY", ssh[:120], false},
		{"the head of OpenSSH alone", "OPENSSH PRIVATE KEY", encode([]byte("openssh-key-v1\x00")), false},
		{"another format for PGP", "PGP PRIVATE KEY BLOCK", rsaKey, false},
		{"a headline alone", "EC PRIVATE KEY", legacyHeader, false},
		{"encrypted, and cut off", "EC PRIVATE KEY", legacyHeader + legacyKey[:70], false},
		{"a template", "PRIVATE KEY", "{{ .Values.tls.key | b64dec }}", false},
		{"a variable", "PRIVATE KEY", "${TLS_KEY}", false},
		{"words", "ENCRYPTED COSIGN PRIVATE KEY", "put the key that cosign generated for you in this place", false},
		{"a program", "ENCRYPTED COSIGN PRIVATE KEY", "\") { return x1(a.B(\"Kq9\")) } if s.Has(\"key\") { return Y2(a, b, c, d, e, f) }", false},
		{"a pattern", "(?:[A-Z ]+ )?PRIVATE KEY", "Kx9fT2qLm7Rv4Zb8Wc1Hd6Jn3Ps5Gy0QKx9fT2qLm7Rv4Zb8Wc1Hd6Jn3Ps5Gy0Q", false},
		{"nothing", "PRIVATE KEY", "", false},
	} {
		if got := HoldsKey(tt.label, tt.body); got != tt.want {
			t.Errorf("%s: %t; want %t", tt.why, got, tt.want)
		}
	}
}

// wrapped is a text in lines of a width.
func wrapped(text string, width int, newline string) string {
	var b strings.Builder
	for len(text) > width {
		b.WriteString(text[:width] + newline)
		text = text[width:]
	}
	return b.String() + text
}

// replaced are bytes that are zero from a place on.
func replaced(raw []byte, from int) []byte {
	out := make([]byte, len(raw))
	copy(out, raw[:from])
	return out
}

func FuzzHoldsKey(f *testing.F) {
	for _, label := range []string{"PRIVATE KEY", "PGP PRIVATE KEY BLOCK", "OPENSSH PRIVATE KEY", "X PRIVATE KEY"} {
		for _, body := range []string{ed25519Key, secp256k1Key, legacyHeader + legacyKey, pgpKey, openSSH("none", make([]byte, 40)), "a: b"} {
			f.Add(label, body)
		}
	}
	f.Fuzz(func(_ *testing.T, label, body string) { HoldsKey(label, body) })
}
