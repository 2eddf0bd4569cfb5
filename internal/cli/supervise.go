package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubevet/kubevet/internal/session"
	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render"
	"github.com/kubevet/kubevet/render/helm"
)

// Charts are programs of strangers. Bounds within the process stop most that
// never ends; a stack that overflows, or memory that runs out, costs the process.
// So a run that comes to render a chart is begun again in a second process, and
// the first one looks on: it knows from the second one's events which template
// was being executed, and when that one is lost it starts another, which makes a
// problem of the chart and does all the rest.
//
// Both are kubevet, with the same arguments. No other program is ever started.

// chartBounds are those of the second process. Bounds within it are lower: these
// are for what slips through.
var chartBounds = struct {
	// time is how long a chart may take that does not notice its own limit.
	time time.Duration
	// memory is by how many bytes the process may grow while it renders a chart.
	memory uint64
	// stack is how many bytes a stack of the process may have. The deepest that
	// bounds within it allow takes between a quarter and a half.
	stack int
}{helm.ChartTime + 20*time.Second, 4 << 30, 128 << 20}

// maxLost is how many charts may cost a process before the run is given up.
const maxLost = 16

// superviseTick is how often the second process is looked at.
const superviseTick = time.Second

// loss is a chart that cost a process, and why.
type loss struct {
	render.Watched
	// File is the template that was being executed. Empty: none was.
	File string `json:"file"`
	// Cause completes a sentence: the chart …
	Cause string `json:"cause"`
}

// problem tells of the chart in the report of the next process.
func (l loss) problem() *lint.Problem {
	what := l.Chart
	if l.Scenario != "" {
		what += " (" + l.Scenario + ")"
	}
	file := l.Chart
	if l.File != "" {
		file = l.File
	}
	return &lint.Problem{
		Position: lint.Position{File: file},
		Message:  fmt.Sprintf("rendering %s was stopped: %s", what, l.Cause),
		Help:     "look for a template that includes itself, a value that holds itself, or a loop that does not end; the chart is not checked with these values",
	}
}

// apart is a command that renders: in this process until it comes to a chart,
// then in another one. The first Ctrl-C ends it with what it has.
func (p *program) apart(do func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		defer p.interruptible(cmd)()
		outer := cmd.Context()
		ctx, cancel := context.WithCancelCause(outer)
		defer cancel(nil)
		cmd.SetContext(ctx)
		p.render.Watch = p.watch(func() { cancel(session.ErrHandedOver) })
		err := do(cmd, args)
		if !isApart(ctx) {
			return err
		}
		code, err := p.supervise(outer)
		if errors.Is(err, errNoProcess) { // bounds are all there is
			cmd.SetContext(outer)
			p.render.Watch = nil
			return do(cmd, args)
		}
		p.exit = code
		return err
	}
}

// errNoProcess is that no second process could be started, as on Windows, where
// one cannot be given further files.
var errNoProcess = errors.New("no second process")

func isApart(ctx context.Context) bool { return errors.Is(context.Cause(ctx), session.ErrHandedOver) }

// watch is told of charts: in a second process it tells the first one, and in the
// first one it has the run taken over. Nil: charts are rendered here, as where a
// second process could not have the same input and output.
func (p *program) watch(takeOver func()) *render.Watch {
	if p.supervised != nil {
		return p.supervised.watch()
	}
	for _, f := range []any{p.in, p.out, p.errOut} {
		if _, ok := f.(*os.File); !ok {
			return nil
		}
	}
	return &render.Watch{
		Begin: func(render.Watched) (*lint.Problem, bool) {
			if p.inRead.Load() { // by manifests that install a chart: no other process could read it again
				return nil, true
			}
			takeOver()
			return nil, false
		},
		At:  func(render.Watched, string) {},
		End: func(render.Watched) {},
	}
}

// onceRead is standard input, which tells that it was read.
type onceRead struct{ p *program }

func (r onceRead) Read(b []byte) (int, error) {
	r.p.inRead.Store(true)
	return r.p.in.Read(b)
}

// supervise runs the program in another process, and again without the chart
// that cost it, and returns its exit code.
func (p *program) supervise(ctx context.Context) (int, error) {
	s := handover{}
	for {
		c, err := p.start(s)
		if err != nil {
			return lint.ExitProblems, fmt.Errorf("%w: %w", errNoProcess, err)
		}
		code, done := c.wait(ctx)
		switch {
		case done:
			return code, nil
		case c.unread():
			return exitUnread, nil
		case ctx.Err() != nil:
			return lint.ExitProblems, errors.New("interrupted, and the process that renders charts was lost: nothing is told")
		case len(c.running) > 1 && !s.Serial: // which one was it?
			s.Serial = true
			continue
		case len(c.running) == 0:
			return lint.ExitProblems, fmt.Errorf("this is a defect of kubevet, please report it: the process that checks was lost: %s\n%s", c.cause(), c.crash.text())
		}
		for _, r := range c.running {
			s.Lost = append(s.Lost, loss{r.Watched, r.file, c.cause()})
		}
		if len(s.Lost) > maxLost {
			var names []string
			for _, l := range s.Lost {
				names = append(names, l.problem().Error())
			}
			return lint.ExitProblems, fmt.Errorf("given up after %d charts cost the process:\n%s", len(s.Lost), strings.Join(names, "\n"))
		}
	}
}

// exitUnread is what a shell calls the end of a program whose output nobody reads
// any more, as that of kubevet | head -1.
const exitUnread = 128 + int(syscall.SIGPIPE)

// unread reports whether the process was ended since nobody reads its output.
func (c *second) unread() bool {
	status, ok := c.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return ok && c.killed == "" && status.Signaled() && status.Signal() == syscall.SIGPIPE
}

// second is the second process, as the first one sees it.
type second struct {
	cmd     *exec.Cmd
	events  *os.File // read
	control *os.File // written: a byte for each interruption
	crash   head     // of its standard error: what Go says when it gives up
	running []*running
	done    bool   // it came to its end
	killed  string // why it was
	status  error
}

// running is a chart that is being rendered.
type running struct {
	render.Watched
	file  string
	since time.Time
}

// start begins a second process, which has the input and output of this one.
// What Go itself writes to standard error when it gives up is kept apart.
func (p *program) start(h handover) (*second, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	state, err := json.Marshal(h)
	if err != nil {
		return nil, err
	}
	events, eventsOf, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	controlOf, control, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, events.Close(), eventsOf.Close())
	}
	c := &second{events: events, control: control}
	c.cmd = exec.Command(exe, p.args...)
	c.cmd.Args[0] = os.Args[0]
	c.cmd.Env = append(os.Environ(), handoverVariable+"="+string(state))
	c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = p.in, p.out, &c.crash
	if p.inText != nil {
		c.cmd.Stdin = bytes.NewReader(p.inText)
	}
	c.cmd.ExtraFiles = []*os.File{eventsFile - 3: eventsOf, controlFile - 3: controlOf, errorFile - 3: p.errOut.(*os.File)}
	err = c.cmd.Start()
	if closing := errors.Join(eventsOf.Close(), controlOf.Close()); err == nil {
		err = closing
	}
	if err != nil {
		return nil, errors.Join(err, events.Close(), control.Close())
	}
	return c, nil
}

// wait looks on until the process has ended. Done: it came to its end by itself.
func (c *second) wait(ctx context.Context) (code int, done bool) {
	events := make(chan event)
	go func() {
		defer close(events)
		for d := json.NewDecoder(c.events); ; {
			var e event
			if d.Decode(&e) != nil {
				return
			}
			events <- e
		}
	}()
	tick := time.NewTicker(superviseTick)
	defer tick.Stop()
	interrupted, last := ctx.Done(), time.Now()
	for open := true; open; {
		select {
		case e, ok := <-events: // closed when the process is gone
			if open = ok; ok {
				c.note(e)
			}
		case <-interrupted:
			interrupted = nil
			_, _ = c.control.Write([]byte{1}) // an error: it is gone, which the events tell
		case now := <-tick.C:
			c.look(now, now.Sub(last))
			last = now
		}
	}
	c.status = c.cmd.Wait()
	_ = errors.Join(c.events.Close(), c.control.Close()) // nothing is lost
	return c.cmd.ProcessState.ExitCode(), c.done
}

// note takes in what the process tells of itself.
func (c *second) note(e event) {
	if c.killed != "" { // what was running then is to blame, whatever it still told
		return
	}
	at := slices.IndexFunc(c.running, func(r *running) bool { return r.Watched == e.Watched })
	switch e.Do {
	case didBegin:
		c.running = append(c.running, &running{Watched: e.Watched, since: time.Now()})
	case didReach:
		if at >= 0 {
			c.running[at].file = e.File
		}
	case didEnd:
		if at >= 0 {
			c.running = slices.Delete(c.running, at, at+1)
		}
	case didOutgrow:
		if at < 0 { // it came to its end meanwhile
			return
		}
		c.kill(fmt.Sprintf("it took more than %d MiB of memory", chartBounds.memory>>20))
	case didFinish:
		c.done = true
	}
}

// look ends the process if a chart takes too long. Since is how long ago it
// looked last: if that is long, this process was stopped, and so was the other.
func (c *second) look(now time.Time, since time.Duration) {
	for _, r := range c.running {
		if since > 5*superviseTick {
			r.since = r.since.Add(since)
		}
		if now.Sub(r.since) > chartBounds.time && c.killed == "" {
			c.kill(fmt.Sprintf("it took longer than %v and could not be interrupted", chartBounds.time))
			c.running = []*running{r}
			return
		}
	}
}

func (c *second) kill(why string) {
	if c.killed == "" {
		c.killed = why
		_ = c.cmd.Process.Kill() // an error: it is gone already
	}
}

// cause is why the process was lost.
func (c *second) cause() string {
	crash := c.crash.text()
	switch {
	case c.killed != "":
		return c.killed
	case strings.Contains(crash, "stack overflow") || strings.Contains(crash, "stack exceeds"):
		return "it used up the stack"
	case strings.Contains(crash, "out of memory") || strings.Contains(crash, "cannot allocate memory"):
		return "it used up the memory"
	case crash != "":
		line, _, _ := strings.Cut(crash, "\n")
		return "the process was lost: " + line
	}
	return fmt.Sprintf("the process was lost: %v", c.status)
}

// head keeps the start of what is written to it.
type head struct{ kept bytes.Buffer }

const maxHead = 4096

func (h *head) Write(p []byte) (int, error) {
	if room := maxHead - h.kept.Len(); room > 0 {
		h.kept.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}

func (h *head) text() string { return strings.TrimSpace(h.kept.String()) }
