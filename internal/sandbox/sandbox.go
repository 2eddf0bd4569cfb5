// Package sandbox runs work on untrusted input in child processes. Limits within
// a process stop most of what never ends; a stack that overflows, or memory that
// runs out, costs the process. A child is kubevet itself, with nothing in common
// with its parent but three pipes. No other program is ever started.
//
// The work is done unit by unit. The parent follows it by the child's messages:
// it knows which unit runs, ends the child when a unit takes too much, and
// starts another one that leaves out the units that are lost or done.
package sandbox

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/kubevet/kubevet/render/timelimit"
)

// Limits are those of a child and its units. They are higher than the limits
// within the process, and are for what slips through these.
type Limits struct {
	// Time is how much processor time a unit may take, and Step a step of a steady
	// unit: a busy machine loses no unit that is fine. What waits and does not compute
	// may take timelimit.Longest times as much.
	Time, Step time.Duration
	// Rate is how many bytes of input are worth another second of Time, Step and
	// LostTime, up to maxMore: honest work grows with the input. All bytes count that
	// the child has read. Zero: none do.
	Rate uint64
	// Memory is by how many bytes a child may grow while it does a unit.
	Memory uint64
	// Stack is how many bytes a stack of the child may have. The deepest that the
	// limits within the process allow takes between a quarter and a half.
	Stack int
	// Losses is how many units may be lost, and LostTime how much processor time all lost
	// children together may have taken, before the rest is given up.
	Losses   int
	LostTime time.Duration
	// Alone has no child started, as where that is not possible.
	Alone bool
}

// DefaultLimits are those of the program.
var DefaultLimits = Limits{Time: 30 * time.Second, Step: 20 * time.Second, Rate: 128 << 10, Memory: 3 << 29, Stack: 128 << 20, Losses: 128, LostTime: 5 * time.Minute}

// maxMore is the most time that a large input adds.
const maxMore = 10 * time.Minute

// more is how much time is added for an input of a size.
func (l Limits) more(size uint64) time.Duration {
	if l.Rate == 0 {
		return 0
	}
	if size/l.Rate >= uint64(maxMore/time.Second) {
		return maxMore
	}
	return time.Duration(size) * time.Second / time.Duration(l.Rate)
}

// Unit names a part of the work.
type Unit struct {
	Kind     string `json:"kind,omitempty"`
	Input    string `json:"input,omitempty"`
	Scenario string `json:"scenario,omitempty"`
}

// Loss is a unit that cost a child.
type Loss struct {
	Unit `json:"unit"`
	// File is the one that was being worked on. Empty: it is not known.
	File string `json:"file"`
	// Cause completes a sentence: the unit …
	Cause string `json:"cause"`
}

// State is what earlier children came to.
type State struct {
	Losses []Loss `json:"losses"`
	// Serial asks for one unit at a time, with a message for each file: a child was
	// lost, and it was not known by which unit.
	Serial bool `json:"serial"`
}

// Work is what children are started for.
type Work struct {
	Limits Limits
	// Dir is the working directory of the children. Empty: that of this process.
	Dir string
	// Job gives what a child is to do. It is called before each start.
	Job func(State) any
	// Message is called with each message of the work, in order.
	Message func(json.RawMessage) error
	// Stdin is read when a child asks for it, at most once. May be nil.
	Stdin func(context.Context) ([]byte, error)
}

// Outcome is how the work ended.
type Outcome struct {
	Losses []Loss
	// GaveUp is set if the work was not done to the end, for the reason given.
	GaveUp string
	// Interrupted is set if the context ended. Answered: the child came to its
	// end all the same, and sent what it had.
	Interrupted, Answered bool
}

// ErrUnavailable is the error of Run where no child can be started, as on
// Windows, where a process cannot be given further files.
var ErrUnavailable = errors.New("no child process can be started")

// helloTime is how long a child may take to answer. One that does not is not
// kubevet.
const helloTime = time.Minute

// grace is how long a child has to send what it has after an interruption.
const grace = time.Second

// Run does the work in as many children as it takes. When the context ends it
// returns within a little more than a second.
func Run(ctx context.Context, w *Work) (*Outcome, error) {
	if w.Limits.Alone {
		return nil, ErrUnavailable
	}
	out := &Outcome{}
	s := State{}
	var spent time.Duration
	for {
		c, err := start(w, s)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		begun := time.Now()
		if err := c.wait(ctx, w); err != nil {
			return nil, err
		}
		spent += max(c.used, time.Since(begun)/timelimit.Longest)
		out.Interrupted, out.Answered = ctx.Err() != nil, c.done
		if c.done || out.Interrupted {
			return out, nil
		}
		lost, known := c.culprits()
		if !known {
			if s.Serial {
				out.GaveUp = "the process that checks was lost: " + c.cause()
				return out, nil
			}
			s.Serial = true
			continue
		}
		out.add(lost, spent-w.Limits.more(c.read), w.Limits)
		if out.GaveUp != "" {
			return out, nil
		}
		s.Losses = out.Losses
	}
}

// add notes a loss, and whether to give up after it.
func (o *Outcome) add(lost Loss, spent time.Duration, limits Limits) {
	if slices.ContainsFunc(o.Losses, func(l Loss) bool { return l.Unit == lost.Unit && l.File == lost.File }) {
		if lost.File == "" {
			o.GaveUp = "the process that checks was lost: " + lost.Cause
			return
		}
		lost.File = "" // leaving the file out did not help
	}
	o.Losses = append(o.Losses, lost)
	switch {
	case len(o.Losses) >= limits.Losses:
		o.GaveUp = fmt.Sprintf("%d parts were stopped, which is the limit", len(o.Losses))
	case spent > limits.LostTime:
		o.GaveUp = fmt.Sprintf("the parts that were stopped took more than %v, which is the limit", limits.LostTime)
	}
}

// child is a child process, as the parent sees it.
type child struct {
	limits  Limits
	cmd     *exec.Cmd
	events  *os.File // read
	control *os.File // written
	crash   head     // of its standard error: what Go says when it gives up
	nonce   string
	serial  bool
	used    time.Duration // processor time, as it has said last
	read    uint64        // bytes of input, as it has said last
	running []*running
	hello   bool   // it has answered with the nonce
	done    bool   // it came to its end
	killed  string // why it was
	status  error
	// end ends the process.
	end func()
}

// running is a unit that is being worked on.
type running struct {
	Unit
	file   string
	within *Unit
	steady bool
	// known is set for a steady unit if leaving out a file would not help: it has
	// but one, or is looked at as a whole.
	known bool
	since time.Time
	used  time.Duration // processor time of the child then
}

func (r *running) step(used time.Duration) { r.since, r.used = time.Now(), used }

// childArgument is the only argument of a child.
const childArgument = "__child"

// The files that a child is given besides the usual three.
const (
	eventsFile  = 3 + iota // it writes messages
	controlFile            // it reads messages; the end: its parent is there no more
)

// order is a message to a child.
type order struct {
	// Nonce begins the first message, and is sent back: both ends know each other.
	Nonce     string          `json:"nonce,omitempty"`
	Job       json.RawMessage `json:"job,omitempty"`
	Limits    *Limits         `json:"limits,omitempty"`
	Serial    bool            `json:"serial,omitempty"`
	Interrupt bool            `json:"interrupt,omitempty"`
	Stdin     *stdinText      `json:"stdin,omitempty"`
}

type stdinText struct {
	Text  []byte `json:"text"`
	Error string `json:"error,omitempty"`
}

// event is a message of a child.
type event struct {
	Do     string `json:"do"`
	Nonce  string `json:"nonce,omitempty"`
	Unit   Unit   `json:"unit,omitzero"`
	Within *Unit  `json:"within,omitempty"`
	// Steady units are long ones that are measured by each step. Known is as in
	// running.
	Steady bool `json:"steady,omitempty"`
	Known  bool `json:"known,omitempty"`
	// Used is the processor time of the child.
	Used time.Duration `json:"used,omitempty"`
	// Read is how many bytes of input the child has read.
	Read    uint64          `json:"read,omitempty"`
	File    string          `json:"file,omitempty"`
	Message json.RawMessage `json:"message,omitempty"`
}

// What a child does.
const (
	didAnswer  = "hello"
	didBegin   = "begin"
	didReach   = "at"
	didStep    = "step" // a steady unit goes on
	didPass    = "pass" // a steady unit is looked at as a whole
	didUse     = "use"  // processor time and input
	didEnd     = "end"
	didOutgrow = "outgrow" // the memory that a unit may take
	didExpire  = "expire"  // in tests: the time that a unit may take is over
	didSend    = "send"
	didAsk     = "stdin"
	didFinish  = "finish"
)

// start starts a child. Its standard input and output are empty; what Go writes
// to standard error when it gives up is kept.
func start(w *Work, s State) (*child, error) {
	if IsChild(os.Args[1:]) {
		return nil, errors.New("a child starts none itself") // a program that does not call Serve would start them without end
	}
	exe, err := os.Executable()
	if err != nil {
		return nil, err
	}
	job, err := json.Marshal(w.Job(s))
	if err != nil {
		return nil, err
	}
	random := make([]byte, 16)
	if _, err := rand.Read(random); err != nil {
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
	c := &child{limits: w.Limits, events: events, control: control, nonce: hex.EncodeToString(random), serial: s.Serial}
	c.cmd = &exec.Cmd{Path: exe, Args: []string{"kubevet", childArgument}, Dir: w.Dir, Stderr: &c.crash}
	c.cmd.ExtraFiles = []*os.File{eventsFile - 3: eventsOf, controlFile - 3: controlOf}
	err = c.cmd.Start()
	if closing := errors.Join(eventsOf.Close(), controlOf.Close()); err == nil {
		err = closing
	}
	if err != nil {
		return nil, errors.Join(err, events.Close(), control.Close())
	}
	c.end = func() { _ = c.cmd.Process.Kill() } // an error: it has ended already
	go func() {                                 // an error: it is lost, which the events say
		_ = c.order(order{Nonce: c.nonce, Job: job, Limits: &w.Limits, Serial: s.Serial})
	}()
	return c, nil
}

func (c *child) order(o order) error { return json.NewEncoder(c.control).Encode(o) }

// tick is how often a child is looked at.
const tick = 500 * time.Millisecond

// receive gives the messages of a child until it has ended, or nobody takes them.
func (c *child) receive(stop <-chan struct{}) <-chan event {
	events := make(chan event)
	go func() {
		defer close(events)
		for d := json.NewDecoder(c.events); ; {
			var e event
			if d.Decode(&e) != nil {
				return
			}
			select {
			case events <- e:
			case <-stop:
				return
			}
		}
	}()
	return events
}

// wait follows a child until it has ended. The error is that of Message.
func (c *child) wait(ctx context.Context, w *Work) error {
	stop := make(chan struct{})
	defer close(stop)
	events := c.receive(stop)
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	interrupted, last := ctx.Done(), time.Now()
	mute := time.NewTimer(helloTime)
	defer mute.Stop()
	var late <-chan time.Time
	var failed error
	for open := true; open; {
		select {
		case e, ok := <-events: // closed when the process has ended
			if open = ok; ok && failed == nil {
				if failed = c.note(ctx, e, w); failed != nil {
					c.kill("its messages make no sense")
				}
			}
		case <-interrupted:
			interrupted, late = nil, time.After(grace)
			go func() { _ = c.order(order{Interrupt: true}) }() // an error: see start
		case <-late:
			c.kill("it was interrupted")
		case <-mute.C:
			if !c.hello {
				failed = fmt.Errorf("%w: the process that was started does not answer", ErrUnavailable)
				c.kill("it does not answer")
			}
		case now := <-ticker.C:
			c.look(now, now.Sub(last))
			last = now
		}
	}
	c.status = c.cmd.Wait()
	_ = errors.Join(c.events.Close(), c.control.Close()) // nothing is lost
	return failed
}

// note takes in a message.
func (c *child) note(ctx context.Context, e event, w *Work) error {
	if c.killed != "" && e.Do != didSend { // what was running then is to blame, whatever it still says
		return nil
	}
	if !c.hello {
		if e.Do != didAnswer || e.Nonce != c.nonce {
			return errors.New("the process that was started is not kubevet")
		}
		c.hello = true
		return nil
	}
	switch e.Do {
	case didBegin:
		r := &running{Unit: e.Unit, within: e.Within, steady: e.Steady, known: e.Known}
		r.step(c.used)
		c.running = append(c.running, r)
	case didStep:
		c.noteStep(e.File)
	case didUse:
		c.used, c.read = e.Used, e.Read
	case didOutgrow:
		if len(c.running) > 0 { // else it came to its end meanwhile
			c.kill(fmt.Sprintf("it took more than %d MiB of memory", c.limits.Memory>>20))
		}
	case didSend:
		return w.Message(e.Message)
	case didAsk:
		go c.answerStdin(ctx, w)
	case didFinish:
		c.done = true
	default:
		if i := slices.IndexFunc(c.running, func(r *running) bool { return r.Unit == e.Unit }); i >= 0 {
			c.noteOf(i, e)
		}
	}
	return nil
}

// noteStep notes that steady units go on.
func (c *child) noteStep(file string) {
	for _, r := range c.running {
		if r.steady {
			r.step(c.used)
		}
		if c.serial {
			r.file = file
		}
	}
}

// noteOf takes in a message about a unit that runs.
func (c *child) noteOf(i int, e event) {
	r := c.running[i]
	switch e.Do {
	case didReach:
		r.file = e.File
	case didPass:
		r.known, r.file = true, ""
		r.step(c.used)
	case didEnd:
		c.running = slices.Delete(c.running, i, i+1)
	case didExpire:
		r.since = r.since.Add(-timelimit.Longest * c.limit(r))
		c.look(time.Now(), 0)
	}
}

func (c *child) answerStdin(ctx context.Context, w *Work) {
	text := &stdinText{}
	if w.Stdin != nil {
		data, err := w.Stdin(ctx)
		text.Text = data
		if err != nil {
			text.Error = err.Error()
		}
	}
	if ctx.Err() == nil {
		_ = c.order(order{Stdin: text}) // an error: see start
	}
}

// look ends the child if a unit takes too long. Since is how long ago it looked
// last: if that is long, this process was stopped, and so was the child.
func (c *child) look(now time.Time, since time.Duration) {
	var late []*running
	for _, r := range c.running {
		if since > 5*tick {
			r.since = r.since.Add(since)
		}
		// The units that run together share the processor time of the child. It says twice a
		// second how much that is, so that the last second counts as computed.
		limit, took, used := c.limit(r), now.Sub(r.since), (c.used-r.used)/time.Duration(c.together())
		if (took > limit && used+time.Second >= limit || took >= timelimit.Longest*limit) && !c.hasInner(r) {
			late = append(late, r)
		}
	}
	if len(late) > 0 && c.killed == "" {
		c.kill(fmt.Sprintf("it took longer than %v and could not be interrupted", c.limit(late[0]).Truncate(time.Second)))
		c.running = late
	}
}

// together is how many units run that hold no others; at least one.
func (c *child) together() int {
	n := 0
	for _, r := range c.running {
		if !c.hasInner(r) {
			n++
		}
	}
	return max(n, 1)
}

// limit is how long a unit may take, or its step.
func (c *child) limit(r *running) time.Duration {
	limit := c.limits.Time
	if r.steady {
		limit = c.limits.Step
	}
	return limit + c.limits.more(c.read)
}

// hasInner reports whether another unit runs within one.
func (c *child) hasInner(r *running) bool {
	return slices.ContainsFunc(c.running, func(s *running) bool { return s.within != nil && *s.within == r.Unit })
}

// culprits is the unit that cost the child. Known is false if it may have been
// another one, or if a steady unit may be narrowed down to a file.
func (c *child) culprits() (loss Loss, known bool) {
	l := slices.DeleteFunc(slices.Clone(c.running), c.hasInner)
	if len(l) != 1 || l[0].steady && !l[0].known && !c.serial {
		return Loss{}, false
	}
	return Loss{l[0].Unit, l[0].file, c.cause()}, true
}

func (c *child) kill(why string) {
	if c.killed == "" {
		c.killed = why
		c.end()
	}
}

// cause is why the child was lost.
func (c *child) cause() string {
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
