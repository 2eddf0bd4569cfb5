package trace

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/gobwas/glob"
)

const (
	// maxPattern is the maximum number of bytes of a file name pattern.
	maxPattern = 4096
	// maxWildcards is the maximum number of stars and braces in a pattern for the library
	// that Helm uses: its time grows exponentially with their number.
	maxWildcards = 3
)

// globMatcher reports which names match a pattern of file names, as in Helm: * and ? do
// not match a slash, ** does, and there are [lists] and {alternatives}.
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
	return func(string) bool { return true }, nil // an invalid pattern matches everything, as in Helm
}

var errPattern = errors.New("no pattern")

// GlobExpression is a pattern as a regular expression, which takes time proportional to
// its length.
func GlobExpression(pattern string) (string, error) {
	var b strings.Builder
	b.WriteString(`(?s)\A`)
	depth := 0
	for pattern != "" {
		expr, size := globElement(pattern, depth)
		switch pattern[0] {
		case '{':
			depth++
		case '}':
			depth--
		}
		if size == 0 || depth < 0 {
			return "", errPattern
		}
		b.WriteString(expr)
		pattern = pattern[size:]
	}
	if depth > 0 {
		return "", errPattern
	}
	b.WriteString(`\z`)
	return b.String(), nil
}

// globElement is the first element of a pattern as a regular expression, and the number
// of bytes of that element. Depth is the number of open braces. The size is 0 if the
// pattern is invalid.
func globElement(pattern string, depth int) (expr string, size int) {
	switch c := pattern[0]; c {
	case '*':
		if strings.HasPrefix(pattern, "**") {
			return ".*", 2
		}
		return "[^/]*", 1
	case '?':
		return "[^/]", 1
	case '[':
		return globList(pattern)
	case '{':
		return "(?:", 1
	case '}':
		return ")", 1
	case ',':
		if depth > 0 {
			return "|", 1
		}
		return ",", 1
	case '\\':
		if len(pattern) < 2 {
			return "", 0
		}
		return regexp.QuoteMeta(pattern[1:2]), 2
	default:
		if strings.IndexByte(`.+()|^$]`, c) >= 0 {
			return `\` + pattern[:1], 1
		}
		return pattern[:1], 1
	}
}

// globList is globElement for a list of characters in brackets.
func globList(pattern string) (expr string, size int) {
	list, _, closed := strings.Cut(pattern[1:], "]")
	if !closed {
		return "", 0
	}
	size = len(list) + 2
	open := "["
	if rest, not := strings.CutPrefix(list, "!"); not {
		open, list = "[^", rest
	}
	return open + strings.NewReplacer(`\`, `\\`, "[", `\[`, "^", `\^`).Replace(list) + "]", size
}
