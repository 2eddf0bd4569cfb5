package session

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/kubevet/kubevet/internal/sandbox"
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/checklist"
	"github.com/kubevet/kubevet/lint/ignore"
	"github.com/kubevet/kubevet/lint/store"
	"github.com/kubevet/kubevet/render"
)

// collected is what work has sent, from one process or several.
type collected struct {
	usage string
	units map[render.UnitID]part
	// findings are those of the units. Begun are those of units of which more is to come.
	findings, begun map[render.UnitID]*store.Store
	rest            *part
	progress        render.Progress
	// problems are those of the work as a whole: what was lost or given up.
	problems    []lint.Problem
	interrupted bool
}

// add takes in a part. The error says that its packed findings are broken.
func (c *collected) add(p part, progress func(render.Progress)) error {
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
		if c.begun == nil {
			c.begun = map[render.UnitID]*store.Store{}
		}
		found := c.begun[p.ID]
		if found == nil {
			found = &store.Store{}
			c.begun[p.ID] = found
		}
		found.Add(p.Findings)
		if err := found.AddPacked(p.Packed); err != nil || p.More {
			return err
		}
		p.Findings, p.Packed = nil, nil
		delete(c.begun, p.ID)
		c.findings[p.ID], c.units[p.ID] = found, p
	}
	return nil
}

// checkGroup plans, renders and checks a group: in this process if its input is
// small and plain, else in a child.
func (s *Session) checkGroup(ctx context.Context, g *group, m mode) (*collected, error) {
	j := &job{
		Options: s.Options, Mode: m, Config: g.config.File, Paths: g.paths, Changed: g.changed, Narrow: g.changed != nil, Only: g.only,
		Prefix: s.prefix(), Buffers: s.texts, Edited: s.edited, Edits: s.edits, Cluster: g.cluster,
	}
	c := &collected{units: map[render.UnitID]part{}, findings: map[render.UnitID]*store.Store{}}
	err := sandbox.ErrUnavailable
	if !s.isPlain(ctx, g) {
		err = s.inChildren(ctx, j, c)
	}
	if errors.Is(err, sandbox.ErrUnavailable) { // limits in the process are all there is
		err = sandbox.InDir(s.dir, func() { s.here(ctx, g, j, c) })
	}
	switch {
	case err != nil:
		return nil, err
	case c.usage != "":
		return nil, &UsageError{errors.New(c.usage)}
	}
	return c, nil
}

// here does a job in this process. What does not end by itself when the context
// ends is abandoned.
func (s *Session) here(ctx context.Context, g *group, j *job, c *collected) {
	var mu sync.Mutex
	abandoned, done := false, make(chan struct{})
	go func() {
		defer close(done)
		s.work(ctx, g, j, nil, func(p part) {
			mu.Lock()
			defer mu.Unlock()
			if !abandoned {
				_ = c.add(p, s.Progress) // an error: nothing is packed here
			}
		})
	}()
	select {
	case <-done:
		return
	case <-ctx.Done():
	}
	select {
	case <-done:
	case <-time.After(time.Second):
		mu.Lock()
		defer mu.Unlock()
		abandoned = true
		c.interrupt()
	}
}

// interrupt notes that the work ended before its time and did not say so.
func (c *collected) interrupt() {
	c.interrupted = true
	c.problems = append(c.problems, lint.Problem{
		Code: lint.CodeInterrupted, Message: "interrupted: not everything was checked",
		Help: "the report is incomplete: run it again",
	})
}

// inChildren does a job in child processes.
func (s *Session) inChildren(ctx context.Context, j *job, c *collected) error {
	out, err := sandbox.Run(ctx, &sandbox.Work{
		Limits: s.Limits, Dir: s.dir, Stdin: s.readStdin,
		Job: func(state sandbox.State) any {
			c.begun = nil // a unit that was lost with its process begins anew
			next := *j
			next.State, next.Done = state, nil
			for _, id := range slices.SortedFunc(maps.Keys(c.units), compareUnits) {
				u := c.units[id]
				next.Done = append(next.Done, doneUnit{ID: id, Reads: u.Reads, Content: u.Content, GitOps: u.GitOps})
			}
			return next
		},
		Message: func(message json.RawMessage) error {
			var p part
			if err := json.Unmarshal(message, &p); err != nil {
				return fmt.Errorf("reading what a child process sent: %w", err)
			}
			if err := c.add(p, s.Progress); err != nil {
				return fmt.Errorf("reading what a child process sent: %w", err)
			}
			return nil
		},
	})
	if err != nil {
		return err
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
		c.interrupt()
	}
	return nil
}

func compareUnits(a, b render.UnitID) int {
	if a.Kind != b.Kind {
		return int(a.Kind) - int(b.Kind)
	}
	return slices.Compare([]string{a.Input, a.Scenario}, []string{b.Input, b.Scenario})
}

// checked is what was collected, in the words of the stages that follow.
type checked struct {
	findings        *store.Store
	problems, notes []lint.Problem
	summary         lint.Summary
	comments        *ignore.Comments
	view            checklist.View
	// rest is nil if the work did not come to its end.
	rest *rest
}

// addProblems adds the problems that are not there yet.
func (c *checked) addProblems(l []lint.Problem) {
	for _, p := range l {
		if !slices.ContainsFunc(c.problems, func(q lint.Problem) bool { return q.Position == p.Position && q.Message == p.Message }) {
			c.problems = append(c.problems, p)
		}
	}
}

// found puts together what was collected.
func (c *collected) found() *checked {
	out := &checked{findings: &store.Store{}, comments: &ignore.Comments{}, problems: c.problems}
	out.summary.Interrupted = c.interrupted
	type input struct {
		kind lint.UnitKind
		name string
	}
	views := map[input]checklist.View{}
	for _, id := range slices.SortedFunc(maps.Keys(c.units), compareUnits) {
		u := c.units[id]
		out.take(u)
		of := input{id.Kind, id.Input}
		views[of] = views[of].WithScenario(u.View)
		out.findings.Append(c.findings[id])
		for file, l := range u.Comments {
			out.comments.Put(file, l)
		}
	}
	for _, of := range slices.SortedFunc(maps.Keys(views), func(a, b input) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.name, b.name))
	}) {
		out.view = out.view.With(views[of])
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
