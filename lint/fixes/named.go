package fixes

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint/place"
)

// NamedKey is a key of a chart's values that does what a rule wants, if it has a value.
type NamedKey struct {
	// Tries are the values with which the fix is tried, in order.
	Tries []Try
	// Own is tried with the key that supplies the value, whatever its name: Title is no fix if the key is
	// printed elsewhere, too. It is zero if the value fits anywhere.
	Own Try
	// Apart begins the title if what Own adds needs a value of its own.
	Apart string
	// Text is what the key supplies now, and Before what is before it where it may have the new value.
	Text, Before string
}

// Try is a value with which a fix is tried.
type Try struct {
	// Names are what the last part of the key may be: digest.
	Names []string
	// Value is the value, and Text how the fix writes it.
	Value, Text string
	// Ends is what the value of the field ends with if it did it. If IsAll is set, the value is nothing else.
	Ends  string
	IsAll bool
}

// Names are those of all tries.
func (k *NamedKey) Names() (l []string) {
	for _, try := range k.Tries {
		for _, name := range try.Names {
			if !slices.Contains(l, name) {
				l = append(l, name)
			}
		}
	}
	return l
}

// isNamed reports whether a key has one of the names.
func (t *Try) isNamed(label string) bool {
	return slices.ContainsFunc(t.Names, func(name string) bool { return label == name || strings.HasSuffix(label, "."+name) })
}

// IsNamed reports whether a key has one of the names.
func (k *NamedKey) IsNamed(label string) bool {
	return slices.ContainsFunc(k.Tries, func(t Try) bool { return t.isNamed(label) })
}

// Sets are what to try for a key.
func (k *NamedKey) Sets(s place.Step) (sets [][]place.Step) {
	for _, try := range k.Tries {
		if try.isNamed(s.Label) {
			s.Set = try.Value
			sets = append(sets, []place.Step{s})
		}
	}
	return sets
}

// Does reports whether the value of the field is what it is to be with a key.
func (k *NamedKey) Does(s place.Step, text string) bool {
	i := slices.IndexFunc(k.Tries, func(t Try) bool { return t.Value == s.Set && t.isNamed(s.Label) })
	return i < 0 || text == k.Tries[i].Ends || !k.Tries[i].IsAll && strings.HasSuffix(text, k.Tries[i].Ends)
}

// Write makes the text of a fix say what to set in place of what was tried.
func (k *NamedKey) Write(fix string) string {
	tries := slices.Clone(k.Tries) // one value may be a part of another
	slices.SortStableFunc(tries, func(a, b Try) int { return len(b.Value) - len(a.Value) })
	for _, try := range tries {
		fix = strings.ReplaceAll(fix, try.Value, try.Text)
	}
	return fix
}

// markLength is how many characters at the end of a value that is tried are looked for: the end repeats itself,
// and a label may have only a part of it.
const markLength = 16

// Mark is what is looked for of a value that is tried.
func (k *NamedKey) Mark(value string) string { return value[max(len(value)-markLength, 0):] }
