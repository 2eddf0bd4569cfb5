package reliability

import "github.com/kubevet/kubevet/lint"

// TerminationGracePeriod reports pods whose termination grace period is zero.
//
// Their containers are killed without notice: requests break off, and unwritten data is
// lost. The API server removes such a pod while the node may still run it, so a StatefulSet can have two
// pods of one name on the same data.
//
// Unset means 30 seconds. The severity is medium for a StatefulSet and low for all
// others: a pod without state may be killed.
var TerminationGracePeriod = &lint.Rule{
	ID:        "termination-grace-period",
	Title:     "Pod is killed without time to stop",
	Severity:  lint.Medium,
	Profile:   lint.Recommended,
	Checklist: []string{availability},
	Fix:       "set terminationGracePeriodSeconds to the seconds that the pod needs to stop, or remove it",
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
