// Package api holds the rules on whether Kubernetes takes an object at all, and
// as it was meant: kinds that it serves, fields that it knows, values that it reads.
package api

import "embed"

// Source is the text of this package; the rules' doc comments are read from it.
//
//go:embed *.go
var Source embed.FS
