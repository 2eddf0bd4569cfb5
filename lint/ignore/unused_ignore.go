package ignore

import "github.com/kubevet/kubevet/lint"

// UnusedIgnore reports comments and entries of the configuration that ignore
// findings of a rule where that rule finds nothing.
//
// The finding that it was meant for was fixed, or the ignore was never at the right place.
// If it stays, it hides the next defect at that place, which no person has looked at.
//
// Only rules that ran count. Nothing is reported of a run that did not see
// everything: what it left out may be what the ignore is for.
var UnusedIgnore = &lint.Rule{
	ID:       "unused-ignore",
	Title:    "Ignore matches no finding",
	Severity: lint.Low,
	Profile:  lint.Recommended,
	Fix:      "remove the ignore, or move it to the line that the finding names",
	Check:    byApply,
}
