// Package columns lays out texts in the columns of a terminal.
package columns

import (
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"github.com/kubevet/kubevet/lint/report/plain"
)

// Fit makes a text of the input one line of a terminal: without control
// characters, and cut to a number of columns.
func Fit(text string, columns int) string {
	text = plain.Text(text)
	if Of(text) <= columns {
		return text
	}
	room := max(columns-1, 0) // for the mark
	end := 0
	for i, r := range text {
		if room -= runeColumns(r); room < 0 {
			end = i
			break
		}
	}
	return text[:end] + "…"
}

// Of is how many columns of a terminal a text is wide.
func Of(text string) int {
	n := 0
	for _, r := range text {
		n += runeColumns(r)
	}
	return n
}

// runeColumns is how many columns of a terminal a character is wide: none for marks
// that are printed over the one before, two for wide ones.
func runeColumns(r rune) int {
	if r < 0x300 {
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	default:
		return 1
	}
}

// Blank is as wide as the first n characters of the text.
func Blank(text string, n int) string {
	columns := 0
	for _, r := range text {
		if n == 0 {
			break
		}
		n--
		columns += runeColumns(r)
	}
	return strings.Repeat(" ", columns)
}

// Window cuts a long line around the columns, which count characters from 1,
// and moves them along.
func Window(text string, start, end, room int) (string, int, int) {
	runes := []rune(plain.Text(text))
	start, end = min(start, len(runes)+1), min(end, len(runes)+1)
	if len(runes) <= room {
		return string(runes), start, end
	}
	from := 0
	if start > room/2 {
		from = start - room/4
	}
	to := min(from+room, len(runes))
	cut := string(runes[from:to])
	if to < len(runes) {
		cut += " …"
	}
	if from > 0 {
		return "… " + cut, start - from + 2, min(end-from, room+1) + 2
	}
	return cut, start, min(end, room+1)
}

// Wrap breaks a text between words where a line ends. Used is what the first line has
// already, hang is what the others begin with. What is longer than a line is left
// whole: it can be copied. Below the narrowest width nothing is wrapped.
func Wrap(columns int, text string, used int, hang string) string {
	if columns < Narrowest {
		return text
	}
	var b strings.Builder
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			b.WriteString("\n" + hang)
			used = Of(hang)
		}
		for j, word := range strings.Split(line, " ") {
			if plain.StartsCommand(word) { // it may come to start a line
				word = ":?" + word[2:]
			}
			size := Of(word)
			switch {
			case j == 0:
			case used+1+size > columns && used > Of(hang):
				b.WriteString("\n" + hang)
				used = Of(hang)
			default:
				b.WriteString(" ")
				used++
			}
			b.WriteString(word)
			used += size
		}
	}
	return b.String()
}

// Narrowest is the width below which wrapping makes nothing easier to read.
const Narrowest = 40
