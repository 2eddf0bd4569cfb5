package lint

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Position is a place in a file that a person can edit.
type Position struct {
	// File is relative to the working directory, with forward slashes. It is empty if
	// the place is unknown.
	File string `json:",omitzero"`
	// Line counts from 1. It is zero for the file as a whole.
	Line int `json:",omitzero"`
	// Column counts characters from 1. It is zero for the line as a whole.
	Column int `json:",omitzero"`
	// EndColumn is the column after the last character, on the same line. It is zero
	// for unknown.
	EndColumn int `json:",omitzero"`
}

// String gives file:line:column, leaving out what is zero.
func (p Position) String() string {
	s := p.File
	if p.Line > 0 {
		s += ":" + strconv.Itoa(p.Line)
		if p.Column > 0 {
			s += ":" + strconv.Itoa(p.Column)
		}
	}
	return s
}

// Compare orders positions by file, line and column.
func (p Position) Compare(q Position) int {
	if c := strings.Compare(p.File, q.File); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(p.Line, q.Line), cmp.Compare(p.Column, q.Column), cmp.Compare(p.EndColumn, q.EndColumn))
}

// Under names the file from another directory: the root of a repository. The
// prefix is the path of the working directory as seen from there. For a working
// directory outside of it, it is ROOT//WORKING, both as seen from a directory
// that holds both. Absolute names stay.
func (p Position) Under(prefix string) Position {
	if p.File == "" || isAbs(p.File) {
		return p
	}
	root, working, outside := strings.Cut(prefix, "//")
	if !outside {
		p.File = path.Join(prefix, p.File)
		return p
	}
	file := path.Join(working, p.File)
	if rest, ok := strings.CutPrefix(file, root+"/"); ok {
		p.File = rest
	} else if file == root {
		p.File = "."
	}
	return p
}

// isAbs reports whether a path with forward slashes is absolute, on Windows too.
func isAbs(file string) bool {
	return path.IsAbs(file) || len(file) > 2 && file[1] == ':' && file[2] == '/'
}

// Precision says how exactly a Position is known.
type Precision int

// From sure to vague.
const (
	// PrecisionExact: the line was verified to hold the value, or, for an
	// absent field, the nearest ancestor that exists.
	PrecisionExact Precision = iota
	// PrecisionBlock: the line is that of a block or template action that
	// produced the value among others.
	PrecisionBlock
	// PrecisionFile: only the file is known.
	PrecisionFile
)

var precisionNames = [...]string{"exact", "block", "file"}

// String gives the name used in reports: exact, block or file.
func (p Precision) String() string { return precisionNames[p] }

// StepKind says what part a Step played.
type StepKind string

// The kinds of steps, in the order in which a trail has them.
const (
	// StepValues is the values key that supplied a value, or under which an
	// absent one can be added. The label is the key: image.tag.
	StepValues StepKind = "values"
	// StepDecides is a values key that decides which value is printed, and is not
	// printed itself: the condition of an if, an operand of eq or not, or an empty
	// value for which another one is taken. The label is the key. Set, if not empty,
	// is a value for it that may change what is printed; it must be tried.
	StepDecides StepKind = "decides"
	// StepDependency is the dependency of a chart by which it takes in the file at the next position:
	// nobody edits that there. The label is its name.
	StepDependency StepKind = "dependency"
	// StepChart is the line of a Chart.yaml that supplied a value. The label is the
	// key: appVersion.
	StepChart StepKind = "chart"
	// StepInclude is a template that calls the one at the position before it.
	StepInclude StepKind = "include"
	// StepTemplate is a line of a template: the one that prints the value, if the
	// place to edit is a values entry, or that of a library chart's or subchart's helper.
	StepTemplate StepKind = "template"
	// StepPatch is a Kustomize patch.
	StepPatch StepKind = "patch"
	// StepBase is where an object is declared that others change.
	StepBase StepKind = "base"
	// StepKustomization is an entry of a kustomization file.
	StepKustomization StepKind = "kustomization"
	// StepRendered is a line of the rendered output; its File is the template's
	// or overlay's name.
	StepRendered StepKind = "rendered"
)

// Step is one place on the way from source text to the value of a field.
type Step struct {
	Kind     StepKind `json:",omitzero"`
	Position Position `json:",omitzero"`
	// Label names the step in the words of its kind: a values key, a helper's name.
	Label string `json:",omitzero"`
	// Set is the value to give a values key so that the field becomes what a rule
	// wants, where that differs from the wanted value itself: "true" for a condition
	// that left a block out. It is empty for the rule's wanted value. A key that decides
	// and has one, after a missing key, is to be set beside that.
	Set string `json:",omitzero"`
	// Chosen is set for a values key whose value was chosen among others, by default
	// or the like: with another value it may not be.
	Chosen bool `json:",omitzero"`
	// InText is set for a values key whose value is a text of many lines that holds the value:
	// the text is to edit there, not to be replaced by another value.
	InText bool `json:",omitzero"`
	// IfNotEmpty is set for a values key whose value a template prints only if it is not empty: false is not printed.
	IfNotEmpty bool `json:",omitzero"`
	// Missing is set for a values key that is not there yet: Position is that of
	// its nearest parent.
	Missing bool `json:",omitzero"`
	// Off is set for a values key that is there, but in a map that a switch keeps from being printed.
	Off bool `json:",omitzero"`
	// Below is the key below which a chart has the values of its subchart, if Position is in the
	// subchart's own file: that names the key without it. A Finding's steps have none: their
	// Label is as the file has it, unless the fix sets keys of several files. It begins with + if the file is that of
	// another chart, which has the values below the rest.
	Below string `json:",omitzero"`
	// Instead is a key that the values have in place of one that a template reads and that they lack: they spell it in another way, or have it
	// in a map of their own, and no template reads it there. It is empty if there is none.
	Instead string `json:",omitzero"`
	// Note is what else the values file lacks or has at a wrong place, for a key that would be a new one of it. It is empty if nothing is known.
	Note string `json:",omitzero"`
	// Replaces is the name that the entry under images has, for one of a kustomization: the image which it replaces.
	Replaces string `json:",omitzero"`
	// Source is the directory of the chart of the repository of which a dependency is another version, as in an Entry.
	Source string `json:",omitzero"`
}

// Filled is the Set of a values key whose list has to be filled, with what depends on the
// application. Only a fix that was tried with it may name it.
const Filled = "[{}]"

// Origin is where a value can be edited, and how it came there.
type Origin struct {
	Position  `json:",omitzero"`
	Precision Precision `json:",omitzero"`
	// Text is the source line at Position, without its line ending.
	Text string `json:",omitzero"`
	// Trail leads from Position outward, nearest first.
	Trail []Step `json:",omitzero"`
	// Entry is the place to edit instead of Position: see Entry. It is nil if there is none.
	// A Finding has none: its Position is that of the entry.
	Entry *Entry `json:",omitzero"`
	// Switch is the entry of the switch of a key that is Off, or of a key that is Chosen: the place if it alone fixes
	// the defect. It is nil if there is none.
	Switch *Entry `json:",omitzero"`
	// Shared is the entry of the key whose value a template takes where that of Entry has none, for an absent field, if more templates
	// read it: a value at Entry hides what is set there for all. It is nil if there is none. A Finding has none.
	Shared *Entry `json:",omitzero"`
	// Repair is the fix of what is wrong at Position, where a template prints the value at another place than it is meant for: no key
	// sets the value before that is done. It is empty if there is nothing. A Finding has none.
	Repair string `json:",omitzero"`
	// Taken is the dependency by which a chart takes in the file at Position, which nobody edits there: the place to edit if no
	// values key is. It is nil if the file is edited where it is. A Finding has none.
	Taken *Entry `json:",omitzero"`
}

// Entry is an entry of a values file that alone supplies what a template prints. For an
// absent field it is the map, or the empty value, that is passed on and can hold it.
type Entry struct {
	// Position is that of the value if it is a scalar on the line of its key, else that
	// of the key.
	Position `json:",omitzero"`
	// Text is the line at Position, without its line ending.
	Text string `json:",omitzero"`
	// Key is the values key, as in the label of the step in the Trail.
	Key string `json:",omitzero"`
	// Below is as in a Step.
	Below string `json:",omitzero"`
	// Addition is what to add at the entry, if the field is absent.
	Addition Addition `json:",omitzero"`
	// Source is the directory of the chart of the repository of which a dependency is another version: it has the file at the next
	// position, too, but with other contents. It is empty if there is none.
	Source string `json:",omitzero"`
	// Unlisted is the archive of a dependency that Chart.yaml does not list: Helm renders it all the same. It is empty for one that is
	// listed.
	Unlisted string `json:",omitzero"`
	// IsCommented says that a comment below the entry has the absent field: the file says where to set it.
	IsCommented bool `json:",omitzero"`
}

// atEntry is the origin with its entry, if any, as the place to edit. The trail then
// leads from the key to the template line.
func (o Origin) atEntry() Origin {
	e := o.Entry
	if e == nil {
		return o
	}
	keys := 0
	for keys < len(o.Trail) && isKey(o.Trail[keys].Kind) {
		keys++
	}
	trail := make([]Step, 0, len(o.Trail)+1)
	for _, s := range o.Trail[:keys] {
		if (s.Kind == StepValues || s.Kind == StepDecides) && s.Label == e.Key {
			s.Position, s.Below = e.Position, e.Below
			trail = slices.Insert(trail, 0, s)
		} else {
			trail = append(trail, s)
		}
	}
	trail = append(trail, Step{Kind: StepTemplate, Position: o.Position})
	trail = append(trail, o.Trail[keys:]...)
	return Origin{Position: e.Position, Precision: PrecisionExact, Text: e.Text, Trail: trail, Switch: o.Switch, Shared: o.Shared, Taken: o.Taken}
}

// atShared is the origin with the shared key as the place to edit, in place of the values entry.
func (o Origin) atShared() Origin {
	e := o.Shared
	s := Step{Kind: StepValues, Position: e.Position, Label: e.Key, Below: e.Below, Missing: true}
	o.Trail = slices.Insert(slices.DeleteFunc(slices.Clone(o.Trail), func(s Step) bool { return s.Position == o.Position || isKey(s.Kind) && s.Label == e.Key }), 0, s)
	o.Position, o.Text, o.Shared = e.Position, e.Text, nil
	return o
}

// decidedAt is the origin with the entry of a key that decides about the value as the place to
// edit.
func (o Origin) decidedAt(e Entry) Origin {
	s := Step{Kind: StepDecides, Position: e.Position, Label: e.Key, Below: e.Below, Missing: e.Addition.Path != ""}
	rest := slices.DeleteFunc(slices.Clone(o.Trail), func(s Step) bool { return isKey(s.Kind) && s.Label == e.Key })
	wasEntry := o.IsEntry()
	o.Trail = slices.Insert(rest, 0, s)
	if !wasEntry {
		o.Entry = &e
		return o.atEntry()
	}
	o.Position, o.Text = e.Position, e.Text
	return o
}

// atDependency is the origin with the dependency that has the file, if nobody edits the file where it is, as the place to
// edit. The place of a values entry stays.
func (o Origin) atDependency() Origin {
	t := o.Taken
	o.Taken = nil
	if t == nil || o.IsEntry() {
		return o
	}
	keys := 0
	for keys < len(o.Trail) && isKey(o.Trail[keys].Kind) {
		keys++
	}
	o.Trail = slices.Concat([]Step{{Kind: StepDependency, Position: t.Position, Label: t.Key, Source: t.Source}}, o.Trail[:keys],
		[]Step{{Kind: StepTemplate, Position: o.Position}}, o.Trail[keys:])
	o.Position, o.Text, o.Precision = t.Position, t.Text, PrecisionExact
	return o
}

// keepNewKey keeps the key of a trial that fixed the finding in the trail, if no line of the values has it or a key above it: the
// place stays in the template.
func (o *Origin) keepNewKey(set []Step) {
	i := slices.IndexFunc(o.Trail, func(s Step) bool { return s.Kind == StepValues && s.Chosen && s.Missing })
	if len(set) == 1 && i >= 0 && o.Trail[i].Label == set[0].Label && o.Trail[i].Position.Line == 0 {
		o.Trail = slices.Clone(o.Trail)
		o.Trail[i].Chosen = false
	}
}

// isEmptied reports whether a value for a field is one that templates take for none.
func isEmptied(want string) bool {
	return slices.Contains([]string{"false", "0", `""`, "[]", "{}"}, want)
}

// triedIfEmpty is the origin of a diagnostic. A template that prints the value of a key only if it is not empty may do nothing with the wanted
// one: then it is to be tried whether that does it.
func (o Origin) triedIfEmpty(d *Diagnostic) Origin {
	if len(o.Trail) == 0 || !o.Trail[0].IfNotEmpty || !isEmptied(d.Fix.want()) {
		return o
	}
	o.Trail = slices.Clone(o.Trail)
	o.Trail[0].Chosen = true
	o.Entry, o.Switch = nil, o.Entry
	return o
}

// isDependency reports whether the place to edit is a dependency.
func (o Origin) isDependency() bool { return len(o.Trail) > 0 && o.Trail[0].Kind == StepDependency }

// missingKey is the key that a step says to add, as its file has it. It is empty if the key is there.
func (s Step) missingKey() string {
	if !s.Missing {
		return ""
	}
	return strings.TrimPrefix(s.Label, s.Below+".")
}

// isKey reports whether steps of a kind name a key: these come first in a trail.
func isKey(k StepKind) bool { return k == StepValues || k == StepDecides || k == StepChart }

// isJoined reports whether a template puts a value together from several values keys: none of
// them is the value.
func (o *Origin) isJoined() bool {
	parts := 0
	for _, s := range o.Trail {
		if s.Kind == StepValues && s.Label != "" && s.Set == "" && !s.Chosen {
			parts++
		}
	}
	return parts > 1 && !o.IsEntry()
}

// IsOfChartTest reports whether a values file of a chart's own tests, such as ci/*-values.yaml, supplies a
// value of the unit or a part of it: no user of the chart gets it.
func (u *Unit) IsOfChartTest(o Origin) bool {
	return slices.ContainsFunc(o.Trail, func(s Step) bool {
		return s.Kind == StepValues && u.isForTests(s.Position.File)
	})
}

// IsEntry reports whether the place to edit is a values entry.
func (o Origin) IsEntry() bool {
	return o.Line > 0 && slices.ContainsFunc(o.Trail, func(s Step) bool {
		return (s.Kind == StepValues || s.Kind == StepDecides) && s.Position == o.Position
	})
}

// Printed is the place at which a template prints the value: Position, unless that is
// a values entry. Fingerprints and paths in the configuration go by it.
func (o Origin) Printed() Position {
	if o.IsEntry() || o.isDependency() {
		for _, s := range o.Trail {
			if s.Kind == StepTemplate {
				return s.Position
			}
		}
	}
	return o.Position
}

// fromChartOf is the name of a values file for a reader of a file of its chart, and its path for a reader of any other file.
func (p Position) fromChartOf(file string) string {
	inChart, ok := strings.CutPrefix(file, strings.TrimSuffix(p.File, path.Base(p.File)))
	if !ok || strings.HasPrefix(inChart, "charts/") {
		return p.File
	}
	return path.Base(p.File)
}
