package lint

import (
	"path"
	"slices"
)

// UnrenderedKind is a kind that stands in a template of a chart which printed no
// object of it.
type UnrenderedKind struct {
	Kind string
	// Template is the file.
	Template string
	// Vendored names the third-party subchart that it belongs to. Empty: the
	// linted chart's own.
	Vendored string
}

func (u *Unit) mayExistElsewhere(of *Object, is func(kind string) bool) bool {
	var unprinted []UnrenderedKind
	if u.Unrendered != nil {
		unprinted = u.Unrendered()
	}
	dir := path.Dir(of.start().File)
	return slices.ContainsFunc(u.Unreadable, func(file string) bool { return u.Kind == UnitChart || path.Dir(file) == dir }) ||
		slices.ContainsFunc(unprinted, func(k UnrenderedKind) bool {
			return is(k.Kind) && k.Vendored == of.Vendored && path.Dir(k.Template) == dir
		})
}

func isPodKind(kind string) bool { return len(shapesOf(kind)) > 0 }
