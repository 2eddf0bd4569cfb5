// Package repository holds the rules on the files around manifests that concern the
// repository as a whole.
package repository

import "embed"

// Source is the text of this package but for its tests: the rules' doc comments are
// read from it.
//
//go:embed *[^t].go
var Source embed.FS
