package reliability

import "github.com/kubevet/kubevet/lint"

// TerminationGracePeriod reports pods whose termination grace period is zero.
//
// Their containers are killed without being asked to stop: requests break off, and
// what was not written is lost. The API server takes such a pod for gone while the node may
// still run it: a StatefulSet then has two pods of one name on the same data.
//
// Absent means 30 seconds. The severity is medium for a StatefulSet and low for the
// rest: a pod that keeps nothing may well be killed.
var TerminationGracePeriod = &lint.Rule{
	ID:        "termination-grace-period",
	Title:     "Pod is killed without time to stop",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{availability},
	Fix:       "remove terminationGracePeriodSeconds, or set the seconds that the pod needs to stop",
	Check: lint.PodCheck(func(p *lint.Pass, w *lint.Workload) {
		v := w.Pod.Get("terminationGracePeriodSeconds")
		if n, ok := v.Int(); ok && n <= 0 {
			p.Report(lint.Diagnostic{
				Subject: w.Pod, At: v,
				Message:  w.Pod.Label() + " sets terminationGracePeriodSeconds: " + v.Text() + "; want 1 or more",
				Severity: lint.Low.If(w.Kind != "StatefulSet"),
			})
		}
	}),
}
