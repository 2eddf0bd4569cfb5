package secrets

import "github.com/kubevet/kubevet/lint"

// NoSecretInArgs reports containers whose command, arguments, probes or hooks hold a
// credential.
//
// Besides the repository and the pod's specification, a command line is in the process
// table: every process of the pod, and every agent on the node, can read it, and runtimes
// and audit systems log it.
//
// Flags (--password=…, --password …), assignments, URLs with passwords, and the flags by
// which well-known programs take passwords are looked at, in lists of words and in scripts
// for a shell; so are the headers of HTTP probes. References such as $(NAME), placeholders,
// paths and names are fine. Passwords that everybody tries first are reported by
// no-default-password, and keys of cloud providers by no-static-cloud-credentials. Messages and source lines are masked.
var NoSecretInArgs = &lint.Rule{
	ID:        "no-secret-in-args",
	Title:     "Command line holds a credential",
	Severity:  lint.High,
	Profile:   lint.Recommended,
	Checklist: []string{"secrets-no-configmap-secrets", "infra-secrets-management"},
	Refs:      []lint.Ref{{Standard: nsa, Control: "Secrets"}},
	Fix:       "let the program read the value from a file of a mounted Secret, and replace the credential: it was published",
	Check:     report("it from a Secret"),
}
