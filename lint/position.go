package lint

import (
	"cmp"
	"path"
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
	// StepChart is the line of a Chart.yaml that supplied a value. The label is the
	// key: appVersion.
	StepChart StepKind = "chart"
	// StepInclude is a template that calls the one at the position before it.
	StepInclude StepKind = "include"
	// StepTemplate is the line of a library chart's or subchart's helper.
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
	// that left a block out. It is empty for the rule's wanted value.
	Set string `json:",omitzero"`
	// Chosen is set for a values key whose value was chosen among others, by default
	// or the like: with another value it may not be.
	Chosen bool `json:",omitzero"`
	// Missing is set for a values key that is not there yet: Position is that of
	// its nearest parent.
	Missing bool `json:",omitzero"`
}

// Origin is where a value can be edited, and how it came there.
type Origin struct {
	Position  `json:",omitzero"`
	Precision Precision `json:",omitzero"`
	// Text is the source line at Position, without its line ending.
	Text string `json:",omitzero"`
	// Trail leads from Position outward, nearest first.
	Trail []Step `json:",omitzero"`
}
