//go:build !unix

package tree

// nonBlocking is nothing: what would block lies in no directory there.
const nonBlocking = 0
