package cli

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/mattn/go-isatty"
	"golang.org/x/term"

	"github.com/kubevet/kubevet/internal/session"
	"github.com/kubevet/kubevet/lint/report"
	"github.com/kubevet/kubevet/render"
)

// progressEvery is how often the line of progress is drawn. What is over by the
// second time shows none.
const progressEvery = 250 * time.Millisecond

// progress draws how far a run is: one line of a terminal, drawn over and over.
type progress struct {
	out   io.Writer
	width func() int // of the terminal, in columns
	stop  chan struct{}
	ended chan struct{}

	mu     sync.Mutex
	latest render.Progress
}

// newProgress draws at each tick but the first, if there is anything new.
func newProgress(out io.Writer, width func() int, ticks <-chan time.Time) *progress {
	p := &progress{out: out, width: width, stop: make(chan struct{}), ended: make(chan struct{})}
	go p.draw(ticks)
	return p
}

// update says how far the run is.
func (p *progress) update(now render.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.latest = now
}

// clear ends the drawing, and leaves an empty line for what is printed next.
func (p *progress) clear() {
	close(p.stop)
	<-p.ended
}

const eraseLine = "\r\x1b[K"

func (p *progress) draw(ticks <-chan time.Time) {
	defer close(p.ended)
	var drawn render.Progress
	for n := 0; ; n++ {
		select {
		case <-ticks:
		case <-p.stop:
			if drawn != (render.Progress{}) {
				fmt.Fprint(p.out, eraseLine)
			}
			return
		}
		p.mu.Lock()
		now := p.latest
		p.mu.Unlock()
		if n == 0 || now == drawn {
			continue
		}
		line := fmt.Sprintf("%d/%d %s", now.Done, now.Total, now.Current)
		fmt.Fprint(p.out, eraseLine+report.Fit(line, p.width()-1)) // the last column would wrap
		drawn = now
	}
}

// showProgress draws a session's progress on standard error, if that is a
// terminal that somebody looks at. The result ends it.
func (p *program) showProgress(s *session.Session) (end func()) {
	f := p.progressTerminal(os.Getenv)
	if f == nil {
		return func() {}
	}
	ticker := time.NewTicker(progressEvery)
	line := newProgress(f, func() int { return columns(f) }, ticker.C)
	s.Progress = line.update
	return func() {
		ticker.Stop()
		line.clear()
	}
}

// progressTerminal is the terminal to draw on, nil if nothing is to be drawn.
func (p *program) progressTerminal(env func(string) string) *os.File {
	f, ok := p.errOut.(*os.File)
	ci := env("CI")
	if !ok || p.quiet || env("TERM") == "dumb" || ci != "" && ci != "false" || !isatty.IsTerminal(f.Fd()) {
		return nil
	}
	return f
}

// columns is the width of a terminal.
func columns(f *os.File) int {
	if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
		return width
	}
	return 80
}
