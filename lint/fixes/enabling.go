package fixes

import (
	"path"
	"slices"

	"github.com/kubevet/kubevet/lint/place"
)

// DisabledObject is an object that a chart's values keep out.
type DisabledObject struct {
	Kind string
	// APIGroup is empty for the core group, and where the template computes or chooses it.
	APIGroup string
	// Template is the file that would print it. It is empty if it is not known which one does.
	Template string
	// Keys are the values to set, all of them, so that the object is there. Each
	// has a Set.
	Keys []place.Step
	// Switch is the entry of the only one of Keys. It is nil if there are several, or if the
	// values have no such entry.
	Switch *place.Entry
	// Vendored names the third-party subchart that it belongs to. It is empty for the
	// linted chart's own.
	Vendored string
	// Text is the object as the template has it, actions and all. It is empty if that is not known.
	Text string
	// Unsure says that something else may keep the object out, too.
	Unsure bool
}

// Enabling is the values of a chart that make it print an object that they keep out.
type Enabling struct {
	// Keys are the values to set, all of them. It is nil if there are none.
	Keys []place.Step
	// Switch is the entry of the only one of Keys: the place to edit, if it fixes the defect. It is nil if there are several,
	// or if the values have no such entry.
	Switch *place.Entry
	// Fewest says that some of Keys may not be needed: the fewest that do it are found by trial.
	Fewest bool
	// Next are others that are tried if Keys do not fix the defect.
	Next []Enabling
	// In finds those that something depends on, among the objects that are kept out with Keys. It is nil if there are none to find.
	In func(disabled func(kind string) []DisabledObject) Enabling
}

// Sets are the keys, and those that are tried after them.
func (e *Enabling) Sets() (sets [][]place.Step) {
	if len(e.Keys) > 0 {
		sets = append(sets, e.Keys)
	}
	for _, next := range e.Next {
		sets = append(sets, next.Keys)
	}
	return sets
}

// And are the keys together with others, all of which are set. There are none if they are too many, or if they differ in a value.
func (e Enabling) And(keys []place.Step) Enabling {
	return Enabling{Keys: Union([][]place.Step{e.Keys, keys})}
}

// maxNext is how many others are tried at most.
const maxNext = 4

// Serving says whether an object that a chart's values keep out does what another object lacks.
type Serving int

// The answers.
const (
	ServesNot Serving = iota
	MayServe          // only a trial shows it
	Serves
)

// Lack is an object that another one lacks.
type Lack struct {
	Group, Kind string
	// Vendored is the third-party subchart that has the other object. It is empty for the linted chart's own.
	Vendored string
	// File is the one in which the other object begins.
	File string
	// Serves says whether an object does what is lacking.
	Serves func(DisabledObject) Serving
}

// KeysToEnable are those that make a chart print what is lacking. Disabled gives the objects of a kind that its values keep out. It may be nil.
func (l Lack) KeysToEnable(disabled func(kind string) []DisabledObject) Enabling {
	if disabled == nil {
		return Enabling{}
	}
	// A switch is enough to know. With a list to fill, or a template that cannot be read well enough, it is tried whether the
	// keys do it.
	var sure, filled, unsure []DisabledObject
	for _, s := range disabled(l.Kind) {
		if s.APIGroup != l.Group && s.APIGroup != "" || s.Vendored != l.Vendored {
			continue
		}
		switch does := l.Serves(s); {
		case does == ServesNot:
		case does == MayServe || s.Unsure:
			unsure = append(unsure, s)
		case s.Fills():
			filled = append(filled, s)
		default:
			sure = append(sure, s)
		}
	}
	e, lists := enablingOf(sure, l.File), enablingOf(filled, l.File)
	lists.Switch, lists.Fewest = nil, len(lists.Keys) > 0
	if e.Keys == nil {
		e, lists = lists, Enabling{}
	}
	all := append([]Enabling{}, e)
	if lists.Keys != nil {
		all = append(all, Enabling{Keys: lists.Keys})
	}
	for _, s := range unsure {
		if len(all) <= maxNext && !slices.ContainsFunc(all, func(have Enabling) bool { return slices.Equal(have.Keys, s.Keys) }) {
			all = append(all, Enabling{Keys: s.Keys, Switch: s.Switch})
		}
	}
	if all[0].Keys == nil {
		all = all[1:]
	}
	if len(all) == 0 {
		return Enabling{}
	}
	e = all[0]
	e.Next = all[1:]
	e.In = l.KeysToEnable
	return e
}

// Fills reports whether a list has to be filled so that the object is there.
func (s *DisabledObject) Fills() bool {
	return slices.ContainsFunc(s.Keys, func(k place.Step) bool { return k.Set == place.Filled })
}

// enablingOf is the keys of the one of some objects whose template is beside a file. If it is not clear
// which one that is, they are those of all.
func enablingOf(disabled []DisabledObject, file string) Enabling {
	var all, beside []Enabling
	add := func(l []Enabling, s DisabledObject) []Enabling {
		if slices.ContainsFunc(l, func(have Enabling) bool { return slices.Equal(have.Keys, s.Keys) }) {
			return l
		}
		return append(l, Enabling{Keys: s.Keys, Switch: s.Switch})
	}
	for _, s := range disabled {
		all = add(all, s)
		if path.Dir(s.Template) == path.Dir(file) {
			beside = add(beside, s)
		}
	}
	switch {
	case len(all) == 1:
		return all[0]
	case len(beside) == 1:
		return beside[0]
	}
	var sets [][]place.Step
	for _, e := range all {
		sets = append(sets, e.Keys)
	}
	keys := Union(sets)
	return Enabling{Keys: keys, Fewest: len(keys) > 0}
}

// maxUnion is how many keys are set at most to find those that are needed: each is a trial.
const maxUnion = 6

// Union is the keys of all sets. It is nil if there are too many, or if two sets give a key
// different values.
func Union(sets [][]place.Step) []place.Step {
	var l []place.Step
	for _, s := range slices.Concat(sets...) {
		i := slices.IndexFunc(l, func(have place.Step) bool { return have.Label == s.Label })
		switch {
		case i < 0:
			l = append(l, s)
		case l[i].Set != s.Set:
			return nil
		}
	}
	if len(l) > maxUnion {
		return nil
	}
	return l
}
