package controlplane

import (
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/controlplane"
)

// APIServerIdentityProvider reports API servers that have neither --authentication-config nor
// --oidc-issuer-url nor --authentication-token-webhook-config-file, and AuthenticationConfigurations
// without an issuer of tokens.
//
// People then log in with client certificates, which cannot be revoked, or with tokens of service
// accounts, which several people share. No access can be withdrawn before the certificate ends.
//
// A proxy in front of the API server may authenticate people instead. Only the strict profile reports
// it.
var APIServerIdentityProvider = &lint.Rule{
	ID:        "api-server-identity-provider",
	Title:     "API server knows no identity provider",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"auth-identity-provider"},
	Refs:      controls("3.1.1", "3.1.2"),
	Fix:       "set --authentication-config, or --oidc-issuer-url and --oidc-client-id",
	Check:     lint.Checks{controlplane.Each(checkProvider), lint.ObjectCheck(checkIssuers)},
}

func checkProvider(p *lint.Pass, c *controlplane.Component) {
	if c.Program != controlplane.APIServer || !c.Decides() {
		return
	}
	providers := []string{"authentication-config", "oidc-issuer-url", "authentication-token-webhook-config-file"}
	if !slices.ContainsFunc(providers, func(flag string) bool { return c.Lookup(flag, "").State != controlplane.Unset }) {
		p.Report(c.Diagnostic(c.Where, "without --authentication-config and --oidc-issuer-url; want one of the two"))
	}
}

func checkIssuers(p *lint.Pass, o *lint.Object) {
	if issuers := o.Root.Get("jwt"); o.Is("apiserver.config.k8s.io", "AuthenticationConfiguration") && issuers.IsKnown() && issuers.Len() == 0 {
		p.Report(lint.Diagnostic{Object: o, At: issuers, Message: o.Kind + " has no issuer in jwt; want one"})
	}
}
