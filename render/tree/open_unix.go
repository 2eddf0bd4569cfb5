//go:build unix

package tree

import "syscall"

// nonBlocking is the flag by which opening a pipe without a writer returns.
const nonBlocking = syscall.O_NONBLOCK
