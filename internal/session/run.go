package session

import (
	"context"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/checklist"
	"github.com/kubevet/kubevet/lint/config"
	"github.com/kubevet/kubevet/lint/generated"
	"github.com/kubevet/kubevet/lint/ignore"
	"github.com/kubevet/kubevet/lint/store"
	"github.com/kubevet/kubevet/render"
)

// Lint lints paths: directories, files, and "-" for standard input.
func (s *Session) Lint(ctx context.Context, paths []string) (*Result, error) {
	known, err := s.readBaseline()
	if err != nil {
		return nil, err
	}
	r, err := s.lintPaths(ctx, paths)
	if err != nil {
		return nil, err
	}
	known.apply(r, paths)
	return r, nil
}

// lintPaths lints paths without a baseline.
func (s *Session) lintPaths(ctx context.Context, paths []string) (*Result, error) {
	if err := explainPaths(paths); err != nil {
		return nil, err
	}
	groups, problems, err := s.groups(paths)
	return s.lintGroups(ctx, groups, problems, err)
}

// lintGroups lints groups of paths. Problems are those of configurations that could not
// be used, and err is the error of the function that made the groups.
func (s *Session) lintGroups(ctx context.Context, groups []*group, problems []lint.Problem, err error) (*Result, error) {
	if err != nil {
		return nil, err
	}
	r, err := s.run(ctx, groups)
	if err != nil {
		return nil, err
	}
	r.problems = problems
	return r, nil
}

// outcome is what was found under one configuration.
type outcome struct {
	findings        *store.Store
	problems, notes []lint.Problem
	summary         lint.Summary
	ran             []*lint.Rule
	version         lint.Version // of Kubernetes, that the group was checked for
	view            checklist.View
	// reads is what was read, as render.Plan.ReadNames has it. It is nil if that is not known.
	reads *rest
}

// run takes each group through the stages.
func (s *Session) run(ctx context.Context, groups []*group) (*Result, error) {
	if err := s.valid(); err != nil {
		return nil, err
	}
	if s.repositoryPrefix == nil {
		t := *s
		prefix := render.RepositoryPrefix(config.FileName, pathsOf(groups)...)
		t.repositoryPrefix, s = &prefix, &t
	}
	r := &Result{prefix: s.prefix()}
	for _, g := range groups {
		o, err := s.runGroup(ctx, g)
		if err != nil {
			return nil, err
		}
		r.groups = append(r.groups, o)
	}
	return r, nil
}

// pathsOf are the paths of all groups but standard input.
func pathsOf(groups []*group) (l []string) {
	for _, g := range groups {
		for _, p := range g.paths {
			if p != "-" {
				l = append(l, p)
			}
		}
	}
	return l
}

// joinCluster reads the access of all units of a group, if they are for one cluster: rules look at
// one unit at a time, and need what the others have. All is rendered once more for it. The
// problems are those of units that rules look at only because of their access.
func (s *Session) joinCluster(ctx context.Context, g *group) (problems []lint.Problem, err error) {
	if !g.config.OneCluster {
		return nil, nil
	}
	all := *g
	all.changed = nil
	g.cluster, problems, err = s.facts(ctx, &all)
	if g.changed == nil {
		problems = nil // the check of all units reports them
	}
	return problems, err
}

// runGroup is the order of the stages: the access of the whole cluster, if that is wanted;
// plan, render and check, which may be done by a child process; then accepted problems,
// subchart policy, ignores, changed files only, severity by path, and one finding for what a
// chart and a file rendered from it have in common. The baseline and the report come after it, for
// all groups together.
func (s *Session) runGroup(ctx context.Context, g *group) (*outcome, error) {
	selected, err := s.selectRules(g.config)
	if err != nil {
		return nil, err
	}
	problemsOfOthers, err := s.joinCluster(ctx, g)
	if err != nil {
		return nil, err
	}
	c, err := s.checkGroup(ctx, g, s.checkMode())
	if err != nil {
		return nil, err
	}
	found := c.found()
	found.addProblems(problemsOfOthers)
	opts := ignore.Options{
		Comments: found.comments, Entries: g.config.Ignores, Rules: KnownRules(), Ran: selected,
		Today: s.Now, Prefix: s.prefix(), Incomplete: len(found.problems) > 0, Narrow: g.narrow(),
	}
	problems, notes := ignore.AcceptProblems(found.problems, g.config.Problems, opts)
	out := &outcome{ran: selected, version: g.config.KubeVersion, problems: problems, notes: append(found.notes, notes...), summary: found.summary, view: found.view, reads: found.rest}
	if g.isAbove(s) {
		out.summary.Configs = []string{g.config.File}
	}
	isChanged := g.changed != nil || found.rest != nil && found.rest.Narrow
	adjust := func(l []*lint.Finding) []*lint.Finding {
		if isChanged {
			l = withoutUnchanged(found.rest, l)
		}
		return g.config.Adjust(l)
	}
	applier, copies := ignore.NewApplier(opts), generated.Copies{}
	found.findings.Resolve(selected)
	if err := found.findings.Map(func(l []*lint.Finding) []*lint.Finding {
		l = adjust(applier.Apply(g.config.Subcharts.Apply(l)))
		copies.Look(l)
		return l
	}); err != nil {
		return nil, err
	}
	if err := copies.Join(found.findings); err != nil {
		return nil, err
	}
	found.findings.Add(adjust(applier.Finish()))
	out.findings = found.findings
	return out, nil
}
