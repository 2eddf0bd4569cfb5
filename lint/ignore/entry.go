// Package ignore decides which findings a team has chosen to live with: by a
// comment beside the line, or by an entry of the configuration. Every such
// choice has a reason, may have an end date, and is reported when it ignores nothing.
package ignore

import (
	"time"

	"github.com/kubevet/kubevet/lint"
)

// Entry is one choice of findings to ignore. Empty fields match anything;
// globs are those of path.Match, with ** for any number of directories.
type Entry struct {
	// Rules are ids; at least one.
	Rules []string
	// Paths are globs over the finding's file, relative to the configuration.
	Paths []string
	// Kinds, Namespaces, Names and Containers are globs over the object and container.
	Kinds, Namespaces, Names, Containers []string
	// Subcharts are globs over the names of vendored subcharts.
	Subcharts []string
	// Reason is why; never empty.
	Reason string
	// Until is the first day on which the findings are reported again. It is zero for
	// never.
	Until time.Time
	// Position is where the choice is written.
	Position lint.Position
}
