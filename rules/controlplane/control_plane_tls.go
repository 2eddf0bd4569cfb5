package controlplane

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/controlplane"
)

// ControlPlaneTLS reports API servers, controller managers, schedulers, kubelets and members of etcd
// that accept TLS 1.0 or 1.1, or a cipher suite that Go calls insecure: with RC4, 3DES, CBC and
// SHA-256, or without forward secrecy.
//
// A recorded connection can be decrypted later by anyone who gets the server's key if a suite lacks
// forward secrecy. The other weak suites and versions let an attacker on the way read parts of a
// connection.
//
// Unset is TLS 1.2 with Go's own list of suites, which is fine. The suites of TLS 1.3 cannot be set.
var ControlPlaneTLS = &lint.Rule{
	ID:        "control-plane-tls",
	Title:     "Program of the control plane accepts weak TLS",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-tls-settings"},
	Refs:      controls("1.2.29", "4.2.12"),
	Fix:       "set the minimum version to VersionTLS12 or VersionTLS13, and remove the weak cipher suites",
	Check:     controlplane.Each(checkTLS),
}

// tlsSettings are the names of the two settings of each program.
var tlsSettings = map[controlplane.Program]struct{ version, versionField, suites, suitesField string }{
	server:    {"tls-min-version", "", "tls-cipher-suites", ""},
	manager:   {"tls-min-version", "", "tls-cipher-suites", ""},
	scheduler: {"tls-min-version", "", "tls-cipher-suites", ""},
	kubelet:   {"tls-min-version", "tlsMinVersion", "tls-cipher-suites", "tlsCipherSuites"},
	etcd:      {"tls-min-version", "", "cipher-suites", ""},
}

func checkTLS(p *lint.Pass, c *controlplane.Component) {
	names, ok := tlsSettings[c.Program]
	if !ok {
		return
	}
	if r := c.Lookup(names.version, names.versionField); r.State == controlplane.Set && slices.Contains(oldTLS, r.Text) {
		p.Report(c.Diagnostic(r.At, withSetting(c, r)+"; want VersionTLS12 or VersionTLS13"))
	}
	r := c.Lookup(names.suites, names.suitesField)
	if weak := weakSuites(r.Text); r.State == controlplane.Set && len(weak) > 0 {
		verb := "with "
		if c.IsFile() {
			verb = "accepts "
		}
		d := c.Diagnostic(r.At, verb+lint.And(weak)+" in "+r.Name+r.By()+"; want suites with ECDHE and GCM or CHACHA20")
		d.KnownPart = true // other suites may be unknown
		p.Report(d)
	}
}

// oldTLS are the names of versions before 1.2, for Kubernetes and for etcd.
var oldTLS = []string{"VersionTLS10", "VersionTLS11", "TLS1.0", "TLS1.1"}

// weakSuites lists the suites in the text of a flag that are not strong.
func weakSuites(text string) []string {
	var l []string
	for suite := range strings.SplitSeq(text, ",") {
		if suite = strings.TrimSpace(suite); suite != "" && !slices.Contains(strongSuites, suite) {
			l = append(l, suite)
		}
	}
	return l
}

// strongSuites are those that Go does not call insecure, in Go 1.26. Suites with CBC and
// SHA-1 are among them: Go's own code for these is not open to padding oracles.
var strongSuites = []string{
	"TLS_AES_128_GCM_SHA256",
	"TLS_AES_256_GCM_SHA384",
	"TLS_CHACHA20_POLY1305_SHA256",
	"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
	"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
	"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
	"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
	"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305",
	"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
	"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
	"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
	"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
	"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
	"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305",
	"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
}
