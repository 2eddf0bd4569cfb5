package certificate

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"
)

// made is a certificate and its key, in PEM.
func made(t *testing.T) (cert, key string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "a"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1, 0), IsCA: true, BasicConstraintsValid: true,
	}
	b, err := x509.CreateCertificate(rand.Reader, c, c, k.Public(), k)
	if err != nil {
		t.Fatal(err)
	}
	bytes, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: b})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: bytes}))
}

// negative is a certificate with a negative serial number, which Go does not read.
func negative(t *testing.T) string {
	t.Helper()
	cert, _ := made(t)
	block, _ := pem.Decode([]byte(cert))
	serial := []byte{2, 1, 1} // INTEGER 1
	i := strings.Index(string(block.Bytes), string(serial))
	block.Bytes[i+2] = 0xff
	if _, err := x509.ParseCertificate(block.Bytes); err == nil {
		t.Fatal("Go reads it")
	}
	return string(pem.EncodeToMemory(block))
}

func TestIn(t *testing.T) {
	cert, key := made(t)
	b64 := base64.StdEncoding.EncodeToString
	damaged := strings.Replace(cert, "MII", "!II", 1)
	cut := cert[:len(cert)/2] + "\n"
	wrong := "-----BEGIN CERTIFICATE-----\naGVsbG8=\n-----END CERTIFICATE-----\n"
	lines := strings.Count(cert, "\n")
	kubeconfig := "a: 1\nusers:\n- user:\n    client-certificate-data: " + b64([]byte(cert)) + "\n"
	for _, tt := range []struct {
		name, text string
		// want is a letter for each block, c, k, b for a broken one or a dash, and its line.
		want  string
		lines []int
	}{
		{"one", cert, "c", []int{1}},
		{"a chain with text before", "subject=a\n" + cert + "\n" + cert, "cc", []int{2, 3 + lines}},
		{"with its key", cert + key, "ck", []int{1, 1 + lines}},
		{"damaged, then a good one", damaged + cert, "bc", []int{1, 1 + lines}},
		{"cut off, then a good one", cut + cert, "bc", []int{1, 1 + strings.Count(cut, "\n")}},
		{"no certificate in it", wrong, "b", []int{1}},
		{"one with a negative serial number", negative(t), "-", []int{1}},
		{"what stands for one that a chart generates", strings.Replace(wrong, "aGVsbG8=", "RklYRUQ=", 1), "-", []int{1}},
		{"indented", "ca: |\n  " + strings.ReplaceAll(cert, "\n", "\n  "), "c", []int{2}},
		{"empty", frame(""), "-", []int{1}},
		{"a placeholder", frame("...\n"), "-", []int{1}},
		{"a placeholder that is wrapped", frame("<base64>\n"), "-", []int{1}},
		{"an abbreviated one", frame("MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJ\n...\n"), "-", []int{1}},
		{"crosses", frame("XXXXXXXXXXXX\n"), "-", []int{1}},
		{"words", frame("paste the certificate here\n"), "-", []int{1}},
		{"an empty one in base64", b64([]byte(frame(""))), "-", []int{1}},
		{"indented, damaged", "ca: |\n  " + strings.ReplaceAll(damaged, "\n", "\n  "), "b", []int{2}},
		{"in a comment", "#   ca: |\n#     " + strings.ReplaceAll(damaged, "\n", "\n#     "), "", nil},
		{"behind a key that is not known", "ca = " + damaged, "", nil},
		{"base64", b64([]byte(cert)), "c", []int{1}},
		{"base64 of base64", b64([]byte(b64([]byte("a\n" + cert)))), "c", []int{2}},
		{"base64 in lines", b64([]byte(cert))[:60] + "\n" + b64([]byte(cert))[60:], "c", []int{1}},
		{"kubeconfig", kubeconfig, "c", []int{4}},
		{"base64 of a kubeconfig", b64([]byte(kubeconfig)), "c", []int{4}},
		{"text", "BEGIN CERTIFICATE", "", nil},
		{"its first line alone", "-----BEGIN CERTIFICATE-----\n", "-", []int{1}},
		{"a mark alone", "-----BEGIN ", "", nil},
	} {
		got, at := "", []int(nil)
		for i, f := range In(tt.text) {
			switch {
			case f.Broken:
				got += "b"
			case f.Certificate != nil:
				got += "c"
			case f.IsKey:
				got += "k"
			default:
				got += "-"
			}
			at = append(at, f.Line)
			if f.Decoded != "" || strings.HasPrefix(tt.name, "base64") {
				text := f.Decoded
				if lines := strings.Split(text, "\n"); f.Line > len(lines) || !strings.Contains(lines[f.Line-1], "LS0tLS1CRUdJTi") && !strings.HasPrefix(lines[f.Line-1], "-----BEGIN") {
					t.Errorf("%s: no block at line %d of %q", tt.name, f.Line, text)
				}
			}
			if f.Index != i {
				t.Errorf("%s: block %d has the index %d", tt.name, i, f.Index)
			}
		}
		if got != tt.want || !slices.Equal(at, tt.lines) {
			t.Errorf("%s: %q at %v; want %q at %v", tt.name, got, at, tt.want, tt.lines)
		}
	}
	if c := In(cert)[0].Certificate; !IsRoot(c) {
		t.Error("an authority that signed itself is a root")
	}
}

// frame is a certificate with a text in it.
func frame(text string) string {
	return "-----BEGIN CERTIFICATE-----\n" + text + "-----END CERTIFICATE-----\n"
}

func FuzzIn(f *testing.F) {
	f.Add("-----BEGIN CERTIFICATE-----\nMII\n-----BEGIN X-----\n-----END CERTIFICATE-----")
	f.Add(encodedMark + "AAAA")
	f.Fuzz(func(t *testing.T, text string) {
		for _, found := range In(text) {
			if found.Line < 0 || found.Line > strings.Count(text, "\n")+1 {
				t.Errorf("%q: a block at line %d", text, found.Line)
			}
		}
	})
}

// TestInFile reads files in DER as those in PEM.
func TestInFile(t *testing.T) {
	cert, key := made(t)
	der := func(text string) string {
		b, _ := pem.Decode([]byte(text))
		return string(b.Bytes)
	}
	for _, tt := range []struct {
		name, data string
		// want is as in TestIn, empty for a file that holds nothing.
		want  string
		isDER bool
	}{
		{"PEM", cert + key, "ck", false},
		{"a certificate", der(cert), "c", true},
		{"a key", der(key), "k", true},
		{"cut off", der(cert)[:200], "b", true},
		{"PKCS #7", "\x30\x82\x02\x55\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", "", false},
		{"PKCS #12", "\x30\x82\x02\x55\x02\x01\x03\x30\x82", "", false},
		{"an encrypted key", "\x30\x82\x02\x55\x30\x57\x06\x09\x2a\x86", "", false},
		{"a text", "0123456789", "", false},
		{"two bytes", "\x30\x82", "", false},
		{"nothing", "", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			for _, f := range InFile(tt.data) {
				switch {
				case f.IsKey:
					got += "k"
				case f.Broken:
					got += "b"
				case f.Certificate != nil:
					got += "c"
				}
				if f.IsDER != tt.isDER {
					t.Errorf("in DER: %t", f.IsDER)
				}
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if IsDER([]byte(tt.data)) != tt.isDER {
				t.Errorf("IsDER: %t", !tt.isDER)
			}
		})
	}
}
