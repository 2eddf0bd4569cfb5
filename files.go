package main

import (
	"errors"
	"path"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/config"
	"github.com/kubevet/kubevet/lint/ignore"
	"github.com/kubevet/kubevet/render"
)

// checksOfFiles are the checks of what changed files belong to: of the tree
// below the configuration that is found from each file upward, else of the
// repository that holds it. Each is narrowed to what the files are part of.
func (p *program) checksOfFiles(cmd *cobra.Command, files []string) (l []*check, problems []lint.Problem, err error) {
	byRoot := map[string][]string{}
	var roots []string
	for _, f := range files {
		if f == "-" {
			return nil, nil, usagef("--files: %q is no file; name the files that changed", f)
		}
		root, ok := p.rootOf(f)
		if !ok {
			continue
		}
		if !slices.Contains(roots, root) {
			roots = append(roots, root)
		}
		byRoot[root] = append(byRoot[root], f)
	}
	for _, root := range roots {
		checks, broken, err := p.checks(cmd, []string{root})
		if wrong, ok := errors.AsType[*configError](err); ok {
			problems = append(problems, wrong.problems...)
			continue
		}
		if err != nil {
			return nil, nil, err
		}
		problems = append(problems, broken...)
		for _, c := range checks {
			if !slices.ContainsFunc(byRoot[root], c.isConfig) { // everything depends on it
				c.changed = byRoot[root]
			}
		}
		l = append(l, checks...)
	}
	if len(l) == 0 && len(problems) > 0 {
		return nil, nil, &configError{problems}
	}
	return l, problems, nil
}

// rootOf is the directory to walk for what a file belongs to.
func (p *program) rootOf(file string) (root string, ok bool) {
	if p.configFile == "" {
		if found, ok := p.findConfig(file); ok {
			return path.Dir(filepath.ToSlash(found)), true
		}
	}
	root, ok = render.Root(file)
	if ok && p.buffers != nil {
		return narrower(root, file)
	}
	return root, ok
}

// isConfig tells the configuration among changed files, also one that is gone.
func (c *check) isConfig(file string) bool {
	if path.Base(filepath.ToSlash(file)) == config.FileName {
		return true
	}
	a, err1 := filepath.Abs(file)
	b, err2 := filepath.Abs(filepath.FromSlash(c.config.File))
	return c.config.File != "" && err1 == nil && err2 == nil && a == b
}

// elsewhere are findings of plain manifests that did not change: they are found
// since manifests are judged together, and are not told.
type elsewhere map[*lint.Finding]bool

// note sorts the findings and problems of a unit: those that are of files that
// did not change are noted, or left out.
func (e elsewhere) note(plan *render.Plan, unit *lint.Unit, findings []*lint.Finding, problems []lint.Problem) []lint.Problem {
	for _, f := range findings {
		places := []lint.Position{f.Origin.Position}
		for _, s := range f.Origin.Trail {
			places = append(places, s.Position)
		}
		for _, r := range f.Related {
			places = append(places, r.Position)
		}
		if !plan.Concerns(unit, places...) {
			e[f] = true
		}
	}
	return slices.DeleteFunc(problems, func(p lint.Problem) bool { return !plan.Concerns(unit, p.Position) })
}

// without leaves out what is elsewhere. Comments that ignore nothing are told
// if everything was linted that they count for. Nil: the plan was interrupted,
// and does not know what files are part of.
func (e elsewhere) without(plan *render.Plan, findings []*lint.Finding) []*lint.Finding {
	return slices.DeleteFunc(findings, func(f *lint.Finding) bool {
		if len(f.Occurrences) > 0 {
			return e[f]
		}
		return plan == nil || !plan.ConcernsFile(f.Origin.File) || f.Rule.ID != ignore.InvalidIgnore.ID && plan.Shared(f.Origin.File)
	})
}
