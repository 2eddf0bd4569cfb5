package secrets

import "github.com/kubevet/kubevet/lint"

// SecretsAsFiles reports variables that are taken from Secrets.
//
// A variable is in every child process, in crash dumps and in what debug pages and error trackers
// collect, and it keeps its value until the pod is restarted. A file is read only by the programs that open it, and
// follows the Secret when that is rotated.
//
// The rule is part of the strict profile only: many programs take their secrets from variables
// alone. env with secretKeyRef and envFrom with secretRef count, once for each container and Secret.
var SecretsAsFiles = &lint.Rule{
	ID:        "secrets-as-files",
	Title:     "Secret is passed as an environment variable",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{"secrets-external-injection"},
	Refs: []lint.Ref{
		{Standard: cis, Control: "5.4.1"},
	},
	Fix: "mount the Secret as a volume, and have the program read the file",
	Check: lint.PodOrContainerCheck{Of: lint.Containers, Check: func(p *lint.Pass, h lint.PodOrContainer) {
		reported := map[string]bool{}
		report := func(at, name lint.Value) {
			if name.IsScalar() && !reported[name.Node.Value] {
				reported[name.Node.Value] = true
				p.Reportf(h, at, "takes variables from Secret %s; want it mounted as a file", name.Node.Value)
			}
		}
		for v := range h.Get("env").Items() {
			report(v.Get("name"), v.Get("valueFrom.secretKeyRef.name"))
		}
		for v := range h.Get("envFrom").Items() {
			report(v.Get("secretRef.name"), v.Get("secretRef.name"))
		}
	}},
}
