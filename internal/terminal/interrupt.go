package terminal

import (
	"context"
	"io"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"
)

// maxWrite is how long a write may last after an interruption: the reader of the
// output may not exist any more.
const maxWrite = time.Second

// Interruptible returns a context that the first SIGINT, SIGTERM or SIGHUP cancels, so
// that the program can print what it has. The second signal ends the program, and so
// does a write to out that lasts longer than a second after the first. The caller
// calls cancel when it is done.
func Interruptible(parent context.Context, out *Output) (ctx context.Context, cancel context.CancelFunc) {
	ctx, cancel = context.WithCancel(parent)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // nohup ignores it
		signal.Notify(signals, syscall.SIGHUP) // the terminal was closed; files of --output are still written
	}
	go func() {
		select {
		case s := <-signals:
			signal.Stop(signals) // first, so that the next signal ends the program
			cancel()
			out.endBlockedWrite(s)
		case <-ctx.Done():
			signal.Stop(signals)
		}
	}()
	return ctx, cancel
}

// Output is standard output. It notes when the current write began.
type Output struct {
	io.Writer
	// since is the time when the current write began, in nanoseconds of Unix time. It is
	// zero between writes.
	since atomic.Int64
}

func (o *Output) Write(b []byte) (int, error) {
	o.since.Store(time.Now().UnixNano())
	defer o.since.Store(0)
	return o.Writer.Write(b)
}

// endBlockedWrite ends the program with a signal if it cannot write its output.
func (o *Output) endBlockedWrite(s os.Signal) {
	for {
		time.Sleep(maxWrite / 10)
		since := o.since.Load()
		if since == 0 || time.Since(time.Unix(0, since)) < maxWrite {
			continue
		}
		if self, err := os.FindProcess(os.Getpid()); err == nil {
			_ = self.Signal(s) // if this fails, the user's next signal ends the program
		}
		return
	}
}
