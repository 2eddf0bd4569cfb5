package session

import (
	"bytes"
	"context"
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/baseline"
	"github.com/kubevet/kubevet/render/tree"
)

// known is a baseline and where it was read. It is nil if there is none.
type known struct {
	*baseline.Baseline
	file string
}

// readBaseline reads the baseline of the options.
func (s *Session) readBaseline() (*known, error) {
	if s.Baseline == "" {
		return nil, nil
	}
	return readBaseline(s.Baseline)
}

func readBaseline(name string) (*known, error) {
	text, err := tree.ReadFile(name)
	if err != nil {
		return nil, usagef("--baseline: %w", err)
	}
	b, err := baseline.Read(bytes.NewReader(text))
	if err != nil {
		return nil, usagef("--baseline: reading %s: %w", name, err)
	}
	return &known{b, name}, nil
}

func baselineOptions(file string, r *Result, paths []string) baseline.Options {
	return baseline.Options{
		File: file, Prefix: r.prefix, Ran: r.ran(), Paths: paths, Incomplete: len(r.allProblems()) > 0,
	}
}

// apply marks the findings that the baseline knows, and notes the entries that
// have no finding any more.
func (k *known) apply(r *Result, paths []string) {
	if k == nil {
		return
	}
	opts := baselineOptions(k.file, r, paths)
	marked, stale := k.Mark(r.findings(), opts)
	r.replaceFindings(marked)
	problems, fixed := k.AcceptProblems(r.allProblems(), opts)
	r.replaceProblems(problems)
	r.notes = append(r.notes, baseline.Notes(stale, fixed, opts)...)
}

// NewBaseline is a baseline that is to be written.
type NewBaseline struct {
	*baseline.Baseline
	// Known is how many findings it knows, as reports count them.
	Known int
	// Removed is how many entries Prune took out.
	Removed int
	// Problems are those that it does not accept.
	Problems []lint.Problem
	// Accepted is how many problems it accepts.
	Accepted int
	// Interrupted is set if the run ended before its time.
	Interrupted bool
}

// MakeBaseline lints paths and makes a baseline of what is found. With prune it
// is the one of the file, without the entries that have no finding any more.
func (s *Session) MakeBaseline(ctx context.Context, paths []string, file string, prune bool) (*NewBaseline, error) {
	r, err := s.lintPaths(ctx, paths)
	if err != nil {
		return nil, err
	}
	opts := baselineOptions(file, r, paths)
	out := &NewBaseline{Problems: r.allProblems(), Interrupted: r.Interrupted()}
	if out.Interrupted {
		return out, nil
	}
	old, err := readBaseline(file)
	if prune && err != nil {
		return nil, err
	}
	if !prune {
		out.Baseline = baseline.New(r.findings(), opts)
		_, marked, _ := out.Apply(r.findings(), opts)
		out.Known = len(merged(marked))
		var before *baseline.Baseline
		if err == nil {
			before = old.Baseline
		}
		out.AddProblems(r.allProblems(), before, s.Now, opts)
	} else {
		_, _, stale := old.Apply(r.findings(), opts)
		_, fixed := old.AcceptProblems(r.allProblems(), opts)
		out.Baseline, out.Removed = old.Prune(stale).PruneProblems(fixed), len(stale)+len(fixed)
	}
	accepted, _ := out.AcceptProblems(r.allProblems(), opts)
	out.Problems = slices.DeleteFunc(accepted, func(p lint.Problem) bool { return p.Accepted != nil })
	out.Accepted = len(out.Baseline.Problems)
	return out, nil
}
