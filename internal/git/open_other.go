//go:build !unix

package git

// nonBlocking is not needed: there are no named pipes in folders.
const nonBlocking = 0
