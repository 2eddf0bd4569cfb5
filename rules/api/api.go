// Package api holds the rules on whether Kubernetes takes an object at all, and
// as it was meant: kinds that it serves, fields that it knows, values that it reads.
package api

import (
	"embed"

	"github.com/kubevet/kubevet/lint"
)

// Source is the text of this package; the rules' doc comments are read from it.
//
//go:embed *.go
var Source embed.FS

// isSecret reports whether the object is one whose values must not be told.
func isSecret(o *lint.Object) bool { return o.Is("", "Secret") }
