package ignore

import "github.com/kubevet/kubevet/lint"

// InvalidIgnore reports comments that look as if they should ignore findings
// and do not: a misspelt marker, no reason, a rule that does not exist, a date
// that does not exist.
//
// The author of the comment believes that it ignores something. Without a reason, other
// people cannot judge an ignore later, and without its date it would never end.
//
// A comment that names several rules, of which some do not exist, still
// ignores the others.
var InvalidIgnore = &lint.Rule{
	ID:       "invalid-ignore",
	Title:    "Comment that should ignore findings is not valid",
	Severity: lint.Low,
	Profile:  lint.Recommended,
	Fix:      form,
	Check:    byApply,
}
