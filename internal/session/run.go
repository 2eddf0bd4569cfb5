package session

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/ignore"
	"github.com/kubevet/kubevet/render"
)

// ErrHandedOver is the cause with which a context ends when another process takes
// the run over.
var ErrHandedOver = errors.New("charts are rendered in a process of their own")

// Lint lints paths: directories, files, and "-" for standard input.
func (s *Session) Lint(ctx context.Context, paths []string) (*Result, error) {
	known, err := s.readBaseline()
	if err != nil {
		return nil, err
	}
	groups, problems, err := s.groups(paths)
	if err != nil {
		return nil, err
	}
	r, err := s.run(ctx, groups)
	if err != nil {
		return nil, err
	}
	r.problems = problems
	known.apply(r, paths)
	return r, nil
}

// outcome is what was found under one configuration.
type outcome struct {
	findings        []*lint.Finding
	problems, notes []lint.Problem
	summary         lint.Summary
	ran             []*lint.Rule
	// plan is what was linted.
	plan *render.Plan
}

// run takes each group through the stages.
func (s *Session) run(ctx context.Context, groups []*group) (*Result, error) {
	r := &Result{}
	for _, g := range groups {
		o, err := s.runGroup(ctx, g)
		if err != nil {
			return nil, err
		}
		r.groups = append(r.groups, o)
	}
	return r, nil
}

// runGroup is the order of the stages: plan, render, check, subchart policy,
// ignores, changed files only, severity by path. The baseline and the report
// come after it, for all groups together.
func (s *Session) runGroup(ctx context.Context, g *group) (*outcome, error) {
	selected, err := s.selectRules(g.config)
	if err != nil {
		return nil, err
	}
	plan, err := s.plan(g)
	if err != nil {
		return nil, err
	}
	prefix := render.RepositoryPrefix()
	checker := &lint.Checker{
		Rules: selected, Version: g.config.KubeVersion, Profile: g.config.Profile,
		Settings: g.config.Settings(), Jobs: s.Render.Jobs, Prefix: prefix,
	}
	out := &outcome{ran: selected, plan: plan, notes: g.configNotes(plan)}
	found, err := s.check(ctx, plan, checker)
	if err != nil {
		return nil, err
	}
	out.problems, out.notes, out.summary = found.problems, append(out.notes, found.notes...), found.summary
	findings := ignore.Apply(g.config.Subcharts.Apply(found.findings), ignore.Options{
		Comments: found.comments, Entries: g.config.Ignores, Rules: KnownRules(), Ran: selected,
		Today: time.Now(), Prefix: prefix, Incomplete: len(out.problems) > 0, Narrow: g.narrow(),
	})
	if found.summary.Interrupted && g.changed != nil {
		plan = nil
	}
	out.findings = g.config.Adjust(withoutUnchanged(plan, findings))
	return out, nil
}

// checked is what the rules said of all units of a plan.
type checked struct {
	findings        []*lint.Finding
	problems, notes []lint.Problem
	summary         lint.Summary
	comments        *ignore.Comments
}

// check renders a plan and runs the rules over each unit.
func (s *Session) check(ctx context.Context, plan *render.Plan, checker *lint.Checker) (*checked, error) {
	out := &checked{comments: &ignore.Comments{Read: func(name string) ([]byte, bool) {
		text, err := s.buffers.ReadFile(name)
		return text, err == nil
	}}}
	var mu sync.Mutex
	interrupted := false
	result := plan.Run(ctx, func(r *lint.Rendered) {
		findings, problems := checker.Check(r.Unit)
		mu.Lock()
		defer mu.Unlock()
		if interrupted {
			return
		}
		out.comments.Add(r.Sources...)
		findings, problems = markUnchanged(plan, r.Unit, findings, problems)
		out.findings, out.problems = append(out.findings, findings...), append(out.problems, problems...)
	})
	if errors.Is(context.Cause(ctx), ErrHandedOver) {
		return nil, ErrHandedOver
	}
	mu.Lock()
	interrupted = result.Summary.Interrupted // what is checked from here on does not count
	mu.Unlock()
	out.problems, out.notes, out.summary = append(out.problems, result.Problems...), result.Notes, result.Summary
	return out, nil
}
