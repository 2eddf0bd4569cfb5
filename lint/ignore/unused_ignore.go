package ignore

import "github.com/kubevet/kubevet/lint"

// UnusedIgnore reports comments and entries of the configuration that ignore
// findings of a rule where that rule finds nothing.
//
// What such an ignore was meant for is gone, or it never stood at the right
// place. Left alone it hides the next defect that comes to that place, which
// nobody has looked at.
//
// Only rules that ran count. Nothing is reported of a run that did not see
// everything: what it left out may be what the ignore is for.
var UnusedIgnore = &lint.Rule{
	ID:       "unused-ignore",
	Title:    "an ignore matches no finding",
	Severity: lint.Low,
	Profile:  lint.Recommended,
	Fix:      "take the ignore out, or move it to the line that the finding names",
	Check:    byApply,
}
