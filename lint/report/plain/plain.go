// Package plain makes texts of the input safe to print.
//
// What a manifest says must not act on anyone who reads a report. Three things do:
// control and invisible characters (terminals act on the first, people do not see
// the second), line breaks (a forged line looks like ours), and the commands that
// CI systems read in logs: "::command::" at the start of a line for GitHub,
// "##[" and "##vso[" anywhere in it for GitHub, Azure and TeamCity.
//
// Formats for people print them as "?" and blanks (Text); JSON and XML keep them,
// as escapes (EscapeJSON, EscapeXML).
package plain

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/kubevet/kubevet/lint"
)

// Text makes a text of the input safe to print in one line of a terminal or of a
// CI system's log: line breaks and tabs become blanks; other control characters,
// invisible and direction-changing ones, and the start of a log command become
// "?". It keeps the number of characters. Whatever a command prints that comes
// from the input goes through it.
func Text(s string) string {
	if IsOrdinary(s) {
		return s
	}
	s = strings.Map(printable, s)
	if i := len(s) - len(strings.TrimLeft(s, " ")); StartsCommand(s[i:]) {
		s = s[:i] + ":?" + s[i+2:]
	}
	return withoutMarkers(s)
}

// IsOrdinary reports a text that Text leaves as it is: ASCII without control characters, and
// without the signs of log commands.
func IsOrdinary(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c >= 0x7f || c == '#' && i > 0 && s[i-1] == '#' {
			return false
		}
	}
	return !strings.HasPrefix(strings.TrimLeft(s, " "), "::")
}

// Lines is Text for a text of many lines, which keep their line breaks: "\n".
func Lines(s string) string {
	lines := strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	for i, line := range lines {
		lines[i] = Text(line)
	}
	return strings.Join(lines, "\n")
}

// Report gives a report with all texts safe to print. Names of files stay as they
// are: readers of machine formats and language clients open them. What needs no change is shared.
func Report(r *lint.Report) *lint.Report { return mapReport(r, Field) }

// Field makes the text of a field safe to print, as Report does.
func Field(field, s string) string {
	switch field {
	case "File", "New": // of edits
		return s
	case "Detail":
		return Lines(s)
	}
	return Text(s)
}

// ReportAndFiles is Report, with names of files safe to print too.
func ReportAndFiles(r *lint.Report) *lint.Report {
	return mapReport(r, func(field, s string) string {
		if field == "Detail" {
			return Lines(s)
		}
		return Text(s)
	})
}

func mapReport(r *lint.Report, f func(field, s string) string) *lint.Report {
	c := *r.Changed(func(g *lint.Finding) *lint.Finding { return lint.MapStrings(g, f) })
	c.Problems, c.Accepted, c.Notes, c.Summary = lint.MapStrings(r.Problems, f), lint.MapStrings(r.Accepted, f), lint.MapStrings(r.Notes, f), lint.MapStrings(r.Summary, f)
	return &c
}

// printable is the character to print for one of the input.
func printable(r rune) rune {
	switch {
	case r == '\t' || isLineBreak(r):
		return ' '
	case r == utf8.RuneError || isUnprintable(r):
		return '?'
	}
	return r
}

func isLineBreak(r rune) bool {
	switch r {
	case '\n', '\v', '\f', '\r', 0x85, 0x2028, 0x2029:
		return true
	}
	return false
}

// isUnprintable reports control characters, and those that cannot be seen or turn
// the direction of writing. ASCII comes first: it is nearly all there is.
func isUnprintable(r rune) bool {
	if r < 0x7f {
		return r < ' '
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point)
}

// StartsCommand reports whether GitHub's runner could take a line for a command.
func StartsCommand(s string) bool {
	return len(s) > 2 && s[0] == ':' && s[1] == ':' && (s[2] >= 'a' && s[2] <= 'z' || s[2] >= 'A' && s[2] <= 'Z')
}

// marker is what log commands start with that count anywhere in a line.
var marker = regexp.MustCompile(`##([A-Za-z]*\[)`)

func withoutMarkers(s string) string {
	if !strings.Contains(s, "##") {
		return s
	}
	return marker.ReplaceAllString(s, "#?$1")
}

// EscapeJSON writes what Text replaces as escapes of JSON: its reader gets the
// same text, a terminal or log nothing that acts. The data is JSON.
func EscapeJSON(data []byte) []byte {
	return escapeBytes(data, `\u0023#$1`, func(b *bytes.Buffer, r rune) {
		if r > 0xffff {
			r -= 0x10000
			fmt.Fprintf(b, `\u%04x`, 0xd800+r>>10)
			r = 0xdc00 + r&0x3ff
		}
		fmt.Fprintf(b, `\u%04x`, r)
	})
}

// EscapeXML is EscapeJSON for XML.
func EscapeXML(data []byte) []byte {
	return escapeBytes(data, `&#x23;#$1`, func(b *bytes.Buffer, r rune) { fmt.Fprintf(b, "&#x%X;", r) })
}

// isASCII reports printable ASCII and control characters below it.
func isASCII(data []byte) bool {
	for _, c := range data {
		if c >= 0x7f {
			return false
		}
	}
	return true
}

// escapeBytes escapes characters that are no ASCII and not printable, and the
// markers of log commands. Both formats have ASCII control characters escaped.
func escapeBytes(data []byte, marked string, escape func(*bytes.Buffer, rune)) []byte {
	if bytes.Contains(data, []byte("##")) {
		data = marker.ReplaceAll(data, []byte(marked))
	}
	if isASCII(data) {
		return data
	}
	odd := func(r rune) bool { return r >= 0x7f && (isUnprintable(r) || isLineBreak(r)) }
	if bytes.IndexFunc(data, odd) < 0 {
		return data
	}
	var b bytes.Buffer
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		if odd(r) {
			escape(&b, r)
		} else {
			b.Write(data[:size])
		}
		data = data[size:]
	}
	return b.Bytes()
}
