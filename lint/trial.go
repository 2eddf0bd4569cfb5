package lint

import (
	"slices"
	"strings"
)

// maxTrials is how many sets of values are tried for the findings of one unit. Each
// is a rendering.
const maxTrials = 12

// untried is a finding for which values are known that may fix it. A fix that was
// not tried is not printed.
type untried struct {
	finding *Finding
	diagnosed
	// sets are the values to try, each alternative all at once, in order of preference.
	sets [][]Step
	// otherwise is the fix if none of them does it.
	otherwise string
}

// trials renders a unit with other values, and looks whether findings go away.
type trials struct {
	checker *Checker
	unit    *Unit
	units   map[string]*shared // by the values that were set; nil: they cannot be rendered
	// reported holds what reports has found.
	reported map[*Object]map[report]bool
}

// report is what tells findings of one object apart.
type report struct{ rule, container, path string }

// run tries the fixes of findings, in their order.
func (t *trials) run(l []untried) {
	for _, u := range l {
		u.finding.Fix = u.otherwise
		for _, set := range u.sets {
			if t.fixes(set, u.diagnosed) {
				u.finding.Fix = setText(set)
				break
			}
		}
	}
}

// setText is the fix that sets some values.
func setText(set []Step) string {
	words := make([]string, len(set))
	for i, s := range set {
		words[i] = s.Label + ": " + s.Set
	}
	return "set " + strings.Join(words, " and ")
}

// fixes reports whether the rule reports nothing more of the same value with other
// values of the chart. That its object is no longer there is no fix, and neither is it
// for a field that is missing that its container is no longer there. Nor is a fix what
// makes the rules report something else of the object.
func (t *trials) fixes(set []Step, d diagnosed) bool {
	s := t.with(set)
	if s == nil {
		return false
	}
	of := d.of()
	var same *Object
	for _, o := range s.unit.Objects {
		if o.Ref() == of.Ref() {
			same = o
		}
	}
	if same == nil || !d.At.IsSet() && !same.hasSubject(d.Subject) {
		return false
	}
	c := s.checker
	for _, on := range []subject{{object: same}, {}} {
		p := &Pass{Unit: s.unit, Version: c.Version, Profile: c.Profile, Settings: c.Settings, shared: s}
		if _, failed := runUntilPanic(p, on, []*Rule{d.rule}, 0); failed != nil {
			return false
		}
		for _, found := range p.found {
			if o := found.of(); o != nil && o.Ref() == of.Ref() && found.Subject.Name == d.Subject.Name && found.At.Path() == d.At.Path() {
				return false
			}
		}
	}
	return !t.worsens(s, of, same)
}

// worsens reports whether the rules report something of an object with other values that
// they do not report of it without.
func (t *trials) worsens(s *shared, was, is *Object) bool {
	before := t.reports(&shared{checker: t.checker, unit: t.unit}, was)
	for r := range t.reports(s, is) {
		if !before[r] {
			return true
		}
	}
	return false
}

// reports is what the rules that look at objects by themselves report of one.
func (t *trials) reports(s *shared, o *Object) map[report]bool {
	if known, ok := t.reported[o]; ok {
		return known
	}
	c := s.checker
	p := &Pass{Unit: s.unit, Version: c.Version, Profile: c.Profile, Settings: c.Settings, shared: s}
	for next := 0; next < len(c.Rules); {
		next, _ = runUntilPanic(p, subject{object: o}, c.Rules, next)
	}
	l := map[report]bool{}
	for _, f := range p.found {
		l[report{f.rule.ID, f.Subject.Name, f.At.Path()}] = true
	}
	if t.reported == nil {
		t.reported = map[*Object]map[report]bool{}
	}
	t.reported[o] = l
	return l
}

// hasSubject reports whether the object has a pod or container of the same kind and name.
// It has every zero subject.
func (o *Object) hasSubject(h PodOrContainer) bool {
	return h.Workload == nil || slices.ContainsFunc(o.Workloads, func(w *Workload) bool {
		return slices.ContainsFunc(w.Select(h.Kind), func(c PodOrContainer) bool { return c.Name == h.Name })
	})
}

// with is the unit with other values. Nil: it cannot be rendered, or too many sets
// were tried.
func (t *trials) with(set []Step) *shared {
	name := setText(set)
	if s, known := t.units[name]; known || len(t.units) >= maxTrials {
		return s
	}
	if t.units == nil {
		t.units = map[string]*shared{}
	}
	t.units[name] = nil
	if u := t.unit.Try(set); u != nil {
		u.Repository = t.unit.Repository
		if u, problems := withoutOversized(u); len(problems) == 0 {
			t.units[name] = &shared{checker: t.checker, unit: u}
		}
	}
	return t.units[name]
}

// trialSets are the values that may fix a finding by more than passing a value on:
// several keys, conditions, and keys that decide.
func trialSets(d *Diagnostic, trail []Step) (sets [][]Step) {
	if len(d.Keys) > 0 {
		sets = append(sets, d.Keys)
	}
	if len(d.Keys) > 0 || d.KeepFix {
		return sets
	}
	for _, s := range trail {
		switch {
		case s.Kind == StepValues && s.Chosen && s.Set == "" && d.Want != "" && s.Label != "":
			s.Set = d.Want
			sets = append(sets, []Step{s})
		case s.Kind == StepValues && s.Set == "" && s.Label != "" && (d.Want != "" || !d.At.IsSet()):
			return sets // it is passed on
		case (s.Kind == StepValues || s.Kind == StepDecides) && s.Set != "" && s.Label != "":
			sets = append(sets, []Step{s})
		}
	}
	return sets
}
