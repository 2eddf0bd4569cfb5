package session

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"os"
	"testing"
	"time"

	"github.com/kubevet/kubevet/lint"
)

// A certificate in DER is judged, and its finding is at the file: it has no lines, and none is
// shown.
func TestDER(t *testing.T) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "admin", Organization: []string{"system:masters"}},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, k.Public(), k)
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	for _, name := range []string{"a.der", "b.cer", "c.crt"} {
		if err := os.WriteFile(name, der, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r, err := New(Options{Jobs: 1, Rules: []string{"no-system-masters-certificate"}}).Lint(t.Context(), []string{"."})
	if err != nil {
		t.Fatal(err)
	}
	report := r.Report()
	if len(report.Findings) != 3 {
		t.Fatalf("%d findings, want one for each file", len(report.Findings))
	}
	for _, f := range report.Findings {
		if f.Origin.Line != 0 || f.Origin.Text != "" || f.Origin.Precision != lint.PrecisionFile {
			t.Errorf("%s: line %d, text %q, precision %s", f.Origin.File, f.Origin.Line, f.Origin.Text, f.Origin.Precision)
		}
	}
}
