package ignore

import (
	"embed"

	"github.com/kubevet/kubevet/lint"
)

// Source is the text of the rules' files, for their documentation.
//
//go:embed expired_ignore.go invalid_ignore.go unused_ignore.go
var Source embed.FS

// Rules lists the rules about ignores. Apply makes their findings, of those
// that are among the rules that ran.
func Rules() []*lint.Rule { return []*lint.Rule{ExpiredIgnore, InvalidIgnore, UnusedIgnore} }

// byApply is the check of rules that look at no object.
var byApply = lint.UnitCheck(func(*lint.Pass) {})
