package trace

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/gobwas/glob"
)

const (
	// maxPattern is how many bytes a pattern of names may have.
	maxPattern = 4096
	// maxWildcards is how many stars and braces a pattern may have for the library
	// that Helm uses: the time that it takes grows with their number as a power.
	maxWildcards = 3
)

// globMatcher is what a pattern of file names matches, as in Helm: * and ? do not
// match a slash, ** does, and there are [lists] and {alternatives}.
func globMatcher(pattern string) (func(string) bool, error) {
	if len(pattern) > maxPattern {
		return nil, fmt.Errorf("%w: a pattern of more than %d bytes", ErrBudget, maxPattern)
	}
	if strings.Count(pattern, "*")-strings.Count(pattern, "**")+strings.Count(pattern, "{") <= maxWildcards {
		if g, err := glob.Compile(pattern, '/'); err == nil {
			return g.Match, nil
		}
	} else if expr, err := GlobExpression(pattern); err == nil {
		if re, err := regexp.Compile(expr); err == nil {
			return re.MatchString, nil
		}
	}
	return func(string) bool { return true }, nil // as Helm does with what is no pattern
}

var errPattern = errors.New("no pattern")

// GlobExpression is a pattern as a regular expression, which takes time in
// proportion to its length.
func GlobExpression(pattern string) (string, error) { //nolint:gocognit // one case for each character of the syntax
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	depth := 0
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; c {
		case '*':
			if strings.HasPrefix(pattern[i:], "**") {
				i++
				b.WriteString(".*")
			} else {
				b.WriteString("[^/]*")
			}
		case '?':
			b.WriteString("[^/]")
		case '[':
			end := strings.IndexByte(pattern[i:], ']')
			if end < 0 {
				return "", errPattern
			}
			list := pattern[i+1 : i+end]
			b.WriteByte('[')
			if rest, not := strings.CutPrefix(list, "!"); not {
				b.WriteByte('^')
				list = rest
			}
			b.WriteString(strings.NewReplacer(`\`, `\\`, "[", `\[`, "^", `\^`).Replace(list))
			b.WriteByte(']')
			i += end
		case '{':
			depth++
			b.WriteString("(?:")
		case '}':
			if depth--; depth < 0 {
				return "", errPattern
			}
			b.WriteByte(')')
		case ',':
			if depth > 0 {
				b.WriteByte('|')
			} else {
				b.WriteByte(',')
			}
		case '\\':
			if i++; i == len(pattern) {
				return "", errPattern
			}
			b.WriteString(regexp.QuoteMeta(pattern[i : i+1]))
		default:
			if strings.IndexByte(`.+()|^$]`, c) >= 0 {
				b.WriteByte('\\')
			}
			b.WriteByte(c)
		}
	}
	if depth > 0 {
		return "", errPattern
	}
	b.WriteString(`\z`)
	return b.String(), nil
}
