//go:build unix

package git

import "syscall"

// nonBlocking keeps opening a named pipe from waiting for its other end.
const nonBlocking = syscall.O_NONBLOCK
