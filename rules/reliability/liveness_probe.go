package reliability

import "github.com/kubevet/kubevet/lint"

// LivenessProbe reports containers of long-running workloads that have no
// livenessProbe.
//
// Without one the kubelet restarts a container only when its process ends. A container
// that hangs, by a bug or by an attack, stays as it is.
//
// Init and sidecar containers, jobs, hooks of Helm and Argo CD and pods that are not restarted are
// not checked. A careless probe restarts healthy containers under load, so not
// every container needs one: the rule is part of the strict profile only.
var LivenessProbe = &lint.Rule{
	ID:        "liveness-probe",
	Title:     "Container has no liveness probe",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{availability},
	Fix:       "add a livenessProbe that fails only when a restart would help",
	Check: lint.PodOrContainerCheck{Of: lint.KindContainer, Check: func(p *lint.Pass, h lint.PodOrContainer) {
		if probe := h.Get("livenessProbe"); runsOn(h.Workload) && !h.Partial && probe.Len() == 0 {
			reportNoProbe(p, h, probe, "has no livenessProbe; want one")
		}
	}},
}
