package cli

import (
	"os"
	"strconv"
	"time"
)

// lowerBounds makes the bounds of the process that renders charts those of a
// test: KUBEVET_TEST_SECONDS, KUBEVET_TEST_MIB and KUBEVET_TEST_STACK_MIB.
func lowerBounds() {
	if n, err := strconv.Atoi(os.Getenv("KUBEVET_TEST_SECONDS")); err == nil {
		chartBounds.time = time.Duration(n) * time.Second
	}
	if n, err := strconv.Atoi(os.Getenv("KUBEVET_TEST_MIB")); err == nil {
		chartBounds.memory = uint64(n) << 20
	}
	if n, err := strconv.Atoi(os.Getenv("KUBEVET_TEST_STACK_MIB")); err == nil {
		chartBounds.stack = n << 20
	}
}
