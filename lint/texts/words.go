package texts

import (
	"slices"
	"strconv"
	"strings"
)

// And joins words as a sentence does: "a, b and c". Without words it is empty.
func And(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// AndOthers is And of at most so many words. Where there are more, the last says how many:
// "a, b and 3 others".
func AndOthers(words []string, most int) string {
	if len(words) > most {
		words = append(slices.Clone(words[:most-1]), strconv.Itoa(len(words)-most+1)+" others")
	}
	return And(words)
}
