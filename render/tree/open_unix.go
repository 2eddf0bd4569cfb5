//go:build unix

package tree

import "syscall"

// nonBlocking is the flag by which opening a pipe that nobody writes to returns.
const nonBlocking = syscall.O_NONBLOCK
