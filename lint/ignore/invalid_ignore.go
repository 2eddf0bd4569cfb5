package ignore

import "github.com/kubevet/kubevet/lint"

// InvalidIgnore reports comments that look as if they should ignore findings
// and do not: a misspelt marker, no reason, a rule that does not exist, a date
// that is none.
//
// Whoever wrote the comment believes that somebody decided. An ignore without
// a reason cannot be judged by those who come later, and one without its date
// would stand for ever.
//
// A comment that names several rules, of which some do not exist, still
// ignores the others.
var InvalidIgnore = &lint.Rule{
	ID:       "invalid-ignore",
	Title:    "a comment that should ignore findings cannot be read",
	Severity: lint.Low,
	Profile:  lint.Recommended,
	Fix:      form,
	Check:    byApply,
}
