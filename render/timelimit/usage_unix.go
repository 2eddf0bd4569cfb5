//go:build unix

package timelimit

import (
	"syscall"
	"time"
)

// ProcessorTime is how long this process has computed.
func ProcessorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
