package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/kubevet/kubevet/render/timelimit"
)

// IsChild reports whether arguments are those of a child. They alone make none:
// the files that Serve talks over must be there, too.
func IsChild(args []string) bool { return len(args) == 1 && args[0] == childArgument }

// Conn is how a child talks to its parent. Its methods may be called from several
// goroutines.
type Conn struct {
	// Serial asks for one unit at a time; see State.
	Serial bool

	limits  Limits
	stdin   chan stdinText
	current atomic.Pointer[string] // the file of the last step
	steps   atomic.Uint64
	read    atomic.Uint64 // bytes of input

	mu     sync.Mutex
	events *json.Encoder
	// before is how much memory the process had when a unit was begun, for those
	// that run.
	before map[Unit]uint64
}

// Serve is the life of a child: it takes a job from its parent and does it. The
// error says that there is no parent.
func Serve(do func(context.Context, json.RawMessage, *Conn) error) error {
	control, events := os.NewFile(controlFile, "control"), os.NewFile(eventsFile, "events")
	if !isPipe(control) || !isPipe(events) {
		return errors.New(childArgument + " is for kubevet itself: no process of it is on the other end")
	}
	orders := json.NewDecoder(control)
	var first order
	if err := orders.Decode(&first); err != nil || first.Nonce == "" || first.Limits == nil {
		return errors.New(childArgument + " is for kubevet itself: its first message makes no sense")
	}
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP) // the parent says when
	debug.SetMaxStack(first.Limits.Stack)
	debug.SetMemoryLimit(int64(first.Limits.Memory) * 2 / 3) // beyond it, garbage is collected more often
	c := &Conn{
		Serial: first.Serial, limits: *first.Limits, stdin: make(chan stdinText, 1),
		events: json.NewEncoder(events), before: map[Unit]uint64{},
	}
	c.emit(event{Do: didAnswer, Nonce: first.Nonce})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go c.handleOrders(orders, cancel)
	go c.watchMemory()
	if err := do(ctx, first.Job, c); err != nil {
		return err
	}
	c.emit(event{Do: didFinish})
	return nil
}

func isPipe(f *os.File) bool {
	if f == nil {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeNamedPipe != 0
}

// handleOrders does what the parent says. Without a parent, the child ends at once.
func (c *Conn) handleOrders(orders *json.Decoder, interrupt func()) {
	for {
		var o order
		if orders.Decode(&o) != nil {
			if self, err := os.FindProcess(os.Getpid()); err == nil {
				_ = self.Kill() // an error: there is no more that could be done
			}
			return
		}
		switch {
		case o.Interrupt:
			interrupt()
		case o.Stdin != nil:
			c.stdin <- *o.Stdin
		}
	}
}

func (c *Conn) emit(e event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_ = c.events.Encode(e) // an error: the parent has ended, which handleOrders notices
}

// Kind says how a unit is measured.
type Kind struct {
	// Within is the unit that this one is a part of, nil for none.
	Within *Unit
	// Steady units are measured by their steps. If one is lost, it is looked for
	// the file, unless there is but a single one.
	Steady, Single bool
}

// Begin says that a unit begins.
func (c *Conn) Begin(u Unit, k Kind) {
	c.mu.Lock()
	c.before[u] = memory()
	c.mu.Unlock()
	c.emit(event{Do: didBegin, Unit: u, Within: k.Within, Steady: k.Steady, Known: k.Single})
}

// Pass says that a steady unit is looked at as a whole from now on.
func (c *Conn) Pass(u Unit) { c.emit(event{Do: didPass, Unit: u}) }

// At says which file a unit works on.
func (c *Conn) At(u Unit, file string) { c.emit(event{Do: didReach, Unit: u, File: file}) }

// Step says which file is worked on, by all units that run. It is cheap unless
// the child is serial.
func (c *Conn) Step(file string) {
	c.current.Store(&file)
	c.steps.Add(1)
	if c.Serial {
		c.emit(event{Do: didStep, File: file})
	}
}

// Read says how many bytes of input were read, in addition to those before.
func (c *Conn) Read(size int) { c.read.Add(uint64(size)) }

// Expire has a unit count as if its time were over. It is for tests, which must
// not wait.
func (c *Conn) Expire(u Unit) { c.emit(event{Do: didExpire, Unit: u}) }

// End says that a unit is done.
func (c *Conn) End(u Unit) {
	c.mu.Lock()
	delete(c.before, u)
	c.mu.Unlock()
	c.emit(event{Do: didEnd, Unit: u})
}

// Send sends a message of the work.
func (c *Conn) Send(message any) error {
	data, err := json.Marshal(message)
	if err != nil {
		return err
	}
	c.emit(event{Do: didSend, Message: data})
	return nil
}

// Stdin asks the parent for its standard input, when it is first read.
func (c *Conn) Stdin() io.Reader { return &remote{conn: c} }

// remote is the parent's standard input.
type remote struct {
	conn  *Conn
	asked bool
	text  []byte
	err   error
}

func (r *remote) Read(b []byte) (int, error) {
	if !r.asked {
		r.asked = true
		r.conn.emit(event{Do: didAsk})
		got := <-r.conn.stdin
		r.text, r.err = got.Text, io.EOF
		r.conn.Read(len(got.Text))
		if got.Error != "" {
			r.err = errors.New(got.Error)
		}
	}
	n := copy(b, r.text)
	r.text = r.text[n:]
	if n == 0 {
		return 0, r.err
	}
	return n, nil
}

// watchMemory says that the process has grown too much since a unit began, and
// that steady units go on.
func (c *Conn) watchMemory() {
	var last uint64
	for n := 0; ; n++ {
		time.Sleep(25 * time.Millisecond)
		now := memory()
		c.mu.Lock()
		outgrown := false
		for _, before := range c.before {
			outgrown = outgrown || now > before && now-before > c.limits.Memory
		}
		c.mu.Unlock()
		if outgrown {
			c.emit(event{Do: didOutgrow})
		}
		if n%20 > 0 {
			continue
		}
		c.emit(event{Do: didUse, Used: timelimit.ProcessorTime(), Read: c.read.Load()})
		if steps := c.steps.Load(); !c.Serial && steps != last {
			last = steps
			c.emit(event{Do: didStep})
		}
	}
}

// memory is how many bytes this process has of the system.
func memory() uint64 {
	m := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(m)
	return m[0].Value.Uint64() - m[1].Value.Uint64()
}
