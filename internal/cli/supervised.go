package cli

import (
	"encoding/json"
	"os"
	"os/signal"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"syscall"
	"time"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render"
)

// handoverVariable is the environment variable by which a process knows that it
// is a second one, and what earlier ones came to.
const handoverVariable = "KUBEVET_SUPERVISED"

// handover is what a second process is given.
type handover struct {
	// Lost are the charts that cost a process.
	Lost []loss `json:"lost"`
	// Serial is set to render one chart at a time, to learn which one it is.
	Serial bool `json:"serial"`
}

// The files that a second process is given besides the usual three.
const (
	eventsFile  = 3 + iota // it writes what it does
	controlFile            // it reads a byte for each interruption; the end: nobody looks on any more
	errorFile              // standard error: what Go writes there when it gives up is not for the user
)

// event is what a second process tells of itself.
type event struct {
	Do string `json:"do"`
	render.Watched
	File string `json:"file,omitempty"`
}

// What an event tells.
const (
	didBegin   = "begin"
	didReach   = "at"
	didEnd     = "end"
	didOutgrow = "outgrow" // the memory that a chart may take
	didFinish  = "finish"  // the exit code is what the run came to
)

// supervised is a second process, as it sees itself.
type supervised struct {
	handover
	errOut     *os.File
	interrupts chan os.Signal

	mu     sync.Mutex
	events *json.Encoder
	// before is how much memory the process had when a chart was begun, for those
	// that are being rendered.
	before map[render.Watched]uint64
}

// newSupervised is nil in a process that is not a second one.
func newSupervised() *supervised {
	state, ok := os.LookupEnv(handoverVariable)
	if !ok {
		return nil
	}
	s := &supervised{interrupts: make(chan os.Signal, 1), before: map[render.Watched]uint64{}}
	if json.Unmarshal([]byte(state), &s.handover) != nil {
		return nil // somebody else set it
	}
	debug.SetMaxStack(chartBounds.stack)
	s.events = json.NewEncoder(os.NewFile(eventsFile, "events"))
	s.errOut = os.NewFile(errorFile, os.Stderr.Name())
	signal.Ignore(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP) // the first process tells of them
	go s.obey(os.NewFile(controlFile, "control"))
	return s
}

// obey passes an interruption on. At the second one, and when the first process
// is gone, this one ends at once.
func (s *supervised) obey(control *os.File) {
	var b [1]byte
	for n := 0; ; n++ {
		if _, err := control.Read(b[:]); err != nil || n > 0 {
			if self, err := os.FindProcess(os.Getpid()); err == nil {
				_ = self.Kill() // an error: there is no more that could be done
			}
			return
		}
		s.interrupts <- os.Interrupt
	}
}

func (s *supervised) tell(e event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e.Do {
	case didBegin:
		s.before[e.Watched] = memory()
	case didEnd:
		delete(s.before, e.Watched)
	}
	_ = s.events.Encode(e) // an error: nobody looks on any more, which control tells
}

// watch tells the first process of charts, and passes over those that cost one.
func (s *supervised) watch() *render.Watch {
	go s.weigh()
	return &render.Watch{
		Begin: func(w render.Watched) (*lint.Problem, bool) {
			for _, l := range s.Lost {
				if l.Watched == w {
					return l.problem(), true
				}
			}
			s.tell(event{Do: didBegin, Watched: w})
			return nil, true
		},
		At:  func(w render.Watched, file string) { s.tell(event{Do: didReach, Watched: w, File: file}) },
		End: func(w render.Watched) { s.tell(event{Do: didEnd, Watched: w}) },
	}
}

// weigh tells how much memory the process has taken since a chart was begun, if
// that is too much.
func (s *supervised) weigh() {
	for range time.Tick(50 * time.Millisecond) {
		now := memory()
		s.mu.Lock()
		var heavy []event
		for w, before := range s.before {
			if now > before && now-before > chartBounds.memory {
				heavy = append(heavy, event{Do: didOutgrow, Watched: w})
			}
		}
		s.mu.Unlock()
		for _, e := range heavy {
			s.tell(e)
		}
	}
}

// memory is how many bytes this process has of the system.
func memory() uint64 {
	m := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(m)
	return m[0].Value.Uint64() - m[1].Value.Uint64()
}
