package render

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/kubevet/kubevet/lint"
)

// Progress is how far a run is. Inputs are charts, overlays, what GitOps objects
// install, and all plain manifests as one.
type Progress struct {
	// Done is the inputs that are rendered and handed on, of those known so far.
	Done, Total int
	// Current is the unit that was begun last.
	Current string
}

// OnProgress has a function called with each unit that is begun, by one goroutine
// at a time. It must not take long.
func (p *Plan) OnProgress(f func(Progress)) { p.progress = f }

// input is one that a run renders.
type input struct {
	name string
	done bool
}

// task renders an input.
type task struct {
	*input
	do func()
}

// expect notes an input that is to be rendered.
func (r *run) expect(name string) *input {
	in := &input{name: name}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.inputs = append(r.inputs, in)
	return in
}

// begin reports that a unit begins. The scenario is empty if its input has one.
func (r *run) begin(name, scenario string) {
	if r.plan.progress == nil {
		return
	}
	if scenario != "" {
		name += " (" + scenario + ")"
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return
	}
	done := 0
	for _, in := range r.inputs {
		if in.done {
			done++
		}
	}
	r.plan.progress(Progress{Done: done, Total: len(r.inputs), Current: name})
}

// work does tasks, up to Jobs at a time, until the context ends.
func (r *run) work(ctx context.Context, tasks []task) {
	jobs := max(r.plan.opts.Jobs, 1)
	workers := min(jobs, len(tasks))
	r.idle = make(chan struct{}, jobs)
	for range jobs - workers {
		r.idle <- struct{}{}
	}
	next := counter(len(tasks))
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for i := range next {
				if ctx.Err() != nil {
					break
				}
				tasks[i].do()
				r.finish(ctx, tasks[i].input)
			}
			r.idle <- struct{}{} // what is left of the others is shared
		})
	}
	wg.Wait()
}

func (r *run) finish(ctx context.Context, in *input) {
	r.mu.Lock()
	defer r.mu.Unlock()
	in.done = ctx.Err() == nil
}

// together does the parts of a task: here, and in as many other goroutines as
// there are jobs that no task is left for.
func (r *run) together(parts int, do func(int)) {
	next := counter(parts)
	var wg sync.WaitGroup
	help := func() {
		for i := range next {
			do(i)
		}
		r.idle <- struct{}{}
	}
	for i := range next {
		for left := parts - i - 1; left > 0 && r.takeIdle(); left-- {
			wg.Go(help)
		}
		do(i)
	}
	wg.Wait()
}

// takeIdle takes a job that no task is left for, if there is one.
func (r *run) takeIdle() bool {
	select {
	case <-r.idle:
		return true
	default:
		return false
	}
}

// counter gives the numbers below n, each once, to its callers.
func counter(n int) iter.Seq[int] {
	var next atomic.Int64
	return func(yield func(int) bool) {
		for i := int(next.Add(1)) - 1; i < n && yield(i); i = int(next.Add(1)) - 1 {
			continue
		}
	}
}

// wait gives what a run left once it is over or the context has ended. In the
// latter case what is under way is abandoned: it cannot be interrupted
// everywhere, and a part of a unit is no unit.
func (r *run) wait(ctx context.Context, over <-chan struct{}) *Result {
	select {
	case <-over:
	case <-ctx.Done():
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	result := r.result
	if ctx.Err() == nil {
		return &result
	}
	result.Summary.Interrupted = true
	result.Problems = append(slices.Clone(result.Problems), r.interrupted())
	return &result
}

// maxNamed limits how many inputs the message about an interrupted run names.
const maxNamed = 5

// interrupted reports which inputs are not in the result.
func (r *run) interrupted() lint.Problem {
	var left []string
	for _, in := range r.inputs {
		if !in.done {
			left = append(left, in.name)
		}
	}
	p := lint.Problem{
		Code:    lint.CodeInterrupted,
		Message: "interrupted",
		Help:    "the report is incomplete: run it again",
	}
	if n := len(left); n > 0 {
		names := strings.Join(left[:min(n, maxNamed)], ", ")
		if n > maxNamed {
			names += fmt.Sprintf(" and %d more", n-maxNamed)
			p.Detail = strings.Join(left, "\n")
		}
		p.Message = fmt.Sprintf("interrupted: %d of %d inputs were not checked to the end: %s", n, len(r.inputs), names)
	}
	return p
}
