package cli

import (
	"os"
	"strconv"
	"strings"

	"github.com/kubevet/kubevet/internal/sandbox"
	"github.com/kubevet/kubevet/internal/session"
)

// lowerLimits makes the limits of child processes those of a test:
// KUBEVET_TEST_MIB, KUBEVET_TEST_STACK_MIB and KUBEVET_TEST_LOSSES. A unit that
// KUBEVET_TEST_UNITS names does what is said there: WAY=NAME[,WAY=NAME…], with
// the ways expire, grow, overflow and exit.
func lowerLimits() {
	if n, err := strconv.Atoi(os.Getenv("KUBEVET_TEST_MIB")); err == nil {
		limits.Memory = uint64(n) << 20
	}
	if n, err := strconv.Atoi(os.Getenv("KUBEVET_TEST_STACK_MIB")); err == nil {
		limits.Stack = n << 20
	}
	if n, err := strconv.Atoi(os.Getenv("KUBEVET_TEST_LOSSES")); err == nil {
		limits.Losses = n
	}
	units := os.Getenv("KUBEVET_TEST_UNITS")
	if units == "" {
		return
	}
	session.TestHook = func(u sandbox.Unit, unit string, conn *sandbox.Conn) {
		for pair := range strings.SplitSeq(units, ",") {
			way, name, _ := strings.Cut(pair, "=")
			if name != unit && (name != "*" || unit == "the paths") {
				continue
			}
			switch way {
			case "expire": // it does not end, and its time is over at once
				conn.Expire(u)
				select {}
			case "grow":
				for kept := [][]byte{}; ; kept = append(kept, make([]byte, 8<<20)) {
					for i := range kept {
						kept[i][0]++
					}
				}
			case "overflow":
				overflow(1)
			case "exit":
				os.Exit(7)
			case "panic":
				panic("a defect")
			}
		}
	}
}

func overflow(n int) int {
	var room [1024]int
	room[n%len(room)] = n
	return overflow(n+1) + room[(n+1)%len(room)]
}
