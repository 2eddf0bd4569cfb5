package lint

import (
	"cmp"
	"slices"
	"strings"
)

// mergeKey is equal for findings at one place with one cause: the same rule says the
// same of the same field.
type mergeKey struct {
	rule, message, container, path, kind string
	ignored                              Ignored
}

func newMergeKey(f *Finding) mergeKey {
	k := mergeKey{f.Rule.ID, f.Message, f.Container, f.StablePath(), f.Object.Kind, Ignored{}}
	if f.Ignored != nil {
		k.ignored = *f.Ignored
	}
	return k
}

// merge gives one finding for each cause, sorted. What it changes are copies.
func merge(findings []*Finding) []*Finding {
	findings = slices.Clone(findings)
	slices.SortFunc(findings, compareFindings)
	out := findings[:0] // a run is never shorter than what it merges to
	for len(findings) > 0 {
		n := 1
		for n < len(findings) && findings[n].Origin.Position == findings[0].Origin.Position {
			n++
		}
		if n == 1 && len(findings[0].Occurrences) < 2 {
			out = append(out, findings[0])
		} else {
			out = mergeRun(out, findings[:n])
		}
		findings = findings[n:]
	}
	return out
}

// fewFindings is up to how many findings of one place are compared with each other
// rather than with a map.
const fewFindings = 16

// mergeRun appends what the findings of one place merge to.
func mergeRun(out, run []*Finding) []*Finding {
	m := merger{out: out, base: len(out), copied: make([]bool, len(run))}
	if len(run) > fewFindings {
		m.byKey = make(map[mergeKey]int, len(run))
	}
	for _, f := range run {
		m.add(f)
	}
	for i := m.base; i < len(m.out); i++ {
		if len(m.out[i].Occurrences) > 1 {
			f := m.own(i)
			slices.SortFunc(f.Occurrences, compareOccurrences)
			f.Occurrences = slices.Compact(f.Occurrences)
		}
	}
	return m.out
}

// merger merges the findings of one place.
type merger struct {
	// out ends in what they merge to, from base on. Those that are copied may change.
	out    []*Finding
	base   int
	copied []bool
	// byKey finds them. Nil while they are few.
	byKey map[mergeKey]int
}

func (m *merger) add(f *Finding) {
	k := newMergeKey(f)
	i := m.find(k)
	if i < 0 || f.Origin.Line == 0 && m.out[i].Object != f.Object {
		if m.byKey != nil {
			m.byKey[k] = len(m.out)
		}
		m.out = append(m.out, f)
		return
	}
	g := m.own(i)
	g.Occurrences = append(g.Occurrences, f.Occurrences...)
	g.Severity = min(g.Severity, f.Severity)
	g.Fails = g.Fails || f.Fails
}

// find is where in out the finding is that others with its key join, or -1.
func (m *merger) find(k mergeKey) int {
	if m.byKey != nil {
		if i, ok := m.byKey[k]; ok {
			return i
		}
		return -1
	}
	for i := len(m.out) - 1; i >= m.base; i-- {
		if newMergeKey(m.out[i]) == k {
			return i
		}
	}
	return -1
}

// own is the finding at a place of out, as a copy that may change.
func (m *merger) own(i int) *Finding {
	if !m.copied[i-m.base] {
		c := *m.out[i]
		c.Occurrences = slices.Clone(c.Occurrences)
		m.out[i], m.copied[i-m.base] = &c, true
	}
	return m.out[i]
}

func compareOccurrences(a, b Occurrence) int {
	if c := a.Object.Compare(b.Object); c != 0 {
		return c
	}
	return cmp.Or(strings.Compare(a.Input, b.Input), strings.Compare(a.Scenario, b.Scenario))
}

// compareFindings orders findings by their places first. It is called many times, so that
// it compares no more than it must.
func compareFindings(a, b *Finding) int {
	if c := a.Origin.Compare(b.Origin.Position); c != 0 {
		return c
	}
	if c := cmp.Compare(a.Severity, b.Severity); c != 0 {
		return c
	}
	if c := strings.Compare(a.Rule.ID, b.Rule.ID); c != 0 {
		return c
	}
	if c := a.Object.Compare(b.Object); c != 0 {
		return c
	}
	if c := cmp.Or(strings.Compare(a.Path, b.Path), strings.Compare(a.Message, b.Message), strings.Compare(a.Fingerprint, b.Fingerprint)); c != 0 {
		return c
	}
	c := slices.CompareFunc(a.Occurrences, b.Occurrences, func(a, b Occurrence) int {
		return cmp.Or(a.Object.Compare(b.Object), strings.Compare(a.Unit(), b.Unit()))
	})
	return cmp.Or(c, compareIgnored(a.Ignored, b.Ignored))
}
