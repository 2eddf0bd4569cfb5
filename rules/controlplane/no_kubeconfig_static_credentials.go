package controlplane

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// NoKubeconfigStaticCredentials reports users of kubeconfigs with a token, a password or a private key
// in the file.
//
// Anyone who can read the file is that user until the credential ends, which tokens of service
// accounts from Secrets never do, and client certificates cannot be revoked.
//
// Kubeconfigs are found as objects of kind Config, also within Secrets and ConfigMaps. In a Secret a
// client certificate has low severity: operators and Cluster API keep their access so. Paths to files,
// exec plugins and placeholders are no credentials. Values are not printed.
var NoKubeconfigStaticCredentials = &lint.Rule{
	ID:        "no-kubeconfig-static-credentials",
	Title:     "Kubeconfig holds credentials",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"auth-identity-provider", "auth-certificate-management"},
	Refs:      controls("3.1.1", "3.1.2"),
	Fix:       "remove the credentials, which were published, and let an exec plugin get short-lived ones from an identity provider",
	Check:     lint.ObjectCheck(checkCredentials),
}

// staticFields are the fields of a user that hold a credential.
var staticFields = []struct{ field, what string }{
	{"token", "a token"},
	{"password", "a password"},
	{"client-key-data", "a private key"},
	{"auth-provider.config.access-token", "an access token"},
	{"auth-provider.config.id-token", "an ID token"},
	{"auth-provider.config.refresh-token", "a refresh token"},
	{"auth-provider.config.client-secret", "a client secret"},
}

func checkCredentials(p *lint.Pass, o *lint.Object) {
	for _, k := range kubeconfigs(p, o) {
		isExample := k.isExample()
		for user := range k.root.Get("users").Items() {
			for _, f := range staticFields {
				v := user.Get("user").Get(f.field)
				if !v.IsScalar() || !v.IsKnown() || v.Text() == "" || isFiller(v.Text()) || isExample && len(v.Text()) < minIssued {
					continue
				}
				what := f.what
				if f.field == "token" && isServiceAccountToken(v.Text()) {
					what = "the token of a service account"
				}
				d := k.diagnostic(v, "holds "+what+" of user "+strconv.Quote(user.Get("name").Text())+"; want an exec plugin")
				d.Secret = true
				d.Severity = lint.Low.If(f.field == "client-key-data" && o.IsSecret())
				p.Report(d)
			}
		}
	}
}

// minIssued is the minimum length of a credential that a cluster issues. Shorter ones are words, and those of a kubeconfig for no
// cluster are examples.
const minIssued = 20

// isFiller reports texts that are no credential: REDACTED and DATA+OMITTED are what kubectl
// prints, a row of one character is an example.
func isFiller(text string) bool {
	switch strings.ToUpper(text) {
	case "REDACTED", "DATA+OMITTED", "REDACTED+":
		return true
	}
	return len(text) > 2 && strings.Trim(text, text[:1]) == ""
}

// isServiceAccountToken reports a JSON web token whose subject is a service account.
func isServiceAccountToken(text string) bool {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return false
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	return err == nil && strings.Contains(string(payload), "system:serviceaccount:")
}
