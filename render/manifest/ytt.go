package manifest

import (
	"bytes"
	"regexp"
	"strings"
)

// ytt (Carvel) keeps its templates valid YAML: its code is in comments that begin with #@. A value of
// its own language follows the key in a comment, so that YAML reads null there.

var (
	yttComment = regexp.MustCompile(`(?m)(?:^|[ \t])#@(?: |(?:overlay|data|schema|yaml|library|assert)/)`)
	// yttValue is a key or the dash of an element with a comment in place of its value.
	yttValue = regexp.MustCompile(`^([ \t]*(?:- +)*(?:[^\s#'"&*!|>{\[%@-][^#'"]*:|"[^"]*":|'[^']*':|-)[ \t]+)(#@ .*?)(\r?\n?)$`)
	yttParts = regexp.MustCompile(`(?m)^[ \t]*#@(?:overlay/match|data/values)`)
)

// IsYtt reports whether a text is a template of ytt.
func IsYtt(data []byte) bool {
	return bytes.Contains(data, []byte("#@")) && yttComment.Match(data)
}

// YttValues is a template of ytt in which the values that ytt computes are texts: the comment in
// quotes, on the same line. They are unknown values then, and not absent. Lines are as before, and
// columns up to the value.
func YttValues(data []byte) []byte {
	lines := bytes.SplitAfter(data, []byte("\n"))
	var out bytes.Buffer
	for i, line := range lines {
		m := yttValue.FindSubmatch(line)
		if m == nil || hasBlock(indentOf(line), lines[i+1:]) {
			out.Write(line)
			continue
		}
		out.Write(m[1])
		out.WriteString("'" + strings.ReplaceAll(string(m[2]), "'", "''") + "'")
		out.Write(m[3])
	}
	return out.Bytes()
}

// hasBlock reports whether the next line with content is deeper than an indentation: it belongs to
// the key before it.
func hasBlock(indent int, lines [][]byte) bool {
	for _, l := range lines {
		if t := bytes.TrimSpace(l); len(t) > 0 && t[0] != '#' {
			return !isMarker(l, "---") && !isMarker(l, "...") && indentOf(l) > indent
		}
	}
	return false
}

// indentOf counts the blanks and dashes before a key.
func indentOf(line []byte) int {
	return len(line) - len(bytes.TrimLeft(line, " -"))
}

// IsYttPart reports whether the comments before the document that begins at a line make it an overlay
// or values: it is no object by itself.
func (s *Source) IsYttPart(line int) bool {
	for n := line; n > 0; n-- {
		text := strings.TrimSpace(s.Line(n))
		switch {
		case yttParts.MatchString(text):
			return true
		case text != "" && text[0] != '#' && (n != line || !isMarker([]byte(text), "---")):
			return false
		}
	}
	return false
}
