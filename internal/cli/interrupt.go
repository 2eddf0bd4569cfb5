package cli

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// maxWrite is how long a write may last after an interruption: the reader of the
// output may not be there any more.
const maxWrite = time.Second

// interruptible is a command that the first SIGINT, SIGTERM or SIGHUP ends: it
// prints what it has. The second signal kills the program.
func (p *program) interruptible(do func(*cobra.Command, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		ctx, cancel := context.WithCancel(cmd.Context())
		defer cancel()
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
		if !signal.Ignored(syscall.SIGHUP) { // it is by nohup
			signal.Notify(signals, syscall.SIGHUP) // the terminal is gone; files of --output are still written
		}
		go func() {
			select {
			case s := <-signals:
				signal.Stop(signals) // before anybody notices: the next one kills
				cancel()
				p.endBlockedWrite(s)
			case <-ctx.Done():
				signal.Stop(signals)
			}
		}()
		cmd.SetContext(ctx)
		return do(cmd, args)
	}
}

// endBlockedWrite ends the program by a signal if it cannot write its output.
func (p *program) endBlockedWrite(s os.Signal) {
	for {
		time.Sleep(maxWrite / 10)
		since := p.writing.Load()
		if since == 0 || time.Since(time.Unix(0, since)) < maxWrite {
			continue
		}
		if self, err := os.FindProcess(os.Getpid()); err == nil {
			_ = self.Signal(s) // an error: the next signal of the user will do
		}
		return
	}
}

// output is standard output, with a note of each write that is under way.
type output struct {
	io.Writer
	program *program
}

func (o output) Write(b []byte) (int, error) {
	o.program.writing.Store(time.Now().UnixNano())
	defer o.program.writing.Store(0)
	return o.Writer.Write(b)
}
