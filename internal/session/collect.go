package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/kubevet/kubevet/internal/sandbox"
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/ignore"
	"github.com/kubevet/kubevet/render"
)

// collected is what work has sent, from one process or several.
type collected struct {
	usage    string
	units    map[render.UnitID]part
	rest     *part
	progress render.Progress
	// problems are those of the work as a whole: what was lost or given up.
	problems    []lint.Problem
	interrupted bool
}

func (c *collected) add(p part, progress func(render.Progress)) {
	switch {
	case p.Usage != "":
		c.usage = p.Usage
	case p.Progress != nil:
		c.progress = *p.Progress
		if progress != nil {
			progress(*p.Progress)
		}
	case p.Rest != nil:
		c.rest = &p
	default:
		c.units[p.ID] = p
	}
}

// checkGroup plans, renders and checks a group: in this process if its input is
// small and plain, else in a child.
func (s *Session) checkGroup(ctx context.Context, g *group, m mode) (*collected, error) {
	c := &collected{units: map[render.UnitID]part{}}
	j := &job{
		Options: s.Options, Mode: m, Config: g.config.File, Paths: g.paths, Changed: g.changed, Narrow: g.changed != nil,
		Prefix: s.prefix(), Buffers: s.texts, Edited: s.edited,
	}
	plain, err := s.isPlain(ctx, g)
	if err != nil {
		return nil, err
	}
	if !plain {
		err := s.inChildren(ctx, j, c)
		if !errors.Is(err, sandbox.ErrUnavailable) {
			return c, err
		}
	}
	err = sandbox.InDir(s.Dir, func() { // limits in the process are all there is
		s.work(ctx, g, j, nil, func(p part) { c.add(p, s.Progress) })
	})
	return c.checked(ctx), err
}

// inChildren does a job in child processes.
func (s *Session) inChildren(ctx context.Context, j *job, c *collected) error {
	var broken error
	out, err := sandbox.Run(ctx, &sandbox.Work{
		Limits: s.limits(), Dir: s.Dir, Stdin: s.readStdin,
		Job: func(state sandbox.State) any {
			next := *j
			next.State, next.Done = state, nil
			for _, id := range slices.SortedFunc(maps.Keys(c.units), compareUnits) {
				u := c.units[id]
				next.Done = append(next.Done, doneUnit{ID: id, Reads: u.Reads, GitOps: u.GitOps})
			}
			return next
		},
		Message: func(message json.RawMessage) error {
			var p part
			if err := json.Unmarshal(message, &p); err != nil {
				return fmt.Errorf("reading what a child process sent: %w", err)
			}
			c.add(p, s.Progress)
			return nil
		},
	})
	if err != nil {
		return errors.Join(err, broken)
	}
	for _, l := range out.Losses {
		c.problems = append(c.problems, lossProblem(l))
	}
	if out.GaveUp != "" {
		left := ""
		if n := c.progress.Total - c.progress.Done; n > 0 {
			left = fmt.Sprintf("%d of %d inputs were not checked to the end: ", n, c.progress.Total)
		}
		c.problems = append(c.problems, lint.Problem{
			Code: lint.CodeUnitLost, Message: left + out.GaveUp,
			Help: "correct what the other problems name, and run it again",
		})
	}
	if out.Interrupted && !out.Answered {
		c.problems = append(c.problems, lint.Problem{
			Code: lint.CodeInterrupted, Message: "interrupted: not everything was checked",
			Help: "the report is incomplete: run it again",
		})
		c.interrupted = true
	}
	return nil
}

func compareUnits(a, b render.UnitID) int {
	if a.Kind != b.Kind {
		return int(a.Kind) - int(b.Kind)
	}
	return slices.Compare([]string{a.Input, a.Scenario}, []string{b.Input, b.Scenario})
}

// checked makes sure that work which ended early says so.
func (c *collected) checked(context.Context) *collected { return c }

// found puts together what was collected.
func (c *collected) found(known map[string]*lint.Rule) *checked {
	out := &checked{comments: &ignore.Comments{}, problems: c.problems}
	out.summary.Interrupted = c.interrupted
	for _, id := range slices.SortedFunc(maps.Keys(c.units), compareUnits) {
		u := c.units[id]
		out.take(u)
		for _, f := range u.Findings {
			if r := known[f.Rule.ID]; r != nil {
				f.Rule = r
			}
			out.findings = append(out.findings, f)
		}
		for file, l := range u.Comments {
			out.comments.Put(file, l)
		}
	}
	if c.rest != nil {
		out.take(*c.rest)
		out.rest = c.rest.Rest
	}
	return out
}

func (c *checked) take(p part) {
	c.problems, c.notes = append(c.problems, p.Problems...), append(c.notes, p.Notes...)
	c.summary.Add(p.Summary)
}
