package blocktext

import (
	"regexp"
	"sort"
	"strings"

	"github.com/kubevet/kubevet/render/helm/trace"
)

// merging sets a variable to a map that is merged from others.
var merging = regexp.MustCompile(`\{\{-?\s*(\$\w+)\s*:?=\s*(?:mustMerge|merge)(?:Overwrite)?\s([^{}]*)\}\}`)

// assigning sets a variable to a value, or to an empty map if that is empty.
var assigning = regexp.MustCompile(`\{\{-?\s*(\$\w+)\s*:?=\s*(?:deepCopy\s+)?\(?(\$?(?:\.\w+)+)(?:\s*\|\s*(?:default\s+\(?dict\)?|deepCopy))*\s*\)?\s*-?\}\}`)

// merge is where a template merges values into a variable, and what these are.
type merge struct {
	pos  int
	from [][]string
}

// assignment is where a template sets a variable to a value, and the fields that lead to it.
type assignment struct {
	pos   int
	value string
}

// maxMerged is how many values are looked at that are merged.
const maxMerged = 8

// Merges remembers where templates merge values into variables. The zero value is ready to use.
type Merges struct {
	bySource map[*trace.Source]map[string][]merge
	// assigned are the assignments, by variable.
	assigned map[*trace.Source]map[string][]assignment
}

// Assigned is the value to which the last such action before a position sets a variable: .Values.x. It is empty if there is none.
func (m *Merges) Assigned(src *trace.Source, variable string, pos int) string {
	of, isKnown := m.assigned[src]
	if !isKnown {
		of = map[string][]assignment{}
		for _, at := range assigning.FindAllStringSubmatchIndex(src.Text, -1) {
			name := src.Text[at[2]:at[3]]
			of[name] = append(of[name], assignment{at[0], src.Text[at[4]:at[5]]})
		}
		if m.assigned == nil {
			m.assigned = map[*trace.Source]map[string][]assignment{}
		}
		m.assigned[src] = of
	}
	before := sort.Search(len(of[variable]), func(i int) bool { return of[variable][i].pos >= pos })
	if before == 0 {
		return ""
	}
	return of[variable][before-1].value
}

// Into are the keys of the values that the last action before a position merges into a variable.
func (m *Merges) Into(src *trace.Source, variable string, pos int) [][]string {
	of, isKnown := m.bySource[src]
	if !isKnown {
		of = mergesIn(src.Text)
		if m.bySource == nil {
			m.bySource = map[*trace.Source]map[string][]merge{}
		}
		m.bySource[src] = of
	}
	before := sort.Search(len(of[variable]), func(i int) bool { return of[variable][i].pos >= pos })
	if before == 0 {
		return nil
	}
	return of[variable][before-1].from
}

// mergesIn are the merges of a text, by variable.
func mergesIn(text string) map[string][]merge {
	of := map[string][]merge{}
	for _, at := range merging.FindAllStringSubmatchIndex(text, -1) {
		m := merge{pos: at[0]}
		for _, a := range arguments(" "+text[at[4]:at[5]], maxMerged) {
			if path, ok := strings.CutPrefix(strings.TrimPrefix(a, "$"), ".Values."); ok {
				m.from = append(m.from, strings.Split(path, "."))
			}
		}
		name := text[at[2]:at[3]]
		of[name] = append(of[name], m)
	}
	return of
}
