package resources

import "github.com/kubevet/kubevet/lint"

// SensitiveCPULimit reports containers of sensitive workloads without a CPU limit.
//
// What a container does shows in the time that its neighbours on the same core take; a bound on CPU
// makes a sensitive workload's use of it steadier, and a taken-over one's mining and guessing slower.
//
// The configuration tells which workloads are sensitive; without it the rule is silent. cpu-limit
// asks the same of every workload, under the checklist profile. Resources of the pod as a whole count
// from Kubernetes 1.34 on. Zero is no limit.
var SensitiveCPULimit = &lint.Rule{
	ID:        "sensitive-cpu-limit",
	Title:     "Sensitive container has no CPU limit",
	Severity:  lint.Low,
	Profile:   lint.Recommended,
	Checklist: []string{"pod-cpu-limit-sensitive"},
	Refs: []lint.Ref{
		{Standard: nsa, Control: "Resource policies"},
	},
	Fix:   "set resources.limits.cpu on the container",
	Check: lint.PodOrContainerCheck{Of: lint.Resourced, Check: checkSensitiveCPU},
}

func checkSensitiveCPU(p *lint.Pass, h lint.PodOrContainer) {
	if p.Settings.IsSensitive(h.Workload) {
		bound{list: "limits", name: "cpu", want: "a bound on CPU time, since the workload is sensitive"}.check(p, h)
	}
}
