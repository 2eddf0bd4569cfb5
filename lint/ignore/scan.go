package ignore

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/kubevet/kubevet/lint"
)

// Directive is a comment that ignores findings:
//
//	# kubevet:ignore rule-id[,rule-id] reason text [until 2027-03-01]
//
// or one that was meant to and cannot.
type Directive struct {
	// Position is that of the comment's text.
	lint.Position
	// Text is the line of the file.
	Text string
	// Rules are ids as written.
	Rules []string
	// Reason is why; never empty if Fault is nil.
	Reason string
	// Until is the first day on which the findings are reported again. It is zero for
	// never.
	Until time.Time
	// Lines are those that the comment applies to: its own, or the ones below it.
	Lines Lines
	// Object is the document that the comment heads, if that is an object.
	Object Lines
	// Fault is why the comment ignores nothing. It is nil if it is well formed.
	Fault *Fault
}

// Fault is what is wrong with a directive, and what to do about it. Both are in
// lower case without full stop.
type Fault struct {
	Message, Help string
}

// Lines is a range of lines, both ends included. The zero value holds none.
type Lines struct {
	First, Last int
}

// Has reports whether the range holds a line.
func (l Lines) Has(line int) bool { return line > 0 && l.First <= line && line <= l.Last }

// Scan finds the directives of a file in the order of the text. It reads YAML,
// Go templates of YAML, and Dockerfiles alike: it looks at comments, and at
// which lines are nothing but comments.
func Scan(file string, text []byte) []Directive {
	s := string(text)
	if !mayHold(s) {
		return nil
	}
	lines := classify(strings.TrimPrefix(s, "\ufeff"))
	last, docs := reaches(lines), documents(lines)
	var found []Directive
	for i := range lines {
		l := &lines[i]
		for !docs[0].lines.Has(i + 1) {
			docs = docs[1:]
		}
		for _, c := range l.comments {
			d, ok := parse(l.text[c.from:c.to])
			if !ok {
				continue
			}
			d.File, d.Line = file, i+1
			d.Column = utf8.RuneCountInString(l.text[:c.from]) + 1
			d.EndColumn = d.Column + utf8.RuneCountInString(l.text[c.from:c.to])
			d.Text = l.text
			d.Lines = Lines{i + 1, i + 1}
			if l.kind == comment {
				d.Lines.Last = last[i]
			}
			if docs[0].object && i+1 <= docs[0].head {
				d.Object = docs[0].lines
			}
			found = append(found, d)
		}
	}
	return found
}

// mayHold is a cheap test that is true for every text with a directive, most
// misspelt ones included.
func mayHold(text string) bool {
	holds := func(text string) bool { return strings.Contains(text, "kub") || strings.Contains(text, "vet") }
	return holds(text) || holds(strings.ToLower(text))
}

// lineKind is what a line consists of.
type lineKind int

const (
	blank   lineKind = iota
	comment          // comments alone
	control          // template actions that print nothing, and comments
	marker           // --- or ..., which end a document
	content
)

// line is a line of a file.
type line struct {
	text     string
	kind     lineKind
	comments []span
}

// span is a part of a line: the text of a comment, without its delimiters and
// the blanks around it.
type span struct{ from, to int }

// classify splits a text into lines and finds their comments.
func classify(text string) []line {
	lines := make([]line, 0, strings.Count(text, "\n")+1)
	var s scanner
	for t := range strings.Lines(text) {
		t = strings.TrimRight(t, "\r\n")
		lines = append(lines, s.line(t))
	}
	return lines
}

// scanner remembers from line to line what is still open.
type scanner struct {
	inComment bool // a template comment
	inAction  bool // a template action that prints nothing
}

// line splits a line.
func (s *scanner) line(t string) line {
	l := line{text: t}
	within := s.inComment
	controls := s.inAction
	if !within && !controls && strings.IndexByte(t, '#') < 0 && !strings.Contains(t, "{{") { // as most are
		l.kind = kindOf(t, t, false)
		return l
	}
	var rest strings.Builder // what is neither comment nor control
	open := byte(0)          // the quote of a YAML string
	for i := 0; i < len(t); {
		switch {
		case s.inComment:
			end, next := len(t), len(t)
			if j := strings.Index(t[i:], "*/"); j >= 0 {
				end, next = i+j, closing(t, i+j+2)
				s.inComment = false
			}
			l.add(i, end)
			i = next
		case s.inAction:
			j := strings.Index(t[i:], "}}")
			if s.inAction = j < 0; s.inAction {
				i = len(t)
			} else {
				i += j + 2
			}
		case open == 0 && isTemplateComment(t[i:]):
			s.inComment = true
			i += strings.Index(t[i:], "/*") + 2
		case strings.HasPrefix(t[i:], "{{") && isControl(t[i:]):
			controls, s.inAction = true, true
		case open == 0 && t[i] == '#' && (i == 0 || isBlank(t[i-1]) || strings.HasSuffix(t[:i], "}}")):
			s.hash(&l, i)
			i = len(t)
		default:
			open = quoteAfter(open, t, i)
			rest.WriteByte(t[i])
			i++
		}
	}
	l.kind = kindOf(t, rest.String(), controls)
	if l.kind == blank && within {
		l.kind = comment
	}
	return l
}

// kindOf is the kind of a line. The rest of it is neither comment nor control.
func kindOf(t, rest string, controls bool) lineKind {
	switch left := strings.TrimSpace(rest); {
	case left == "---" || left == "...":
		return marker
	case left != "" && !strings.HasPrefix(t, "%"):
		return content
	case controls:
		return control
	case strings.TrimSpace(t) != "":
		return comment
	}
	return blank
}

// hash adds what follows a number sign: one comment, or several if one
// of them is a directive behind another comment. A template comment within is
// one of its own.
func (s *scanner) hash(l *line, at int) {
	t := l.text
	from := at + 1
	for i := from; i < len(t); i++ {
		switch {
		case t[i] == '#' && isBlank(t[i-1]) && isMarked(t[i+1:]):
			l.add(from, i)
			from = i + 1
		case isTemplateComment(t[i:]):
			l.add(from, i)
			i += strings.Index(t[i:], "/*") + 2
			end := strings.Index(t[i:], "*/")
			if end < 0 {
				l.add(i, len(t))
				s.inComment = true
				return
			}
			l.add(i, i+end)
			from = closing(t, i+end+2)
			i = from - 1
		}
	}
	l.add(from, len(t))
}

// add adds a comment, without the blanks around its text.
func (l *line) add(from, to int) {
	for from < to && isBlank(l.text[from]) {
		from++
	}
	for from < to && isBlank(l.text[to-1]) {
		to--
	}
	if from < to {
		l.comments = append(l.comments, span{from, to})
	}
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// isTemplateComment reports whether a text starts with {{/* or {{- /*.
func isTemplateComment(t string) bool {
	t, ok := strings.CutPrefix(t, "{{")
	if !ok {
		return false
	}
	if after, trimmed := strings.CutPrefix(t, "-"); trimmed {
		t = strings.TrimLeft(after, " \t")
	}
	return strings.HasPrefix(t, "/*")
}

// closing is the offset after the braces that end a template comment.
func closing(t string, i int) int {
	if j := strings.Index(t[i:], "}}"); j >= 0 && strings.Trim(t[i:i+j], " \t-") == "" {
		return i + j + 2
	}
	return i
}

// controlWords start template actions that print nothing.
var controlWords = []string{"if", "else", "end", "range", "with", "define", "block", "break", "continue"}

// isControl reports whether a text starts with such an action.
func isControl(t string) bool {
	t = strings.TrimLeft(strings.TrimPrefix(t[2:], "-"), " \t")
	if strings.HasPrefix(t, "$") { // an assignment
		name := strings.TrimLeft(t[1:], "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
		name = strings.TrimLeft(name, " \t")
		return strings.HasPrefix(name, ":=") || strings.HasPrefix(name, "=")
	}
	word := t
	if i := strings.IndexAny(t, " \t}-("); i >= 0 {
		word = t[:i]
	}
	return slices.Contains(controlWords, word)
}

// quoteAfter is the quote of a YAML string that is open after a character. A
// string starts where a value can: an apostrophe within a word is none.
func quoteAfter(open byte, t string, i int) byte {
	c := t[i]
	switch {
	case open == '"' && c == '"' && escaped(t, i), open != 0 && c != open:
		return open
	case open != 0:
		return 0
	case c != '"' && c != '\'':
		return 0
	}
	before := strings.TrimRight(t[:i], " \t")
	if before == "" || strings.ContainsRune(":-[{,?", rune(before[len(before)-1])) {
		return c
	}
	return 0
}

// escaped reports whether an odd number of backslashes is before a place.
func escaped(t string, i int) bool {
	n := 0
	for i > n && t[i-n-1] == '\\' {
		n++
	}
	return n%2 == 1
}

// reaches returns for each line the last line that a comment on it applies to:
// that line, or, if nothing else is on it, the one below. Other comments may
// be between them. Below a template action that prints nothing, the comment applies to the
// next line too.
func reaches(lines []line) []int {
	last := make([]int, len(lines))
	for i := len(lines) - 1; i >= 0; i-- {
		last[i] = i + 1
		if k := lines[i].kind; k != comment && k != control || i+1 == len(lines) {
			continue
		}
		switch lines[i+1].kind {
		case comment, control:
			last[i] = last[i+1]
		case content:
			last[i] = i + 2
		default: // nothing is below
		}
	}
	return last
}

// document is a part of a file between lines of dashes, the one before it
// included. What is before the first such line belongs to the first
// document, if it is nothing but comments.
type document struct {
	lines Lines
	// head is the last line of its head: the first that is neither comment nor
	// template action that prints nothing.
	head int
	// object is set if there is a kind among its keys.
	object bool
}

// documents splits a file.
func documents(lines []line) []document {
	l := []document{{lines: Lines{First: 1}}}
	for i := range lines {
		d := &l[len(l)-1]
		if lines[i].kind == marker && (d.head > 0 || d.lines.First > 1) {
			l = append(l, document{lines: Lines{First: i + 1}})
			d = &l[len(l)-1]
		}
		if lines[i].kind == content {
			if d.head == 0 {
				d.head = i + 1
			}
			d.object = d.object || isObjectKey(lines[i].text)
		}
		d.lines.Last = i + 1
	}
	return l
}

// isObjectKey reports whether a line holds the kind of an object. That of a
// kustomization is no object to ignore findings of.
func isObjectKey(t string) bool {
	t = strings.TrimLeft(t, "{\"'")
	value, ok := strings.CutPrefix(t, "kind")
	if !ok {
		return false
	}
	value, ok = strings.CutPrefix(strings.TrimLeft(value, "\"' \t"), ":")
	value = strings.Trim(strings.TrimSpace(value), "\"'")
	value, _, _ = strings.Cut(value, " ")
	return ok && value != "Kustomization" && value != "Component"
}
