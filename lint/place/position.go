// Package place says where something is in files that people edit, and how it came from there to where it shows.
package place

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

// FromChartOf is the name of a values file for a reader of a file of its chart, and its path for a reader of any other file.
func (p Position) FromChartOf(file string) string {
	inChart, ok := strings.CutPrefix(file, strings.TrimSuffix(p.File, path.Base(p.File)))
	if !ok || strings.HasPrefix(inChart, "charts/") {
		return p.File
	}
	return path.Base(p.File)
}
