package dockerfile

import (
	"maps"
	"slices"
	"strings"

	buildkitshell "github.com/moby/buildkit/frontend/dockerfile/shell"
)

// Variables are variables of a Dockerfile with the values that the file gives them.
// Those without are left out.
type Variables map[string]string

// Get is the value of a variable, as BuildKit asks for it.
func (v Variables) Get(name string) (string, bool) {
	value, ok := v[name]
	return value, ok
}

// Keys lists the names, sorted.
func (v Variables) Keys() []string { return slices.Sorted(maps.Keys(v)) }

// with are the variables after an ARG or ENV instruction. An ARG without a default has
// that of an ARG before the first FROM.
func (v Variables) with(i *Instruction, global []*Instruction) Variables {
	made := maps.Clone(v)
	if made == nil {
		made = Variables{}
	}
	for _, a := range i.Assignments() {
		value, isKnown := a.Value.Text, false
		switch {
		case a.HasValue:
			value, isKnown = expand(a.Value.Raw, v, i.escape)
		case i.Name == "ARG":
			for _, g := range global {
				for _, d := range g.Assignments() {
					if d.Name.Text == a.Name.Text && d.HasValue {
						value, isKnown = expand(d.Value.Raw, Variables{}, i.escape)
					}
				}
			}
		}
		if isKnown {
			made[a.Name.Text] = value
		} else if a.HasValue {
			delete(made, a.Name.Text)
		}
	}
	return made
}

// Assignment is a variable or label that an instruction sets.
type Assignment struct {
	Name, Value Word
	// HasValue is false for ARG NAME, whose value is given when the image is built.
	HasValue bool
}

// Assignments are what ARG, ENV and LABEL set. For other instructions there are none.
func (i *Instruction) Assignments() []Assignment {
	if i.Name != "ARG" && i.Name != "ENV" && i.Name != "LABEL" || len(i.Words) == 0 {
		return nil
	}
	if first := i.Words[0]; i.Name != "ARG" && !strings.Contains(first.Raw, "=") && len(i.Words) > 1 { // ENV NAME value
		value := i.text.from(len(i.text.s) - len(strings.TrimLeft(i.text.s[len(first.Raw):], " \t")))
		w := value.part(0, len(value.s), value.s)
		return []Assignment{{Name: first, Value: w, HasValue: true}}
	}
	var l []Assignment
	for _, w := range i.Words {
		a := Assignment{Name: w, Value: w}
		name, value, found := strings.Cut(w.Raw, "=")
		a.Name.Raw, a.Value.Raw, a.HasValue = name, value, found
		a.Name.Text, a.Value.Text, _ = strings.Cut(w.Text, "=")
		a.Value.Column += len([]rune(name)) + 1
		l = append(l, a)
	}
	return l
}

// expand replaces the variables of a word, and takes its quotes off. isKnown is false
// if one has no value.
func expand(word string, v Variables, escape rune) (value string, isKnown bool) {
	result, err := buildkitshell.NewLex(escape).ProcessWordWithMatches(word, v)
	if err != nil || len(result.Unmatched) > 0 {
		return "", false
	}
	return result.Result, true
}
