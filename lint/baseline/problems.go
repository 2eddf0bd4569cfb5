package baseline

import (
	"cmp"
	"slices"
	"time"

	"github.com/kubevet/kubevet/lint"
)

// Problem is an accepted problem: what it prevents from being checked is known.
type Problem struct {
	// Code, File and Message are what the problem is known by. File is relative to
	// the root of the repository. Lines do not count.
	Code    lint.ProblemCode `json:"code"`
	File    string           `json:"file,omitempty"`
	Message string           `json:"message"`
	// Reason is why it is accepted; a person may write it. It is empty if no reason is
	// given.
	Reason string `json:"reason,omitempty"`
	// Date is the day on which it was accepted, as 2027-03-01. It is empty if it is not
	// known.
	Date string `json:"date,omitempty"`
}

func (p Problem) key() Problem { return Problem{Code: p.Code, File: p.File, Message: p.Message} }

func keyOf(p lint.Problem, prefix string) Problem {
	return Problem{Code: p.Code, File: p.Under(prefix).File, Message: p.Message}
}

// AddProblems adds the problems that a baseline can accept, and that nothing else
// accepts. Reasons and dates of old, which may be nil, are kept.
func (b *Baseline) AddProblems(problems []lint.Problem, old *Baseline, today time.Time, opts Options) {
	for _, p := range problems {
		e := keyOf(p, opts.Prefix)
		if !p.Code.Acceptable() || p.Accepted != nil || slices.ContainsFunc(b.Problems, func(have Problem) bool { return have.key() == e }) {
			continue
		}
		e.Date = today.UTC().Format(time.DateOnly)
		if old != nil {
			if i := slices.IndexFunc(old.Problems, func(have Problem) bool { return have.key() == e.key() }); i >= 0 {
				e = old.Problems[i]
			}
		}
		b.Problems = append(b.Problems, e)
	}
	b.sort()
}

// AcceptProblems gives the problems, with copies in place of those that the
// baseline accepts. Stale are its problems that are not there any more.
func (b *Baseline) AcceptProblems(problems []lint.Problem, opts Options) (out []lint.Problem, stale []Problem) {
	found := map[Problem]bool{}
	for _, p := range problems {
		key := keyOf(p, opts.Prefix)
		found[key] = true
		i := slices.IndexFunc(b.Problems, func(e Problem) bool { return e.key() == key })
		if i >= 0 && p.Code.Acceptable() && p.Accepted == nil {
			p.Accepted = &lint.Ignored{
				By: lint.ByBaseline, Reason: cmp.Or(b.Problems[i].Reason, opts.Reason, Reason), Position: lint.Position{File: opts.File},
			}
		}
		out = append(out, p)
	}
	for _, e := range b.Problems {
		if !found[e.key()] && opts.covers(e.File) {
			stale = append(stale, e)
		}
	}
	return out, stale
}

// PruneProblems is the baseline without stale problems.
func (b *Baseline) PruneProblems(stale []Problem) *Baseline {
	left := slices.DeleteFunc(slices.Clone(b.Problems), func(e Problem) bool { return slices.Contains(stale, e) })
	return &Baseline{Entries: b.Entries, Problems: left}
}
