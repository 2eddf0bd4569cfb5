//go:build !unix

package timelimit

import "time"

// ProcessorTime is how long this process has computed. It is not known here, and zero.
func ProcessorTime() time.Duration { return 0 }
