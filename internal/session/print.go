package session

import (
	"bytes"
	"context"
	"maps"
	"slices"

	"github.com/kubevet/kubevet/lint"
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

// print puts the texts of all units together, with a separator between them.
func (s *Session) print(ctx context.Context, paths []string, m mode, separator string) ([]byte, []lint.Problem, error) {
	if err := s.valid(); err != nil {
		return nil, nil, err
	}
	if err := explainPaths(paths); err != nil {
		return nil, nil, err
	}
	groups, problems, err := s.groups(paths)
	if err != nil {
		return nil, nil, err
	}
	var out bytes.Buffer
	for _, g := range groups {
		c, err := s.checkGroup(ctx, g, m)
		if err != nil {
			return nil, nil, err
		}
		problems = append(problems, c.found().problems...)
		for _, id := range slices.SortedFunc(maps.Keys(c.units), compareUnits) {
			if text := c.units[id].Text; len(text) > 0 {
				if out.Len() > 0 {
					out.WriteString(separator)
				}
				out.Write(text)
			}
		}
	}
	return out.Bytes(), lint.NewReport(nil, problems, nil, lint.Summary{}).Problems, nil
}
