// Package secrets holds the rules on credentials: section 6 of the security
// checklist.
package secrets

import (
	"embed"

	"github.com/kubevet/kubevet/lint"
)

// Source is the text of this package but for its tests: the rules' doc comments are
// read from it.
//
//go:embed *[^t].go *[^s]t.go *[^t]est.go
var Source embed.FS

// The standards that the rules of this package refer to.
const (
	cis = lint.CISBenchmark
	nsa = lint.HardeningGuide
)
