package reliability

import "github.com/kubevet/kubevet/lint"

// CronJobConcurrency reports CronJobs whose runs may overlap without limit.
//
// When a run takes longer than the schedule allows, the next one starts beside
// it. Runs that hang pile up until the nodes are full.
//
// Unset means Allow. Some jobs are made to overlap: the rule is part of the strict profile only.
var CronJobConcurrency = &lint.Rule{
	ID:        "cron-job-concurrency",
	Title:     "Runs of a CronJob may overlap",
	Severity:  lint.Low,
	Profile:   lint.Strict,
	Checklist: []string{availability},
	Fix:       "set concurrencyPolicy to Forbid or Replace",
	Check: lint.ObjectCheck(func(p *lint.Pass, o *lint.Object) {
		v := o.Root.Get("spec.concurrencyPolicy")
		if !o.Is("batch", "CronJob") || v.IsSet() && v.Text() != "Allow" {
			return
		}
		message := o.KindName() + " sets concurrencyPolicy: Allow; want Forbid or Replace"
		if !v.IsSet() {
			message = o.KindName() + " does not set concurrencyPolicy, and runs may overlap; want Forbid or Replace"
		}
		p.Report(lint.Diagnostic{Object: o, At: v, Message: message})
	}),
}
