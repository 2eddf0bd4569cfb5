package secrets

import "github.com/kubevet/kubevet/lint"

// NoSecretInConfigMap reports ConfigMaps that hold a credential: a private key, a token
// of a known format, a URL or connection string with a password, or a password or random
// key under a name that says so.
//
// Anyone who may read the ConfigMaps of a namespace reads the credential. That is many more than
// those who may read its Secrets: the roles view and edit allow it, ConfigMaps are not
// encrypted at rest by default, and dashboards, backups and logs show them.
//
// The value is judged, not the key alone. Keys are looked at in data and binaryData, and
// within values that are files: properties, environment files, JSON, YAML, INI, scripts.
// Empty values, placeholders, references to a vault, variables, paths, URLs without
// credentials, names, numbers, certificates and public keys are fine, and so is what SOPS
// has encrypted. Passwords that everybody tries first are reported by no-default-password, and
// keys of cloud providers by no-static-cloud-credentials. The hash of a password is medium: it has to be guessed first. Messages and source lines are masked.
var NoSecretInConfigMap = &lint.Rule{
	ID:        "no-secret-in-config-map",
	Title:     "ConfigMap holds a credential",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"secrets-no-configmap-secrets"},
	Refs:      []lint.Ref{{Standard: nsa, Control: "Secrets"}},
	Fix:       "move the value to a Secret that a vault or an encrypted file supplies, and replace the credential: it was published",
	Check:     report("it in a Secret"),
}
