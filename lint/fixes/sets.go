// Package fixes has what fixes of findings are made of: their texts, the keys of a chart's values that are tried for them, and edits.
// What a rule wants is an Intent of package lint, and package lint tries the keys.
package fixes

import (
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint/place"
	"github.com/kubevet/kubevet/lint/texts"
)

// SetText is the fix that sets some values, and fills lists.
func SetText(set []place.Step) string {
	var words, lists []string
	for _, s := range set {
		switch s.Set {
		case place.Filled:
			lists = append(lists, s.Label)
		case "": // which value depends on the application
			words = append(words, s.Label)
		default:
			words = append(words, s.Label+": "+s.Set)
		}
	}
	var parts []string
	if len(words) > 0 {
		parts = append(parts, "set "+texts.And(words))
	}
	if len(lists) > 0 {
		parts = append(parts, "fill "+texts.And(lists))
	}
	return strings.Join(parts, " and ")
}

// Deciding are the keys of a trail that decide what is printed, each with another value. With a sample they are those of empty lists.
func Deciding(trail []place.Step, sample string) (sets [][]place.Step) {
	for _, s := range trail {
		if s.Kind != place.StepDecides || s.Set == "" || s.Label == "" || (s.Set == place.Filled) != (sample != "") {
			continue
		}
		if sample != "" {
			s.Set = sample
		}
		sets = append(sets, []place.Step{s})
	}
	return sets
}

// IsBool reports whether a text is a boolean of YAML.
func IsBool(text string) bool { return text == "true" || text == "false" }

// WithSwitch is what to try for a key that is missing or off: the switch of the block that prints it alone, if
// the key may have the wanted value already, and both.
func WithSwitch(key, on place.Step, want string) (sets [][]place.Step) {
	if key.Off {
		sets = append(sets, []place.Step{on})
	}
	if key.Set = want; want != "" {
		sets = append(sets, []place.Step{on, key})
	}
	return sets
}

// Switch is the step of the key that must be set beside a missing one, or one that is off, since a block that
// prints it is printed only then. Nil if there is none.
func Switch(trail []place.Step) *place.Step {
	missing := slices.IndexFunc(trail, func(s place.Step) bool { return s.Kind == place.StepValues && (s.Missing || s.Off) })
	if missing < 0 {
		return nil
	}
	i := slices.IndexFunc(trail, func(s place.Step) bool { return s.Kind == place.StepDecides && s.Set != "" && s.Set != place.Filled })
	if i < 0 {
		return nil
	}
	return &trail[i]
}
