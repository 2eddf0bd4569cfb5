package kustomize

import (
	"github.com/kubevet/kubevet/lint"
)

// diagnose says what stopped a build, and which entry to leave out. ok is
// false if no single entry is at fault.
func (b *build) diagnose(err error) (p lint.Problem, at entry, ok bool) {
	return b.rootProblem(b.shorten(err.Error()), ""), entry{}, false
}

func (b *build) shorten(s string) string { return s }
