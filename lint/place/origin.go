package place

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint/node"
)

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
	// that is not edited there. For a packed chart it is the line of the object that installs it. The label is its name.
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
	// IsMisplaced says that Instead is one level too deep, with other keys that the templates read without the key above.
	IsMisplaced bool `json:",omitzero"`
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
	// Taken is the dependency by which a chart takes in the file at Position, which is not edited there: the place to edit if no
	// values key is. It is nil if the file is edited where it is. A Finding has none.
	Taken *Entry `json:",omitzero"`
	// Packed is the dependency by which a chart has a packed copy of the chart of the tree that has the file at Position: an edit there counts
	// when the copy is packed again. It is nil if there is none. A Finding has none.
	Packed *Entry `json:",omitzero"`
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
	// Chart is the name and the version of the chart that a dependency takes in, such as web 1.2.0. It is empty for other entries.
	Chart string `json:",omitzero"`
	// Bundler is the same of the dependency that bundles Chart, if that is not the dependency itself.
	Bundler string `json:",omitzero"`
	// Installer is the object that installs a packed chart, such as HelmRelease/apps/web, if the entry is where that names the chart. It is empty
	// for other entries.
	Installer string `json:",omitzero"`
	// Unlisted is the archive of a dependency that Chart.yaml does not list: Helm renders it all the same. It is empty for one that is
	// listed.
	Unlisted string `json:",omitzero"`
	// IsPacked says that a dependency is a packed copy of Source, which Chart.yaml names by file://: helm dependency update packs it again. If it is not
	// set, Source has to be released before.
	IsPacked bool `json:",omitzero"`
	// IsCommented says that a comment below the entry has the absent field: the file says where to set it.
	IsCommented bool `json:",omitzero"`
}

// AtEntry is the origin with its entry, if any, as the place to edit. The trail then
// leads from the key to the template line.
func (o Origin) AtEntry() Origin {
	e := o.Entry
	if e == nil {
		return o
	}
	keys := 0
	for keys < len(o.Trail) && IsKey(o.Trail[keys].Kind) {
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
	return Origin{Position: e.Position, Precision: PrecisionExact, Text: e.Text, Trail: trail, Switch: o.Switch, Shared: o.Shared, Taken: o.Taken, Packed: o.Packed}
}

// AtShared is the origin with the shared key as the place to edit, in place of the values entry.
func (o Origin) AtShared() Origin {
	e := o.Shared
	s := Step{Kind: StepValues, Position: e.Position, Label: e.Key, Below: e.Below, Missing: true}
	o.Trail = slices.Insert(slices.DeleteFunc(slices.Clone(o.Trail), func(s Step) bool { return s.Position == o.Position || IsKey(s.Kind) && s.Label == e.Key }), 0, s)
	o.Position, o.Text, o.Shared = e.Position, e.Text, nil
	return o
}

// DecidedAt is the origin with the entry of a key that decides about the value as the place to
// edit.
func (o Origin) DecidedAt(e Entry) Origin {
	s := Step{Kind: StepDecides, Position: e.Position, Label: e.Key, Below: e.Below, Missing: e.Addition.Path != ""}
	rest := slices.DeleteFunc(slices.Clone(o.Trail), func(s Step) bool { return IsKey(s.Kind) && s.Label == e.Key })
	wasEntry := o.IsEntry()
	o.Trail = slices.Insert(rest, 0, s)
	if !wasEntry {
		o.Entry = &e
		return o.AtEntry()
	}
	o.Position, o.Text = e.Position, e.Text
	return o
}

// AtDependency is the origin with the dependency that has the file, if nobody edits the file where it is, as the place to
// edit. The place of a values entry stays.
func (o Origin) AtDependency() Origin {
	t := o.Taken
	o.Taken = nil
	if t == nil || o.IsEntry() {
		return o
	}
	keys := 0
	for keys < len(o.Trail) && IsKey(o.Trail[keys].Kind) {
		keys++
	}
	o.Trail = slices.Concat([]Step{{Kind: StepDependency, Position: t.Position, Label: t.Key, Source: t.Source}}, o.Trail[:keys],
		[]Step{{Kind: StepTemplate, Position: o.Position}}, o.Trail[keys:])
	o.Position, o.Text, o.Precision = t.Position, t.Text, PrecisionExact
	return o
}

// KeepNewKey keeps the key of a trial that fixed the finding in the trail, if no line of the values has it or a key above it: the
// place stays in the template.
func (o *Origin) KeepNewKey(set []Step) {
	i := slices.IndexFunc(o.Trail, func(s Step) bool { return s.Kind == StepValues && s.Chosen && s.Missing })
	if len(set) == 1 && i >= 0 && o.Trail[i].Label == set[0].Label && o.Trail[i].Position.Line == 0 {
		o.Trail = slices.Clone(o.Trail)
		o.Trail[i].Chosen = false
	}
}

// IsDependency reports whether the place to edit is a dependency.
func (o Origin) IsDependency() bool { return len(o.Trail) > 0 && o.Trail[0].Kind == StepDependency }

// MissingKey is the key that a step says to add, as its file has it. It is empty if the key is there.
func (s Step) MissingKey() string {
	if !s.Missing {
		return ""
	}
	return strings.TrimPrefix(s.Label, s.Below+".")
}

// IsNewInFile reports whether a step is a key of which its file has no map to hold it.
func (s Step) IsNewInFile() bool { return s.Missing && s.Position.Line == 0 && s.Position.File != "" }

// IsKey reports whether steps of a kind name a key: these come first in a trail.
func IsKey(k StepKind) bool { return k == StepValues || k == StepDecides || k == StepChart }

// IsJoined reports whether a template puts a value together from several values keys: none of
// them is the value.
func (o *Origin) IsJoined() bool {
	parts := 0
	for _, s := range o.Trail {
		if s.Kind == StepValues && s.Label != "" && s.Set == "" && !s.Chosen {
			parts++
		}
	}
	return parts > 1 && !o.IsEntry()
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
	if o.IsEntry() || o.IsDependency() {
		for _, s := range o.Trail {
			if s.Kind == StepTemplate {
				return s.Position
			}
		}
	}
	return o.Position
}

// InFile is the key of a step as the file at its position names it.
func (s *Step) InFile() string {
	if above, ok := strings.CutPrefix(s.Below, "+"); ok {
		return above + "." + s.Label
	}
	if rest, ok := strings.CutPrefix(s.Label, s.Below+"."); ok && s.Below != "" {
		return rest
	}
	return s.Label
}

// OfChart is the field of Chart.yaml that supplied a part of the value. It is empty if there is none.
func (o *Origin) OfChart() string {
	if i := slices.IndexFunc(o.Trail, func(s Step) bool { return s.Kind == StepChart }); i >= 0 {
		return o.Trail[i].Label
	}
	return ""
}

// DecidedBy adds a key that decides about the value to the trail, if it is not there.
func (o *Origin) DecidedBy(s Step) {
	if !slices.ContainsFunc(o.Trail, func(have Step) bool { return have.Label == s.Label && IsKey(have.Kind) }) {
		o.Trail = slices.Insert(slices.Clone(o.Trail), min(1, len(o.Trail)), s)
	}
}

// Addition is a field that is absent at the place of a finding, and what to add there.
// The zero Addition means that nothing can be added there, or that adding it does not fix
// the defect by itself.
type Addition struct {
	// Path leads from the mapping at the place to the absent field, as a user types
	// it: limits.memory.
	Path string `json:",omitzero"`
	// Indent is how many columns the mapping's entries are to the right of the place:
	// 0 if the place is the first of them, as in a list.
	Indent int `json:",omitzero"`
	// Step is how many columns the file indents the entries of a mapping.
	Step int `json:",omitzero"`
	// Flow is set if the mapping is in braces and not empty: an entry can be added
	// only inside of these.
	Flow bool `json:",omitzero"`
}

// Keys are the mapping keys of the field's path. They are nil if there are none, or the
// path leads through a list.
func (g Addition) Keys() []string { return node.SplitKeys(g.Path) }
