// Package mask hides credentials in the texts of problems: those print what authors of charts wrote
// for fail and required, and what functions say of their arguments.
package mask

import (
	"regexp"
	"slices"
	"strings"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/rules/secrets/detect"
)

// masked replaces a credential.
const masked = "‹masked›"

// Problems gives copies of problems without credentials.
func Problems(l []lint.Problem) []lint.Problem {
	out := slices.Clone(l)
	for i := range out {
		out[i] = out[i].Safe()
		out[i].Message, out[i].Detail, out[i].Help = maskCredentials(out[i].Message), maskCredentials(out[i].Detail), maskCredentials(out[i].Help)
	}
	return out
}

// maskCredentials masks the words of a text that are credentials by themselves, or
// behind a word that says so: "password is …", "token=…".
func maskCredentials(text string) string {
	if text == "" {
		return text
	}
	text = privateKey.ReplaceAllString(text, masked)
	var b strings.Builder
	key, at := "", 0
	for _, m := range word.FindAllStringIndex(text, -1) {
		w := text[m[0]:m[1]]
		b.WriteString(text[at:m[0]])
		at = m[1]
		quoted := m[0] > 0 && strings.ContainsRune("\"'`", rune(text[m[0]-1]))
		name, value, pair := strings.Cut(w, "=")
		if !pair {
			name, value, pair = strings.Cut(w, ":")
		}
		own := name[strings.LastIndexByte(name, '.')+1:] // of auth.existingSecret
		hidden := true
		switch {
		case option.MatchString(w), pair && value == "VALUE": // what this program asks for: --api-versions, --set KEY=VALUE
			b.WriteString(w)
			hidden = false
		case pair && value != "" && !strings.Contains(value, "//") && detect.Value(own, value).Found():
			b.WriteString(w[:len(name)+1] + masked)
		case detect.Value("", w).Found():
			b.WriteString(masked)
		case (quoted || strings.ContainsAny(w, "0123456789")) && detect.Value(key, strings.TrimRight(w, ".:!?")).Secret():
			b.WriteString(masked)
		default:
			b.WriteString(w)
			hidden = false
		}
		if hidden {
			key = ""
		} else if w = strings.TrimRight(w, ":="); !slices.Contains([]string{"is", "was", "to", "the", "of", ""}, w) {
			key = w
		}
	}
	b.WriteString(text[at:])
	return b.String()
}

var (
	// option matches the name of an option: --api-versions.
	option     = regexp.MustCompile(`^--?[a-z]+(-[a-z]+)*$`)
	privateKey = regexp.MustCompile(`(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|$)`)
	// word is a run of characters that are neither blanks nor quotes nor brackets.
	word = regexp.MustCompile("[^\\s\"'`()\\[\\]{}<>,;]+")
)
