package render

import (
	"fmt"
	"runtime/debug"

	"github.com/kubevet/kubevet/lint"
)

// Watch follows a run from outside of its process. The input is other people's:
// limits stop most of what never ends, and what they miss costs the process. The
// functions are called from several goroutines.
type Watch struct {
	// Begin is called before a unit is read or rendered, and decides what is done.
	// Within is the unit that it is a part of, nil for none.
	Begin func(id UnitID, within *UnitID) Verdict
	// At is called for each template file before it is executed.
	At func(id UnitID, file string)
	// End is called when the unit was handed on.
	End func(UnitID)
}

// UnitID names what is read, rendered and handed on as one.
type UnitID struct {
	Kind lint.UnitKind `json:"kind"`
	// Input is its path as reports call it.
	Input string `json:"input"`
	// Scenario is that of a chart, or the object that installs the input. Empty:
	// the chart as a whole while it is read, or an input that has but one.
	Scenario string `json:"scenario"`
}

// Planning is the unit of what is read to find the others.
var Planning = UnitID{Kind: lint.UnitRepository}

// Name is how people call the unit.
func (id UnitID) Name() string {
	if id == Planning {
		return "the paths"
	}
	if id.Scenario == "" {
		return id.Input
	}
	return id.Input + " (" + id.Scenario + ")"
}

// Verdict says what is done with a unit. The zero value: all of it.
type Verdict struct {
	// Lost is the problem of a unit that has cost a process: nothing is done.
	Lost *lint.Problem
	// Done is set for a unit that an earlier process handed on: it is not handed on
	// again. Reads are the files that it was built from, by names in its tree.
	Done  bool
	Reads []string
	// Content is that of its objects: see Part.
	Content string
	// Again is set if others need what a unit holds that is done: it is rendered.
	Again bool
}

// guard does a unit under the eyes of the watch, if there is one, and makes a
// Problem of a panic. What do is given is called with each template file.
func (w *Watch) guard(id UnitID, within *UnitID, do func(at func(file string), v Verdict)) (v Verdict) {
	if p := recovered(id.Name(), func() {
		at := func(string) {}
		if w != nil {
			if v = w.Begin(id, within); v.Lost != nil || v.Done && !v.Again {
				return
			}
			defer w.End(id)
			at = func(file string) { w.At(id, file) }
		}
		do(at, v)
	}); p != nil {
		v.Lost = p
	}
	return v
}

// recovered does something and makes a Problem of a panic.
func recovered(what string, do func()) (problem *lint.Problem) {
	defer func() {
		if e := recover(); e != nil {
			problem = &lint.Problem{
				Code:    lint.CodeDefect,
				Message: fmt.Sprintf("checking %s failed: %v", what, e),
				Help:    "this is a defect of kubevet; please report it",
				Detail:  string(debug.Stack()),
			}
		}
	}()
	do()
	return nil
}
