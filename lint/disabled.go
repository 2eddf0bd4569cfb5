package lint

import (
	"path"
	"slices"
)

// DisabledObject is an object that a chart's values keep out.
type DisabledObject struct {
	Kind string
	// APIGroup is empty for the core group, and where the template computes it.
	APIGroup string
	// Template is the file that would print it.
	Template string
	// Keys are the values to set, all of them, so that the object is there. Each
	// has a Set.
	Keys []Step
	// Vendored names the third-party subchart that it belongs to. Empty: the
	// linted chart's own.
	Vendored string
	// Text is the object as the template has it, actions and all.
	Text string
}

func (u *Unit) keysToEnable(group, kind string, of *Object, serves func(DisabledObject) bool) []Step {
	if u.Disabled == nil {
		return nil
	}
	var all, beside [][]Step
	add := func(l [][]Step, keys []Step) [][]Step {
		if slices.ContainsFunc(l, func(have []Step) bool { return slices.Equal(have, keys) }) {
			return l
		}
		return append(l, keys)
	}
	for _, s := range u.Disabled(kind) {
		if s.APIGroup != group && s.APIGroup != "" || s.Vendored != of.Vendored || !serves(s) {
			continue
		}
		all = add(all, s.Keys)
		if path.Dir(s.Template) == path.Dir(of.start().File) {
			beside = add(beside, s.Keys)
		}
	}
	switch {
	case len(all) == 1:
		return all[0]
	case len(beside) == 1:
		return beside[0]
	}
	return nil
}
