package dockerfile

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

// text is a part of an instruction as the builder reads it: without continuation
// characters, and without the comments and empty lines in between. Its marks lead
// back to the file.
type text struct {
	s string
	// base is the offset of s in the text that the marks are about.
	base  int
	marks []mark
	lines []string // of the file
}

// mark says where a piece of text comes from.
type mark struct {
	offset int // of the piece in the text
	line   int // in the file, counted from 1
	column int // in bytes, counted from 0
}

// place is the line and column of an offset of t.s, both counted from 1, the column
// in characters. raw is what follows on that line.
func (t text) place(offset int) (line, column int, raw string) {
	if len(t.marks) == 0 {
		return 0, 0, ""
	}
	at := t.base + offset
	n, found := slices.BinarySearchFunc(t.marks, at, func(m mark, at int) int { return m.offset - at })
	if !found {
		n = max(n-1, 0)
	}
	m := t.marks[n]
	whole := t.lines[m.line-1]
	start := min(m.column+at-m.offset, len(whole))
	end := len(whole)
	if n+1 < len(t.marks) { // the next line continues this one
		end = min(m.column+t.marks[n+1].offset-m.offset, len(whole))
	}
	return m.line, utf8.RuneCountInString(whole[:start]) + 1, whole[start:max(start, end)]
}

// from is the text from an offset on.
func (t text) from(offset int) text {
	t.s, t.base = t.s[offset:], t.base+offset
	return t
}

func (t text) trimLeft() text {
	return t.from(len(t.s) - len(strings.TrimLeftFunc(t.s, unicode.IsSpace)))
}

// part is the word between two offsets.
func (t text) part(from, to int, plain string) Word {
	w := Word{Text: plain}
	w.Line, w.Column, w.Raw = t.place(from)
	w.Raw = strings.TrimRightFunc(w.Raw[:min(to-from, len(w.Raw))], unicode.IsSpace)
	return w
}

// word is the first word, and what follows it. Quotes and the escape character are
// read as BuildKit reads them.
func (t text) word(escape rune) (w Word, rest text) {
	t = t.trimLeft()
	var plain strings.Builder
	quote := rune(0)
	end := len(t.s)
	for at := 0; at < len(t.s); {
		c, size := utf8.DecodeRuneInString(t.s[at:])
		switch {
		case quote == 0 && unicode.IsSpace(c):
			end = at
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case c == quote:
			quote = 0
		case c == escape && quote != '\'' && at+size < len(t.s):
			next, n := utf8.DecodeRuneInString(t.s[at+size:])
			if quote != 0 && next != quote && next != escape || escape == '\\' && next == '$' {
				plain.WriteRune(c)
			}
			plain.WriteRune(next)
			size += n
		default:
			plain.WriteString(t.s[at : at+size])
		}
		if end == at {
			break
		}
		at += size
	}
	return t.part(0, end, plain.String()), t.from(end)
}

// words are the words of a text.
func (t text) words(escape rune) []Word {
	var l []Word
	for t = t.trimLeft(); t.s != ""; t = t.trimLeft() {
		var w Word
		w, t = t.word(escape)
		l = append(l, w)
	}
	return l
}

// jsonWords are the strings of a JSON array.
func (t text) jsonWords() []Word {
	var l []Word
	for at := strings.IndexByte(t.s, '"'); at >= 0 && at < len(t.s); {
		end := at + 1
		for end < len(t.s) && t.s[end] != '"' {
			if t.s[end] == '\\' {
				end++
			}
			end++
		}
		end = min(end+1, len(t.s))
		var plain string
		if json.Unmarshal([]byte(t.s[at:end]), &plain) == nil {
			l = append(l, t.part(at, end, plain))
		}
		next := strings.IndexByte(t.s[end:], '"')
		if next < 0 {
			break
		}
		at = end + next
	}
	return l
}

// splitLines are the lines of a file without their endings.
func splitLines(data []byte) []string {
	var l []string
	for line := range bytes.Lines(bytes.TrimPrefix(data, []byte("\ufeff"))) {
		l = append(l, strings.TrimRight(string(line), "\r\n"))
	}
	return l
}

// text is what the lines of a node hold, as BuildKit puts them together. heredocs is
// the offset at which the here-documents begin, or the length.
func (r *reader) text(n *parser.Node) (t text, heredocs int) {
	t.lines = r.lines
	var b strings.Builder
	line := n.StartLine
	for first := true; line <= n.EndLine && line <= len(r.lines); line++ {
		s := r.lines[line-1]
		blank := strings.TrimSpace(s)
		if !first && (blank == "" || blank[0] == '#') {
			continue
		}
		s, more := r.continued(s)
		start := 0
		if first {
			start = len(s) - len(strings.TrimLeftFunc(s, unicode.IsSpace))
		}
		t.marks = append(t.marks, mark{b.Len(), line, start})
		b.WriteString(s[start:])
		if first = false; !more {
			line++
			break
		}
	}
	heredocs = b.Len()
	for ; line <= n.EndLine && line <= len(r.lines); line++ {
		b.WriteByte('\n')
		t.marks = append(t.marks, mark{b.Len(), line, 0})
		b.WriteString(r.lines[line-1])
	}
	t.s = b.String()
	return t, heredocs
}

// continued takes the continuation character off a line, if it ends in one.
func (r *reader) continued(s string) (rest string, more bool) {
	escape := string(r.file.Escape)
	rest, more = strings.CutSuffix(strings.TrimRight(s, " \t"), escape)
	if !more || strings.HasSuffix(rest, escape) {
		return s, false
	}
	return rest, true
}

// heredocs are the here-documents of a node. Their lines are the last of the node.
func (r *reader) heredocs(n *parser.Node) []Heredoc {
	var l []Heredoc
	line := n.EndLine + 1
	for _, h := range slices.Backward(n.Heredocs) {
		line -= strings.Count(h.Content, "\n") + 1
		l = append(l, Heredoc{Name: h.Name, Content: h.Content, Line: line})
	}
	slices.Reverse(l)
	return l
}

// head are the comments at the beginning of some lines.
func head(lines []string) (comments []string) {
	for _, line := range lines {
		line = strings.TrimSpace(line)
		if line != "" && line[0] != '#' {
			break
		}
		if line != "" {
			comments = append(comments, line)
		}
	}
	return comments
}
