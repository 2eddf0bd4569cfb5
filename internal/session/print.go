package session

import (
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render"
)

// Rendered is the text of the rendered documents of paths, each with where it
// came from: above it, or with lines before each line.
func (s *Session) Rendered(ctx context.Context, paths []string, lines bool) ([]byte, []lint.Problem, error) {
	return s.print(ctx, paths, func(plan *render.Plan, out io.Writer) ([]lint.Problem, error) {
		return plan.Print(ctx, out, lines)
	})
}

// Coverage is the text that says which lines of the templates of charts no
// scenario reaches, and what keeps them from it.
func (s *Session) Coverage(ctx context.Context, paths []string) ([]byte, []lint.Problem, error) {
	return s.print(ctx, paths, func(plan *render.Plan, out io.Writer) ([]lint.Problem, error) {
		return plan.Coverage(ctx, out)
	})
}

func (s *Session) print(ctx context.Context, paths []string, do func(*render.Plan, io.Writer) ([]lint.Problem, error)) ([]byte, []lint.Problem, error) {
	groups, problems, err := s.groups(paths)
	if err != nil {
		return nil, nil, err
	}
	s = New(s.Options)
	s.Progress = nil
	var out bytes.Buffer
	for _, g := range groups {
		plan, err := s.plan(g)
		if err != nil {
			return nil, nil, err
		}
		failed, err := do(plan, &out)
		if err != nil {
			return nil, nil, err
		}
		problems = append(problems, failed...)
	}
	if errors.Is(context.Cause(ctx), ErrHandedOver) {
		return nil, nil, ErrHandedOver
	}
	return out.Bytes(), lint.NewReport(nil, problems, nil, lint.Summary{}).Problems, nil
}
