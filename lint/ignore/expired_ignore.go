package ignore

import "github.com/kubevet/kubevet/lint"

// ExpiredIgnore reports comments and entries of the configuration that ignore
// findings until a date that has come.
//
// The date was a promise to fix the defect by then. From that day on the findings are
// reported again, so that the promise is not forgotten.
//
// The date is the first day on which the ignore no longer counts, by the
// calendar in UTC. Only ignores of rules that ran are reported.
var ExpiredIgnore = &lint.Rule{
	ID:       "expired-ignore",
	Title:    "Ignore is past its date",
	Severity: lint.Low,
	Profile:  lint.Recommended,
	Fix:      "fix what it ignored and remove the ignore, or decide again and give it a later date",
	Check:    byApply,
}
