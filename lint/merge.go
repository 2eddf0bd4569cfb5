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
	base := len(out)
	var byKey map[mergeKey]int
	if len(run) > fewFindings {
		byKey = make(map[mergeKey]int, len(run))
	}
	// place is where in out the finding is that others with its key join, or -1.
	place := func(k mergeKey) int {
		if byKey != nil {
			if i, ok := byKey[k]; ok {
				return i
			}
			return -1
		}
		for i := len(out) - 1; i >= base; i-- {
			if newMergeKey(out[i]) == k {
				return i
			}
		}
		return -1
	}
	merged := make([]bool, len(run)) // of out from base on: they are copies
	for _, f := range run {
		k := newMergeKey(f)
		i := place(k)
		if i < 0 || f.Origin.Line == 0 && out[i].Object != f.Object {
			if byKey != nil {
				byKey[k] = len(out)
			}
			out = append(out, f)
			continue
		}
		if !merged[i-base] {
			c := *out[i]
			c.Occurrences = slices.Clone(c.Occurrences)
			out[i], merged[i-base] = &c, true
		}
		g := out[i]
		g.Occurrences = append(g.Occurrences, f.Occurrences...)
		g.Severity = min(g.Severity, f.Severity)
		g.Fails = g.Fails || f.Fails
	}
	for i, f := range out[base:] {
		if len(f.Occurrences) < 2 {
			continue
		}
		if !merged[i] {
			c := *f
			c.Occurrences = slices.Clone(c.Occurrences)
			out[base+i] = &c
			f = &c
		}
		slices.SortFunc(f.Occurrences, compareOccurrences)
		f.Occurrences = slices.Compact(f.Occurrences)
	}
	return out
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
