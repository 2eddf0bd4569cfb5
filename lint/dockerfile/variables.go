package dockerfile

import (
	"strings"

	buildkitshell "github.com/moby/buildkit/frontend/dockerfile/shell"

	"github.com/kubevet/kubevet/lint/node"
)

// variable is the last one that was set, with those that were set before it. It is nil if there
// is none.
type variable struct {
	name, value string
	// isKnown is false for a variable whose value the file does not give.
	isKnown bool
	before  *variable
}

const (
	// maxVariables limits how far back the value of a variable is looked for.
	maxVariables = 1000
	// maxValue limits the length of a value, in bytes: values can hold values.
	maxValue = 4 << 10
)

// Get is the value of a variable, as BuildKit asks for it.
func (v *variable) Get(name string) (string, bool) {
	for range maxVariables {
		if v == nil {
			break
		}
		if v.name == name {
			return v.value, v.isKnown
		}
		v = v.before
	}
	return "", false
}

// Keys is not needed: words are not completed.
func (v *variable) Keys() []string { return nil }

// with are the variables after an ARG or ENV instruction. An ARG without a default has
// that of an ARG before the first FROM.
func (v *variable) with(i *Instruction, global *variable) *variable {
	made := v
	for _, a := range i.Assignments() {
		value, isKnown := "", false
		switch {
		case a.HasValue:
			value, isKnown = expand(a.Value.Raw, v, i.escape)
		case i.Name == "ARG":
			if value, isKnown = global.Get(a.Name.Text); !isKnown {
				continue
			}
		}
		made = &variable{a.Name.Text, value, isKnown, made}
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
		if found {
			a.Value.Column += len([]rune(name)) + 1
		}
		l = append(l, a)
	}
	return l
}

// expand replaces the variables of a word, and takes its quotes off. isKnown is false
// if one has no value, or if another program fills in a part.
func expand(word string, v *variable, escape rune) (value string, isKnown bool) {
	result, err := buildkitshell.NewLex(escape).ProcessWordWithMatches(word, v)
	if err != nil || len(result.Unmatched) > 0 || len(result.Result) > maxValue || node.HasPlaceholder(result.Result) {
		return "", false
	}
	return result.Result, true
}
