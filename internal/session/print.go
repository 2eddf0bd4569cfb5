package session

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/cluster"
)

// Rendered is the text of the rendered documents of paths, each with where it
// came from: above it, or with lines before each line.
func (s *Session) Rendered(ctx context.Context, paths []string, lines bool) ([]byte, []lint.Problem, error) {
	if lines {
		return s.print(ctx, paths, modeLines, "")
	}
	return s.print(ctx, paths, modeRender, "")
}

// Coverage is the text that says which lines of the templates of charts no
// scenario reaches, and what keeps them from it.
func (s *Session) Coverage(ctx context.Context, paths []string) ([]byte, []lint.Problem, error) {
	return s.print(ctx, paths, modeCoverage, "\n")
}

// Rights is who holds which powers, and who can become cluster-admin: of each unit, or of all
// together where the configuration has them in one cluster.
func (s *Session) Rights(ctx context.Context, paths []string) ([]*cluster.Rights, []lint.Problem, error) {
	var l []*cluster.Rights
	problems, err := s.each(ctx, paths, modeRights, func(g *group, units []part) {
		var facts []*cluster.Facts
		for _, u := range units {
			if u.Access != nil && !u.Access.IsEmpty() {
				facts = append(facts, u.Access)
			}
		}
		if g.config.OneCluster && len(facts) > 0 {
			l = append(l, cluster.NewRights("one cluster", facts))
			return
		}
		for _, f := range facts {
			l = append(l, cluster.NewRights(f.Unit, []*cluster.Facts{f}))
		}
	})
	return l, problems, err
}

// print puts the texts of all units together, with a separator between them.
func (s *Session) print(ctx context.Context, paths []string, m mode, separator string) ([]byte, []lint.Problem, error) {
	var out bytes.Buffer
	problems, err := s.each(ctx, paths, m, func(_ *group, units []part) {
		for _, u := range units {
			if len(u.Text) > 0 {
				if out.Len() > 0 {
					out.WriteString(separator)
				}
				out.Write(u.Text)
			}
		}
	})
	return out.Bytes(), problems, err
}

// each takes the groups of paths through a mode, and hands on the units of each in order.
func (s *Session) each(ctx context.Context, paths []string, m mode, do func(*group, []part)) ([]lint.Problem, error) {
	if err := s.valid(); err != nil {
		return nil, err
	}
	if err := explainPaths(paths); err != nil {
		return nil, err
	}
	groups, problems, err := s.groups(paths)
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		c, err := s.checkGroup(ctx, g, m)
		if err != nil {
			return nil, err
		}
		problems = append(problems, c.found().problems...)
		var units []part
		for _, id := range slices.SortedFunc(maps.Keys(c.units), compareUnits) {
			units = append(units, c.units[id])
		}
		do(g, units)
	}
	return lint.NewReport(nil, problems, nil, lint.Summary{}).Problems, nil
}
