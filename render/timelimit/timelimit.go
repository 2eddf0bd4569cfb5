// Package timelimit limits how long work may take by the processor time of the process,
// so that a busy machine does not end work that is fine.
package timelimit

import (
	"context"
	"sync/atomic"
	"time"
)

// Longest is how many times its limit work may take by the clock, if it has not used that
// much processor time.
const Longest = 10

// Limit is a limit of time that runs.
type Limit struct {
	limit time.Duration
	begun time.Time
	used  time.Duration // processor time when it was started
}

// Start starts a limit.
func Start(limit time.Duration) Limit { return Limit{limit, time.Now(), ProcessorTime()} }

// IsOver reports whether the time is over.
func (l Limit) IsOver() bool { return l.isOver(time.Since(l.begun), ProcessorTime()) }

// isOver reports whether the time is over after some time by the clock, when the process
// has used so much processor time. The latter is zero where it is not known.
func (l Limit) isOver(after, used time.Duration) bool {
	return after > l.limit && (used == 0 || used-l.used > l.limit || after > Longest*l.limit)
}

// tick is how often a context looks at its limit.
const tick = 100 * time.Millisecond

// Context is a context that ends when the limit is over, with context.DeadlineExceeded.
// Call cancel when the work is done.
func Context(ctx context.Context, limit time.Duration) (limited context.Context, cancel context.CancelFunc) {
	inner, cancel := context.WithCancel(ctx)
	c := &limitedContext{Context: inner}
	l := Start(limit)
	go func() {
		ticker := time.NewTicker(tick)
		defer ticker.Stop()
		for !l.IsOver() {
			select {
			case <-ticker.C:
			case <-inner.Done():
				return
			}
		}
		c.isOver.Store(true)
		cancel()
	}()
	return c, cancel
}

// limitedContext is a context whose end may be that of a limit.
type limitedContext struct {
	context.Context
	isOver atomic.Bool
}

// Err says why the context ended. It is nil if it has not.
func (c *limitedContext) Err() error {
	err := c.Context.Err()
	if err != nil && c.isOver.Load() {
		return context.DeadlineExceeded
	}
	return err
}
