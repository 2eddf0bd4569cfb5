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
// the ways expire, grow, overflow, exit and panic, and so does a file that is read.
// KUBEVET_TEST_LOG is a file that gets the name of each; with KUBEVET_TEST_ALONE
// there are no child processes.
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
	limits.Alone = os.Getenv("KUBEVET_TEST_ALONE") != ""
	units, log := os.Getenv("KUBEVET_TEST_UNITS"), os.Getenv("KUBEVET_TEST_LOG")
	if units == "" && log == "" {
		return
	}
	session.TestHook = func(u sandbox.Unit, unit string, conn *sandbox.Conn) {
		if f, err := os.OpenFile(log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644); err == nil {
			_, _ = f.WriteString(unit + "\n")
			_ = f.Close()
		}
		for pair := range strings.SplitSeq(units, ",") {
			way, name, _ := strings.Cut(pair, "=")
			if name != unit && (name != "*" || u == (sandbox.Unit{}) || unit == "the paths") {
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
