package detect

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"testing"
)

// A server that signs its own certificate is no authority, whatever "openssl req -x509" marks it as.
func TestIsAuthority(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, issuer string
		usage        x509.KeyUsage
		hosts        []string
		isCA, want   bool
	}{
		{"shop.example.com", "", 0, nil, true, false},
		{"*.shop.example.com", "", 0, nil, true, false},
		{"localhost", "", 0, nil, true, false},
		{"shop", "", x509.KeyUsageDigitalSignature, []string{"shop.svc"}, true, false},
		{"shop.example.com", "", 0, nil, false, false},
		{"shop.example.com", "", x509.KeyUsageCertSign, nil, true, true},
		{"shop.example.com", "Example Root", 0, nil, true, true},
		{"Example Root v1.2", "", 0, nil, true, true},
		{"root", "", 0, nil, true, true},
	} {
		c := &x509.Certificate{
			SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: tt.name}, DNSNames: tt.hosts,
			KeyUsage: tt.usage, IsCA: tt.isCA, BasicConstraintsValid: true,
		}
		parent := c
		if tt.issuer != "" {
			parent = &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: tt.issuer}}
		}
		der, err := x509.CreateCertificate(rand.Reader, c, parent, key.Public(), key)
		if err != nil {
			t.Fatal(err)
		}
		text := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
		if got, want := IsOnlyMarked(text), tt.isCA && tt.usage == 0 && tt.issuer == ""; got != want {
			t.Errorf("%s of %q is only marked: %t; want %t", tt.name, tt.issuer, got, want)
		}
		if got := IsAuthority(text); got != tt.want {
			t.Errorf("%s of %q: %t; want %t", tt.name, tt.issuer, got, tt.want)
		}
	}
}
