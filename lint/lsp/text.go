package lsp

import (
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
	"unicode/utf8"

	"github.com/kubevet/kubevet/lint"
)

// encoding says what the characters of a position count.
type encoding string

const (
	utf8Units  encoding = "utf-8"
	utf16Units encoding = "utf-16"
	utf32Units encoding = "utf-32"
)

// negotiate takes the first that the client likes and the server knows.
func negotiate(client []string) encoding {
	for _, c := range client {
		switch e := encoding(c); e {
		case utf8Units, utf16Units, utf32Units:
			return e
		}
	}
	return utf16Units
}

// size is the number of units of a character.
func (e encoding) size(r rune, bytes int) int {
	switch {
	case e == utf8Units:
		return bytes
	case e == utf16Units && r > 0xffff:
		return 2
	}
	return 1
}

// units is the number of units of a text.
func (e encoding) units(s string) int {
	n := 0
	for s != "" {
		r, w := utf8.DecodeRuneInString(s)
		n += e.size(r, w)
		s = s[w:]
	}
	return n
}

// offset is the byte of a text at a position. What lies behind the end of a line
// is its end, and what lies behind the last line the end of the text.
func (e encoding) offset(text string, p position) int {
	start := 0
	for range p.Line {
		i := strings.IndexByte(text[start:], '\n')
		if i < 0 {
			return len(text)
		}
		start += i + 1
	}
	at, left := start, p.Character
	for at < len(text) && left > 0 && text[at] != '\n' && !strings.HasPrefix(text[at:], "\r\n") {
		r, w := utf8.DecodeRuneInString(text[at:])
		at, left = at+w, left-e.size(r, w)
	}
	return at
}

// position is the position of a byte of a text: the reverse of offset.
func (e encoding) position(text string, at int) position {
	before := text[:min(at, len(text))]
	start := strings.LastIndexByte(before, '\n') + 1
	return position{strings.Count(before, "\n"), e.units(before[start:])}
}

// apply makes a change to a text.
func (e encoding) apply(text string, c change) string {
	if c.Range == nil {
		return c.Text
	}
	from, to := e.offset(text, c.Range.Start), e.offset(text, c.Range.End)
	if to < from {
		from, to = to, from
	}
	return text[:from] + c.Text + text[to:]
}

// splitLines are the lines of a text without their ends.
func splitLines(text []byte) []string {
	l := strings.Split(strings.TrimPrefix(string(text), "\ufeff"), "\n")
	for i := range l {
		l[i] = strings.TrimSuffix(l[i], "\r")
	}
	return l
}

// span is the range of a place in a text of lines: what it says, or the line as
// a whole, or the first line.
func (e encoding) span(lines []string, at lint.Position) span {
	n := min(max(at.Line-1, 0), max(len(lines)-1, 0))
	if n >= len(lines) {
		return span{}
	}
	line := lines[n]
	trimmed := strings.TrimRight(line, " \t")
	from, to := len(trimmed)-len(strings.TrimLeft(trimmed, " \t")), len(trimmed)
	if at.Line > 0 && at.Column > 0 {
		from = runes(line, at.Column-1)
		to = max(from, len(trimmed))
		if at.EndColumn > at.Column {
			to = runes(line, at.EndColumn-1)
		}
	}
	return span{position{n, e.units(line[:from])}, position{n, e.units(line[:to])}}
}

// runes is the length in bytes of the first n characters of a line.
func runes(line string, n int) int {
	at := 0
	for range n {
		_, w := utf8.DecodeRuneInString(line[at:])
		at += w
	}
	return at
}

// pathOf is the path of a file's URI. ok is false for other URIs.
func pathOf(uri string) (p string, ok bool) {
	u, err := url.Parse(uri)
	if err != nil || u.Scheme != "file" || u.Path == "" {
		return "", false
	}
	p = u.Path
	if runtime.GOOS == "windows" {
		p = strings.TrimPrefix(p, "/")
	}
	return filepath.FromSlash(p), true
}

// uriOf is the URI of an absolute path.
func uriOf(p string) string {
	p = filepath.ToSlash(p)
	if !strings.HasPrefix(p, "/") {
		p = "/" + p
	}
	return (&url.URL{Scheme: "file", Path: p}).String()
}

// overlaps reports whether two ranges touch.
func overlaps(a, b span) bool { return !before(a.End, b.Start) && !before(b.End, a.Start) }

func before(a, b position) bool {
	return a.Line < b.Line || a.Line == b.Line && a.Character < b.Character
}
