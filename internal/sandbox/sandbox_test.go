package sandbox

import (
	"testing"
	"time"
)

// A unit is late by the time that it took, if the child has computed meanwhile: a
// process that does not get the processor is not late before long.
func TestLook(t *testing.T) {
	limits := Limits{Time: 10 * time.Second, Step: 5 * time.Second, Rate: 1000}
	start := time.Now()
	for _, c := range []struct {
		name         string
		steady       bool
		after, used  time.Duration
		read         uint64
		stopped      bool // this process was
		others       int  // units that began together with it
		late, narrow bool
	}{
		{name: "in time", after: 9 * time.Second, used: 9 * time.Second},
		{name: "late", after: 11 * time.Second, used: 10 * time.Second, late: true},
		{name: "on a busy machine", after: 11 * time.Second, used: 8 * time.Second},
		{name: "on a very busy machine", after: 99 * time.Second, used: 8 * time.Second},
		{name: "late on a very busy machine", after: 99 * time.Second, used: 10 * time.Second, late: true},
		{name: "waits", after: 101 * time.Second, used: time.Second, late: true},
		{name: "with a large input", after: 29 * time.Second, used: 29 * time.Second, read: 20_000},
		{name: "late with a large input", after: 31 * time.Second, used: 31 * time.Second, read: 20_000, late: true},
		{name: "with a huge input", after: maxMore + 9*time.Second, used: maxMore, read: 1 << 63},
		{name: "late with a huge input", after: maxMore + 11*time.Second, used: maxMore + 10*time.Second, read: 1 << 63, late: true},
		{name: "after a suspension", after: 11 * time.Second, used: 11 * time.Second, stopped: true},
		{name: "a steady unit", steady: true, after: 6 * time.Second, used: 6 * time.Second, late: true, narrow: true},
		{name: "two units", others: 1, after: 11 * time.Second, used: 11 * time.Second},
		{name: "two units, late", others: 1, after: 11 * time.Second, used: 20 * time.Second, late: true, narrow: true},
	} {
		u := Unit{Kind: c.name}
		ch := &child{limits: limits, used: c.used, read: c.read, end: func() {}}
		ch.running = []*running{{Unit: u, steady: c.steady, since: start}}
		for range c.others {
			ch.running = append(ch.running, &running{since: start})
		}
		since := time.Second
		if c.stopped {
			since = 11 * time.Second
		}
		ch.look(start.Add(c.after), since)
		if (ch.killed != "") != c.late {
			t.Errorf("%s: killed %q", c.name, ch.killed)
		}
		if _, known := ch.culprits(); c.late && known == c.narrow {
			t.Errorf("%s: known %t", c.name, known)
		}
	}
}

// Of several units the one is to blame that holds no other; which one it is, is
// not known if there are two.
func TestCulprits(t *testing.T) {
	outer, inner, other := Unit{Kind: "overlay"}, Unit{Kind: "chart"}, Unit{Kind: "other"}
	c := &child{running: []*running{{Unit: outer}, {Unit: inner, within: &outer, file: "a.yaml"}}, killed: "it took too long"}
	if l, known := c.culprits(); !known || l != (Loss{inner, "a.yaml", "it took too long"}) {
		t.Errorf("%+v, %t", l, known)
	}
	c.running = append(c.running, &running{Unit: other})
	if _, known := c.culprits(); known {
		t.Error("one of two units is known to be to blame")
	}
}

// Only the arguments that a parent gives make a child.
func TestIsChild(t *testing.T) {
	if IsChild(nil) || IsChild([]string{"__child", "x"}) || !IsChild([]string{"__child"}) {
		t.Error("arguments of another process make a child")
	}
}
