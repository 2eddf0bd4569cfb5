package terminal

import (
	"bytes"
	"testing"
	"time"
)

func TestProgressDrawn(t *testing.T) {
	var out bytes.Buffer
	ticks := make(chan time.Time)
	p := newProgress(&out, func() int { return 24 }, ticks)
	tick := func() { ticks <- time.Time{} }
	p.Update("0/3 charts/web")
	tick() // too early
	tick()
	tick() // nothing new
	p.Update("1/3 charts/\x1b[31mред")
	p.Update("2/3 charts/世界世界世界世界")
	tick()
	tick() // the last one is drawn once the next is taken
	p.Clear()
	const want = "\r\x1b[K0/3 charts/web" + "\r\x1b[K2/3 charts/世界世界世…" + "\r\x1b[K"
	if got := out.String(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// A run that is over by the second tick leaves no byte.
func TestNoProgress(t *testing.T) {
	var out bytes.Buffer
	ticks := make(chan time.Time)
	p := newProgress(&out, func() int { return 80 }, ticks)
	p.Update("0/3 charts/web")
	ticks <- time.Time{}
	p.Clear()
	if out.Len() > 0 {
		t.Errorf("drawn: %q", out.String())
	}
}
