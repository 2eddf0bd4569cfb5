package render

import "github.com/kubevet/kubevet/lint"

// Watch lets somebody outside of the process know what it renders. Charts are
// programs of strangers: bounds stop what never ends, and what slips through
// costs the process, which nobody within it survives.
type Watch struct {
	// Begin is told of a chart before it is read or rendered. A chart that has cost
	// a process before comes back as a problem, and is not rendered again. Not ok:
	// nothing is to be rendered in this process.
	Begin func(Watched) (lost *lint.Problem, ok bool)
	// At is told of each template file before it is executed.
	At func(w Watched, file string)
	// End is told when the chart is done.
	End func(Watched)
}

// Watched is a chart that is read, or rendered in a scenario.
type Watched struct {
	// Chart is its path as reports call it.
	Chart string `json:"chart"`
	// Scenario is empty while the chart is read.
	Scenario string `json:"scenario"`
}

// guard does something with a chart while the watch looks on. Nil: nobody does.
// What it is given is to be told of each template. A problem is there if it was
// not done because the chart is known to cost the process.
func (w *Watch) guard(chart Watched, do func(at func(file string))) *lint.Problem {
	if w == nil {
		do(nil)
		return nil
	}
	lost, ok := w.Begin(chart)
	if !ok || lost != nil {
		return lost
	}
	defer w.End(chart)
	do(func(file string) { w.At(chart, file) })
	return nil
}
