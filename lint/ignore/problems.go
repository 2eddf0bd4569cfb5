package ignore

import (
	"fmt"
	"path"
	"slices"
	"time"

	"github.com/kubevet/kubevet/lint"
)

// ProblemEntry is a choice of the configuration to live with problems: what they
// prevent from being checked is known and accepted.
type ProblemEntry struct {
	// Codes are those of the problems; at least one.
	Codes []lint.ProblemCode
	// Paths are globs over the problem's file, relative to the configuration. They are
	// empty for any file, and none.
	Paths []string
	// Reason is why; never empty.
	Reason string
	// Until is the first day on which the problems count again. It is zero for never.
	Until time.Time
	// Position is where the choice is written.
	Position lint.Position
}

// AcceptProblems gives the problems, with copies in place of those that an entry
// accepts, and a note for each entry that is past its date or accepts nothing.
// Whether it accepts nothing is only known if everything was linted that the
// configuration is about: not if the run is narrow.
func AcceptProblems(problems []lint.Problem, entries []ProblemEntry, opts Options) (out, notes []lint.Problem) {
	used := make([]bool, len(entries))
	for _, p := range problems {
		for i, e := range entries {
			if !e.matches(p, opts.Prefix) {
				continue
			}
			used[i] = true
			if p.Accepted == nil && !opts.past(e.Until) {
				p.Accepted = &lint.Ignored{By: lint.ByConfig, Reason: e.Reason, Until: e.Until, Position: e.Position}
			}
		}
		out = append(out, p)
	}
	for i, e := range entries {
		switch {
		case opts.past(e.Until):
			notes = append(notes, lint.Problem{
				Position: e.Position, Message: fmt.Sprintf("the entry accepts %s until %s, which has passed", codes(e.Codes), e.Until.Format(dateForm)),
				Help: "remove the entry, or give it another date",
			})
		case !used[i] && !opts.Narrow:
			notes = append(notes, lint.Problem{
				Position: e.Position, Message: fmt.Sprintf("the entry accepts %s, of which there is none", codes(e.Codes)), Help: "remove the entry",
			})
		}
	}
	return out, notes
}

func codes(l []lint.ProblemCode) string {
	var names []string
	for _, c := range l {
		names = append(names, string(c))
	}
	return lint.And(names)
}

// matches reports whether an entry is about a problem. The prefix is as in Options.
func (e *ProblemEntry) matches(p lint.Problem, prefix string) bool {
	if !p.Code.Acceptable() || !slices.Contains(e.Codes, p.Code) {
		return false
	}
	if len(e.Paths) == 0 {
		return true
	}
	file := from(path.Dir(e.Position.Under(prefix).File), p.Under(prefix).File)
	return slices.ContainsFunc(e.Paths, func(glob string) bool { return MatchPath(glob, file) })
}

// past reports whether a date has come.
func (o *Options) past(until time.Time) bool {
	return !until.IsZero() && o.Today.UTC().Format(dateForm) >= until.Format(dateForm)
}
