package terminal

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/kubevet/kubevet/lint/report/columns"
)

// drawEvery is how often the line of progress is drawn. A run that ends before the
// second time shows none.
const drawEvery = 250 * time.Millisecond

const eraseLine = "\r\x1b[K"

// Progress is one line of a terminal that shows how far a run is, and is drawn again
// and again. It is safe for concurrent use.
type Progress struct {
	out   io.Writer
	width func() int // of the terminal, in columns
	stop  chan struct{}
	ended chan struct{}

	mu     sync.Mutex
	latest string
}

// StartProgress draws the line of progress on a terminal until Clear is called.
func StartProgress(f *os.File) *Progress {
	ticker := time.NewTicker(drawEvery)
	p := newProgress(f, func() int { return Columns(f) }, ticker.C)
	go func() {
		<-p.ended
		ticker.Stop()
	}()
	return p
}

// newProgress draws at each tick but the first, if the text has changed.
func newProgress(out io.Writer, width func() int, ticks <-chan time.Time) *Progress {
	p := &Progress{out: out, width: width, stop: make(chan struct{}), ended: make(chan struct{})}
	go p.draw(ticks)
	return p
}

// Update sets the text of the line.
func (p *Progress) Update(text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.latest = text
}

// Clear ends the drawing, and leaves an empty line for what is printed next.
func (p *Progress) Clear() {
	close(p.stop)
	<-p.ended
}

func (p *Progress) draw(ticks <-chan time.Time) {
	defer close(p.ended)
	drawn := ""
	for n := 0; ; n++ {
		select {
		case <-ticks:
		case <-p.stop:
			if drawn != "" {
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
		fmt.Fprint(p.out, eraseLine+columns.Fit(now, p.width()-1)) // the last column would wrap
		drawn = now
	}
}
