package resources

import "github.com/kubevet/kubevet/lint"

// SensitiveCPULimit reports containers of sensitive workloads without a CPU limit.
//
// The CPU time that a container takes is visible to its neighbours on the same core. A limit makes the
// timing of a sensitive workload steadier, and slows an attacker down who mines coins or guesses keys
// in it.
//
// The configuration lists the workloads that are sensitive; without it the rule reports nothing. The
// rule cpu-limit asks the same of every workload in the strict profile. The defaults of a LimitRange
// in the container's namespace count, and so do resources of the pod as a whole from Kubernetes 1.34
// on. Zero means no limit.
var SensitiveCPULimit = &lint.Rule{
	ID:        "sensitive-cpu-limit",
	Title:     "Sensitive container has no CPU limit",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-cpu-limit-sensitive"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Resource policies"},
		{Standard: owasp, Control: "K01"},
	},
	Fix: "set resources.limits.cpu on the container",
	Check: lint.PodCheck(func(p *lint.Pass, w *lint.Workload) {
		if p.Settings.IsSensitive(w) {
			setting{list: "limits", name: "cpu", want: "a limit on CPU time, since the workload is sensitive"}.check(p, w)
		}
	}),
}
