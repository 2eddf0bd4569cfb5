package timelimit

import (
	"context"
	"errors"
	"testing"
	"time"
)

// Work is late when the process has computed for as long as the limit, and by the clock
// not before long.
func TestIsOver(t *testing.T) {
	l := Limit{limit: 10 * time.Second, used: 5 * time.Second}
	for _, c := range []struct {
		name        string
		after, used time.Duration
		want        bool
	}{
		{"in time", 9 * time.Second, 30 * time.Second, false},
		{"late", 11 * time.Second, 16 * time.Second, true},
		{"on a busy machine", 99 * time.Second, 14 * time.Second, false},
		{"waits", 101 * time.Second, 5 * time.Second, true},
		{"processor time is not known", 11 * time.Second, 0, true},
	} {
		if got := l.isOver(c.after, c.used); got != c.want {
			t.Errorf("%s: %t", c.name, got)
		}
	}
}

// A limit that is over ends the context, and cancel does.
func TestContext(t *testing.T) {
	ended, cancel := Context(context.Background(), -time.Hour)
	defer cancel()
	<-ended.Done()
	if err := ended.Err(); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the error is %v", err)
	}
	open, cancel := Context(context.Background(), time.Hour)
	if open.Err() != nil {
		t.Error("the context ended before its time")
	}
	cancel()
	<-open.Done()
	if err := open.Err(); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}
