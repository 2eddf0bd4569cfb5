package ignore

import "github.com/kubevet/kubevet/lint"

// ExpiredIgnore reports comments and entries of the configuration that ignore
// findings until a date that has come.
//
// The date was the promise to mend the defect by then. The findings are told
// again from that day on, so that the promise is not forgotten.
//
// The date is the first day on which the ignore no longer counts, by the
// calendar in UTC. Only ignores of rules that ran are reported.
var ExpiredIgnore = &lint.Rule{
	ID:       "expired-ignore",
	Title:    "an ignore is past its date",
	Severity: lint.Low,
	Profile:  lint.Recommended,
	Fix:      "mend what it ignored and take the ignore out, or decide anew and give it a later date",
	Check:    byApply,
}
