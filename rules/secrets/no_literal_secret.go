package secrets

import (
	"github.com/kubevet/kubevet/lint"
)

// NoLiteralSecret reports Secrets whose manifest holds a credential, in base64 or as it is.
//
// Base64 hides nothing. Anyone who can read the repository, a fork, a backup of it or the rendered
// release has the credential, and it stays in the history after it is taken out.
//
// Values are decoded and judged: private keys, tokens of known formats, URLs with passwords,
// password hashes, key stores, passwords, and what looks random. User names, hosts, ports,
// certificates, empty values, placeholders and references to a vault are fine, and so are
// values that a chart generates when it is installed. SealedSecrets, ExternalSecrets,
// SecretProviderClasses and what SOPS has encrypted hold no literal. Passwords that everybody
// tries first are reported by no-default-password, keys of cloud providers by
// no-static-cloud-credentials, the keys of TLS Secrets by no-inline-tls-secret, and Secrets of
// tokens by no-token-secret. A password, or the hash of
// one, is medium: its form does not prove that it is in use. One that a chart's ci/*-values.yaml sets is fine: only the
// tests of the chart use it. Messages and source lines are masked.
var NoLiteralSecret = &lint.Rule{
	ID:        "no-literal-secret",
	Title:     "Secret is written in a manifest",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-secrets-management", "infra-vaults", "secrets-external-injection"},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.4.2"},
		{Standard: nsa, Control: "Secrets"},
	},
	Fix: "let an ExternalSecret, a SealedSecret, a SecretProviderClass or SOPS supply the value, and replace the credential: it was published",
	Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		for _, s := range spots(p, o) {
			if s.rule() != p.Rule.ID || s.isForChartTest(p, o) {
				continue
			}
			d := s.diagnostic(o, "it from a vault or encrypted")
			if s.isUnproved() {
				d.Severity, d.Fix.Title = lint.Medium, ifReal(p.Rule.Fix)
			}
			p.Report(d)
		}
	}),
}
