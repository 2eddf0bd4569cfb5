package lint

import (
	"regexp"
	"strings"
)

// quotedValue is where errors of parsers and decoders quote what they read: YAML
// with backquotes after a tag, JSON, numbers and dates with double ones after
// "parsing" or "unmarshal".
var quotedValue = regexp.MustCompile("(cannot unmarshal !!?[\\w:.,/-]*|cannot decode !!?[\\w:.,/-]*) `[^`]*`?" +
	`|(parsing time|[Pp]arsing|cannot parse|trying to unmarshal|invalid number literal|invalid value) "(?:[^"\\]|\\.)*"?`)

// ParseCause is what an error of a parser says, without the values that it quotes:
// any of them may be a secret.
func ParseCause(err error) string { return withoutQuotedValues(err.Error()) }

func withoutQuotedValues(text string) string {
	if !strings.ContainsAny(text, "`\"") {
		return text
	}
	return quotedValue.ReplaceAllString(text, "$1$2")
}

// Safe is the problem without the values that the error of a parser quotes in it.
func (p Problem) Safe() Problem {
	p.Message, p.Detail = withoutQuotedValues(p.Message), withoutQuotedValues(p.Detail)
	return p
}
