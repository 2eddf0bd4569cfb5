package session

import (
	"os"
	"testing"

	"github.com/kubevet/kubevet/internal/sandbox"
)

// TestMain lets the test binary be the child process of its own sessions.
func TestMain(m *testing.M) {
	if sandbox.IsChild(os.Args[1:]) {
		if err := ServeChild(); err != nil {
			panic(err)
		}
		return
	}
	m.Run()
}
