package secrets

import "github.com/kubevet/kubevet/lint"

// NoDefaultPassword reports passwords that everybody tries first, such as changeme, admin or
// 12345, in ConfigMaps, Secrets, variables, command lines, annotations and other fields, and in
// URLs within them.
//
// Anyone who reaches the service gets in: such passwords are on every list that scanners and
// worms try, and those of public charts are published with the chart.
//
// Only values whose name says password, key or token are reported, and the variables by which images of databases let their administrator, or
// every user, in without a password. The name of the user beside it is such a password, too. A word such as
// changeme for a credential that another service issues, as client secrets, API keys and access tokens are, is a placeholder: it opens
// nothing. So is a client secret that is the client's ID, and the value of a name with fake or dummy, unless it is random. A chart's default that
// must be overridden is reported as well: nothing makes the user override it. Medium, because
// it may be meant for a test. Placeholders in angle brackets, or that start with your, such as yourStorePassword, are fine,
// so is the password of a trust store, which holds certificates that are public, and so is what a chart's ci/*-values.yaml sets: only the tests of the chart use it.
var NoDefaultPassword = &lint.Rule{
	ID:        "no-default-password",
	Title:     "Password is a default that everybody tries",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{"infra-secrets-management"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Secrets"},
	},
	Fix: "generate the password when the application is installed, or require that the user supplies a Secret",
	Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		report("one that cannot be guessed")(p, o)
		for _, w := range o.Workloads {
			for _, c := range w.Containers {
				reportNoPassword(p, o, c)
			}
		}
	}),
}
