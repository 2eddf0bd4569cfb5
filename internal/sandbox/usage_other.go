//go:build !unix

package sandbox

import "time"

// processorTime is not known here, where there are no children either.
func processorTime() time.Duration { return 0 }
