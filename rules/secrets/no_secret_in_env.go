package secrets

import "github.com/kubevet/kubevet/lint"

// NoSecretInEnv reports containers with a variable whose literal value is a credential.
//
// The value is in the repository, in the rendered release, and in the pod's
// specification, which everybody who may list pods can read. Child processes inherit it,
// and crash reports print it.
//
// The value is judged, not the name alone: a private key, a token of a known format or a
// URL with a password is reported under any name, a password or random key under a name
// that says so. Variables with valueFrom, references such as $(NAME) or vault:…,
// placeholders, paths, names, switches and numbers are fine. Passwords that everybody tries
// first are reported by no-default-password, and keys of cloud providers by
// no-static-cloud-credentials. Messages and source lines are masked.
var NoSecretInEnv = &lint.Rule{
	ID:        "no-secret-in-env",
	Title:     "Environment variable holds a credential",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"secrets-no-configmap-secrets", "infra-secrets-management"},
	Refs:      []lint.Ref{{Standard: nsa, Control: "Secrets"}},
	Fix:       "take the value from a Secret with valueFrom.secretKeyRef or a mounted file, and replace the credential: it was published",
	Check:     report("valueFrom.secretKeyRef or a file"),
}
