package secrets

import (
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/rules/secrets/detect"
)

// NoDefaultPassword reports passwords that everybody tries first, such as changeme, admin or
// 12345, in ConfigMaps, Secrets, variables and command lines, and in URLs within them.
//
// Whoever reaches the service gets in: such passwords are on every list that scanners and
// worms go through, and those of public charts are published with the chart.
//
// Reported under names that announce a password, key or token only. A chart's default that
// must be overridden is reported as well: nothing makes the user override it. Low, because
// it may be meant for a test; placeholders in angle brackets, or that start with your-, are fine.
var NoDefaultPassword = &lint.Rule{
	ID:        "no-default-password",
	Title:     "Password is a default that everybody tries",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-secrets-management"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Secrets"},
	},
	Fix:   "generate the password when the application is installed, or require that the user supplies a Secret",
	Check: everywhere(func(v detect.Verdict) bool { return v.Kind == detect.Default }, "one that nobody can guess"),
}
