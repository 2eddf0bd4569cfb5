package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/kubevet/kubevet/internal/git"
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/baseline"
)

// Diff lints paths in the working tree and in the merge base of HEAD and a
// revision, and marks the findings that both have.
func (s *Session) Diff(ctx context.Context, revision string, paths []string) (*Result, error) {
	paths = orHere(paths)
	if err := explainPaths(paths); err != nil {
		return nil, err
	}
	base, err := git.OpenBase(".", revision)
	if err != nil {
		return nil, &UsageError{err}
	}
	old, err := s.lintBase(ctx, base, paths)
	switch {
	case ctx.Err() != nil:
		return nil, errors.New("interrupted while linting the merge base: nothing was compared")
	case err != nil:
		return nil, fmt.Errorf("linting the merge base with %s: %w", revision, err)
	}
	r, err := s.lintPaths(ctx, paths)
	if err != nil {
		return nil, err
	}
	r.notes = append(r.notes, compare(old, r, base.Name))
	return r, nil
}

// lintBase writes the base to a temporary directory and lints it from the
// directory there that is the working directory here: names stay the same.
func (s *Session) lintBase(ctx context.Context, base *git.Base, paths []string) (r *Result, err error) {
	dir, err := os.MkdirTemp("", "kubevet-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := base.Write(ctx, dir); err != nil {
		return nil, err
	}
	here, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	there := filepath.Join(dir, filepath.FromSlash(s.prefix()))
	if info, err := os.Stat(there); err != nil || !info.IsDir() {
		return &Result{}, nil // all of it is new
	}
	old, err := s.ofBase(here, there)
	if err != nil {
		return nil, err
	}
	var present []string
	for _, p := range paths {
		rel, err := relativeTo(here, p)
		if err != nil {
			continue
		}
		if _, err := os.Stat(filepath.Join(there, rel)); err == nil {
			present = append(present, filepath.ToSlash(rel))
		}
	}
	if len(present) == 0 {
		return &Result{}, nil
	}
	return old.lintPaths(ctx, present)
}

// ofBase is the session for a base that was written to there: with the values and
// the configuration of the base, or else the user's values.
func (s *Session) ofBase(here, there string) (*Session, error) {
	old := s.in(there)
	old.Values = nil
	for _, name := range s.Values {
		rel, err := relativeTo(here, name)
		if err != nil || !isFile(filepath.Join(there, rel)) {
			if rel, err = filepath.Abs(name); err != nil {
				return nil, err
			}
		}
		old.Values = append(old.Values, rel)
	}
	if old.ConfigFile != "" && !isFile(filepath.Join(there, old.ConfigFile)) {
		old.ConfigFile = ""
	}
	return old, nil
}

// relativeTo makes an absolute path relative to a directory.
func relativeTo(dir, name string) (string, error) {
	if !filepath.IsAbs(name) {
		return name, nil
	}
	return filepath.Rel(dir, name)
}

// compare marks the findings that the base has too, and notes what changed.
func compare(old, now *Result, name string) lint.Problem {
	problems := now.allProblems()
	incomplete := len(problems) > 0
	opts := baseline.Options{File: name, Reason: "unchanged", Prefix: now.prefix, Ran: now.ran(), Incomplete: incomplete}
	fresh, known, fixed := baseline.New(old.findings(), opts).Apply(now.findings(), opts)
	ignored := slices.DeleteFunc(now.findings(), func(f *lint.Finding) bool { return f.Ignored == nil })
	now.replaceFindings(slices.Concat(ignored, fresh, known))
	var before baseline.Baseline
	before.AddProblems(old.allProblems(), nil, time.Time{}, opts)
	problems, _ = before.AcceptProblems(problems, opts)
	now.replaceProblems(problems)
	var detail strings.Builder
	removed := 0
	for _, e := range fixed {
		removed += e.Count
		fmt.Fprintf(&detail, "fixed: %s: %s in %s %s\n", cmp.Or(e.File, "unknown place"), e.Rule, e.Object, e.Path)
	}
	same := merged(known)
	for _, f := range same {
		fmt.Fprintf(&detail, "unchanged: %s: %s [%s]\n", f.Origin.String(), f.Message, f.Rule.ID)
	}
	count := fmt.Sprintf("%d fixed", removed)
	if incomplete {
		count = "an unknown number fixed"
	}
	note := lint.Problem{
		Message: fmt.Sprintf("since %s: %d new, %s, %d unchanged", name, len(merged(fresh)), count, len(same)),
		Detail:  detail.String(),
	}
	if incomplete {
		note.Message += "; not all of it could be checked now, and what is fixed is not known"
	}
	if problems := old.allProblems(); len(problems) > 0 {
		note.Message += "; not all of it could be checked then, and some that is reported as new may be old"
		for _, p := range problems {
			note.Detail += "then: " + p.Error() + "\n"
		}
	}
	return note
}

// merged returns findings as a report has them, ignored ones included.
func merged(l []*lint.Finding) []*lint.Finding {
	return lint.NewReport(unmarked(l), nil, nil, lint.Summary{}).Findings
}

// unmarked are copies that nothing ignores, to be merged and counted.
func unmarked(l []*lint.Finding) []*lint.Finding {
	out := make([]*lint.Finding, len(l))
	for i, f := range l {
		g := *f
		g.Ignored = nil
		out[i] = &g
	}
	return out
}
