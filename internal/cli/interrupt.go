package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// interruptible has the first SIGINT, SIGTERM or SIGHUP end the context of a
// command, which then tells what it has. The second one kills the program. The
// result undoes it.
func (p *program) interruptible(cmd *cobra.Command) (undo func()) {
	ctx, cancel := context.WithCancel(cmd.Context())
	signals := make(chan os.Signal, 1)
	if p.supervised != nil {
		signals = p.supervised.interrupts
	} else {
		signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
		if !signal.Ignored(syscall.SIGHUP) { // it is by nohup
			signal.Notify(signals, syscall.SIGHUP) // the terminal is gone; files of --output are still written
		}
	}
	go func() {
		select {
		case <-signals:
		case <-ctx.Done():
		}
		signal.Stop(signals) // before anybody notices: the next one counts
		cancel()
	}()
	cmd.SetContext(ctx)
	return cancel
}
