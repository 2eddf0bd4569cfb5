package lint

import (
	"path"
	"slices"
)

// UnrenderedKind is a kind that a template of a chart declares, although the chart
// rendered no object of it.
type UnrenderedKind struct {
	Kind string
	// Template is the file.
	Template string
	// Vendored names the third-party subchart that it belongs to. It is empty for the
	// linted chart's own.
	Vendored string
}

func (u *Unit) mayExistElsewhere(of *Object, kinds []string) bool {
	var unrendered []UnrenderedKind
	if u.Unrendered != nil {
		unrendered = u.Unrendered()
	}
	dir := path.Dir(of.start().File)
	return slices.ContainsFunc(u.Unreadable, func(file string) bool { return u.Kind == UnitChart || path.Dir(file) == dir }) ||
		slices.ContainsFunc(unrendered, func(k UnrenderedKind) bool {
			return slices.Contains(kinds, k.Kind) && k.Vendored == of.Vendored && path.Dir(k.Template) == dir
		})
}
