package checklist

import (
	"maps"
	"slices"

	"github.com/kubevet/kubevet/lint"
)

// View is what a unit, an input or a run holds of the subjects of the checklist.
// The zero value holds nothing.
type View struct {
	Subjects map[Subject]Seen `json:",omitempty"`
	Evidence []Evidence       `json:",omitempty"`
}

// Seen is how many of a subject there are, and where the first of them begin.
type Seen struct {
	N  int
	At []lint.Position `json:",omitempty"`
}

// Evidence is a place in the input that speaks for an item: a scanner that CI runs,
// or a system that manages secrets.
type Evidence struct {
	// Item is the ID of the item.
	Item     string
	Position lint.Position
	// Says is what is there, in one sentence without full stop.
	Says string
}

// maxPlaces limits how many places of a subject are kept.
const maxPlaces = 3

// Look finds the subjects of a unit. It asks the unit's renderer for places, so it
// must not run while the unit is checked.
func Look(u *lint.Unit, settings lint.Settings) View {
	v := View{Subjects: map[Subject]Seen{}, Evidence: evidenceOf(u)}
	pass := lint.NewPass(u, settings)
	for _, d := range u.Documents {
		if d.Kind == lint.DocumentDockerfile {
			v.see(Dockerfiles, func() lint.Position { return lint.Position{File: d.File, Line: 1} })
		}
	}
	for _, o := range u.Objects {
		start := func() lint.Position { return o.Locate(o.Root).Position }
		for _, s := range subjectsOf(pass, o) {
			v.see(s, start)
		}
		for _, w := range o.Workloads {
			if !settings.IsSensitive(w) {
				continue
			}
			v.see(Sensitive, start)
			if slices.ContainsFunc(settings.Tiers, func(t lint.Tier) bool { return t.Holds(w) }) {
				v.see(Placed, start)
			}
		}
	}
	return v
}

// see counts one more of a subject. It asks where that is only while places are kept.
func (v View) see(s Subject, locate func() lint.Position) {
	seen := v.Subjects[s]
	seen.N++
	if len(seen.At) < maxPlaces {
		seen.keep(locate())
	}
	v.Subjects[s] = seen
}

// keep adds a place, unless it has no file or is on a line that is there already.
func (s *Seen) keep(at lint.Position) {
	isHere := func(p lint.Position) bool { return p.File == at.File && p.Line == at.Line }
	if at.File != "" && !slices.ContainsFunc(s.At, isHere) {
		s.At = append(s.At, at)
	}
}

// WithScenario puts in what another scenario of the same input holds. The scenarios
// render the same objects, so that the larger number counts.
func (v View) WithScenario(w View) View {
	return v.with(w, func(a, b Seen) Seen {
		if b.N > a.N {
			return b
		}
		return a
	})
}

// With adds what another input holds.
func (v View) With(w View) View {
	return v.with(w, func(a, b Seen) Seen {
		sum := Seen{N: a.N + b.N, At: slices.Clone(a.At)}
		for _, at := range b.At {
			if len(sum.At) < maxPlaces {
				sum.keep(at)
			}
		}
		return sum
	})
}

func (v View) with(w View, join func(a, b Seen) Seen) View {
	out := View{Subjects: map[Subject]Seen{}, Evidence: slices.Clone(v.Evidence)}
	for _, e := range w.Evidence { // scenarios of a chart show the same
		if !slices.Contains(out.Evidence, e) {
			out.Evidence = append(out.Evidence, e)
		}
	}
	maps.Copy(out.Subjects, v.Subjects)
	for s, seen := range w.Subjects {
		out.Subjects[s] = join(out.Subjects[s], seen)
	}
	return out
}
