package trace

import (
	"sort"
	"strings"
	"unicode/utf8"

	yaml "go.yaml.in/yaml/v3"
)

// Lines finds the lines and columns of a text. It is made by LinesOf, and safe for concurrent use.
type Lines struct {
	Text   string
	Starts []int // the offsets at which the lines start

	// inner are the offsets of the bytes of characters behind their first. With them a column is found by halving: objects of one
	// line, such as a dashboard, have many columns.
	inner []int
}

// LinesOf reads the lines of a text.
func LinesOf(text string) *Lines {
	l := &Lines{Text: text, Starts: []int{0}}
	for i := range len(text) {
		switch c := text[i]; {
		case c == '\n':
			l.Starts = append(l.Starts, i+1)
		case !utf8.RuneStart(c):
			l.inner = append(l.inner, i)
		}
	}
	return l
}

// Line is a line, counted from 1, without its line break. It is empty if there is no such
// line.
func (l *Lines) Line(n int) string {
	if n < 1 || n > len(l.Starts) {
		return ""
	}
	end := len(l.Text)
	if n < len(l.Starts) {
		end = l.Starts[n] - 1
	}
	return strings.TrimSuffix(l.Text[l.Starts[n-1]:end], "\r")
}

// Offset is the byte offset of a line and a column. Both count from 1, columns in
// characters. It is the end of the text if there is no such place.
func (l *Lines) Offset(line, column int) int {
	if line < 1 || line > len(l.Starts) {
		return len(l.Text)
	}
	at := l.Starts[line-1]
	inner := l.inner[sort.SearchInts(l.inner, at+1):] // a column starts at each line, whatever the byte
	at += max(column-1, 0)
	at += sort.Search(len(inner), func(i int) bool { return inner[i] > at+i })
	return min(at, len(l.Text))
}

// Span is the start and end of a scalar's content, without quotes.
func (l *Lines) Span(n *yaml.Node) (from, to int) {
	from = l.Offset(n.Line, n.Column)
	switch {
	case n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		if from >= len(l.Text) {
			return from, from
		}
		q, i := l.Text[from], from+1
		for i < len(l.Text) && l.Text[i] != q {
			if l.Text[i] == '\\' && q == '"' {
				i++
			}
			i++
		}
		return from + 1, min(i, len(l.Text))
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		first := n.Line // index of the line after the block's header
		last := first + strings.Count(n.Value, "\n")
		if !strings.HasSuffix(n.Value, "\n") { // |- or the end of the text
			last++
		}
		if first >= len(l.Starts) {
			return from, len(l.Text)
		}
		if last >= len(l.Starts) {
			return l.Starts[first], len(l.Text)
		}
		return l.Starts[first], l.Starts[last]
	}
	return from, min(from+len(n.Value), len(l.Text))
}
