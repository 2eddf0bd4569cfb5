package lint

import "time"

// IgnoredBy is what a team chose to ignore a finding with.
type IgnoredBy string

// What findings are ignored by.
const (
	ByComment  IgnoredBy = "comment"
	ByConfig   IgnoredBy = "config"
	ByBaseline IgnoredBy = "baseline"
)

// Ignored says why a team has chosen to live with a finding.
type Ignored struct {
	By     IgnoredBy `json:",omitzero"`
	Reason string    `json:",omitzero"`
	// Until is the first day on which the finding is reported again. It is zero for
	// never.
	Until time.Time `json:",omitzero"`
	// Position is where the choice is written.
	Position Position `json:",omitzero"`
}
