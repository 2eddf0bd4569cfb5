package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
)

// shownAs is an occurrence of a finding with the units in which it shows.
type shownAs struct {
	lint.Occurrence
	units []lint.Occurrence
}

// occurrencesOf are the occurrences of a finding, those of several units together.
func occurrencesOf(f *lint.Finding) []*shownAs {
	type key struct {
		object                                lint.ObjectRef
		container, path, message, fingerprint string
	}
	byKey := map[key]*shownAs{}
	var l []*shownAs
	for _, o := range f.Occurrences {
		k := key{o.Object, o.Container, o.Path, o.Message, o.Fingerprint}
		s := byKey[k]
		if s == nil {
			s = &shownAs{Occurrence: o}
			byKey[k] = s
			l = append(l, s)
		}
		s.units = append(s.units, o)
	}
	return l
}

// occurrencesTogether are the occurrences of several findings, each object and container
// once.
func occurrencesTogether(findings []*lint.Finding) []*shownAs {
	if len(findings) == 1 {
		return occurrencesOf(findings[0])
	}
	type key struct {
		object             lint.ObjectRef
		container, message string
	}
	byKey := map[key]*shownAs{}
	var l []*shownAs
	for _, f := range findings {
		for _, o := range f.Occurrences {
			k := key{o.Object, o.Container, o.Message}
			s := byKey[k]
			if s == nil {
				s = &shownAs{Occurrence: o}
				byKey[k] = s
				l = append(l, s)
			}
			s.units = append(s.units, o)
		}
	}
	return l
}

// scenariosOf are the scenarios in which anything of a chart was found.
func scenariosOf(r *lint.Report) map[string][]string {
	m := map[string][]string{}
	for _, f := range slices.Concat(r.Findings, r.Ignored) {
		for _, o := range f.Occurrences {
			if o.Scenario != "" && !slices.Contains(m[o.Input], o.Scenario) {
				m[o.Input] = append(m[o.Input], o.Scenario)
			}
		}
	}
	return m
}

// onlyIn says in which scenarios an occurrence shows. Empty: in all, or there are none.
func onlyIn(s *shownAs, all map[string][]string, verbose bool) string {
	byInput := map[string][]string{}
	var inputs, l []string
	for _, o := range s.units {
		if !slices.Contains(inputs, o.Input) {
			inputs = append(inputs, o.Input)
		}
		if o.Scenario != "" && !slices.Contains(byInput[o.Input], o.Scenario) {
			byInput[o.Input] = append(byInput[o.Input], o.Scenario)
		}
	}
	for _, input := range inputs {
		names := byInput[input]
		some := len(names) > 0 && len(names) < len(all[input])
		text := strings.Join(names, ", ")
		if some && !verbose && len(names) > 2 {
			text = fmt.Sprintf("%s and %d more of %s", names[0], len(names)-1, lint.Count(len(all[input]), "scenario"))
		}
		switch {
		case some && len(inputs) > 1:
			l = append(l, input+" with "+text)
		case some:
			l = append(l, "only with "+text)
		case len(inputs) > 1:
			l = append(l, input)
		}
	}
	if most := 3; !verbose && len(l) > most {
		l = append(l[:most:most], fmt.Sprintf("and %d more", len(l)-most))
	}
	return strings.Join(l, "; ")
}

// unitNames are the units of an occurrence, as evidence of a finding names them: a
// path that the finding's own repeats is left out.
func (s *shownAs) unitNames(f *lint.Finding) []string {
	var units []string
	for _, o := range s.units {
		name, own := o.Unit(), f.Origin.File == o.Input || strings.HasPrefix(f.Origin.File, o.Input+"/") || o.Input == "."
		if own {
			name = o.Scenario
		}
		if name != "" && !slices.Contains(units, name) {
			units = append(units, name)
		}
	}
	return units
}

// describe says of which object and container an occurrence is, what is wrong with
// it if the finding does not say so, and in which units. At most n units are named.
func (s *shownAs) describe(f *lint.Finding, n int) string {
	text := s.Object.String()
	switch {
	case s.Message != "":
		text += ": " + s.Message
	case s.Container != "":
		text += ", container " + s.Container
	}
	units := s.unitNames(f)
	if len(units) > n {
		units = append(units[:n:n], fmt.Sprintf("and %d more", len(units)-n))
	}
	if len(units) > 0 {
		text += " (" + strings.Join(units, ", ") + ")"
	}
	return text
}

// objectLines are the occurrences of a finding in words, at most n of them. A finding
// that is about no object has none.
func objectLines(f *lint.Finding, n int) []string {
	if f.Object == (lint.ObjectRef{}) {
		return nil
	}
	var l []string
	all := occurrencesOf(f)
	for i, s := range all {
		if len(l) == n {
			return append(l, fmt.Sprintf("and %d more", len(all)-i))
		}
		if line := s.describe(f, n); !slices.Contains(l, line) { // containers of templates may have one name
			l = append(l, line)
		}
	}
	return l
}

// extent is how often a finding occurs, to follow its message. Empty: once, or the
// message says it.
func extent(f *lint.Finding) string {
	objects := len(f.Objects())
	own := slices.ContainsFunc(f.Occurrences, func(o lint.Occurrence) bool { return o.Message != "" })
	n := defects(f)
	if n == objects && strings.HasPrefix(f.Message, fmt.Sprintf("each of %d ", n)) {
		return ""
	}
	switch {
	case own && n > 1 && objects > 1:
		return fmt.Sprintf(" (%d times in %d objects)", n, objects)
	case own && n > 1 && objects == 1:
		return fmt.Sprintf(" (%d times in %s)", n, f.Object)
	case own && n > 1:
		return fmt.Sprintf(" (%d times)", n)
	case objects > 1:
		return fmt.Sprintf(" (%d objects)", objects)
	}
	return ""
}

// defects counts those of a finding. What several units show is one, also in different words, and so is what several copies of an
// object show in the same words.
func defects(f *lint.Finding) (n int) {
	type inUnit struct{ fingerprint, unit string }
	type inWords struct {
		object                   lint.ObjectRef
		container, path, message string
	}
	first := map[inWords]string{}
	seen, most := map[inUnit]int{}, map[string]int{}
	for _, o := range f.Occurrences {
		own := cmp.Or(o.Fingerprint, f.Fingerprint)
		one := own
		if words := (inWords{o.Object, o.Container, o.Path, o.Message}); o.Object != (lint.ObjectRef{}) {
			if first[words] == "" {
				first[words] = own
			}
			one = first[words]
		}
		k := inUnit{own, o.Unit()}
		if seen[k]++; seen[k] > most[one] {
			most[one]++
			n++
		}
	}
	return n
}
