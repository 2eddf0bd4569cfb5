package manifest

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
)

// Source is a file's text by lines. It is the Locator of plain manifests.
type Source struct {
	// File is the name under which positions are reported.
	File string
	data []byte
	// starts are the offsets of the lines, made at the first question: several units may
	// ask for the places of a document.
	starts []int32
	once   sync.Once
	// last is the line that was asked for last. Findings on one long line share its text.
	last atomic.Pointer[line]
}

// line is a line with its number.
type line struct {
	number int
	text   string
}

// NewSource makes a Source of a file's bytes, which must not change.
func NewSource(file string, data []byte) *Source {
	return &Source{File: file, data: UTF8(data)}
}

// Line is the text of a line, counted from 1, without its ending. Empty beyond the file.
func (s *Source) Line(n int) string {
	s.once.Do(func() {
		s.starts = make([]int32, 1, bytes.Count(s.data, []byte("\n"))+1)
		for i, b := range s.data {
			if b == '\n' {
				s.starts = append(s.starts, int32(i+1)) // files are limited to tree.MaxFileSize
			}
		}
	})
	if n < 1 || n > len(s.starts) {
		return ""
	}
	if l := s.last.Load(); l != nil && l.number == n {
		return l.text
	}
	end := len(s.data)
	if n < len(s.starts) {
		end = int(s.starts[n]) - 1
	}
	l := &line{n, strings.TrimSuffix(string(s.data[s.starts[n-1]:end]), "\r")}
	s.last.Store(l)
	return l.text
}

// Locate is where a value is in the file.
func (s *Source) Locate(v lint.Value) lint.Origin {
	n, _ := v.Anchor()
	if n == nil || n.Line < 1 {
		return lint.Origin{Position: lint.Position{File: s.File}, Precision: lint.PrecisionFile}
	}
	return s.LocateNode(n)
}

// LocateNode is where a node is whose line is one of this file.
func (s *Source) LocateNode(n *yaml.Node) lint.Origin {
	o := lint.Origin{Position: lint.Position{File: s.File, Line: n.Line, Column: n.Column}, Text: s.Line(n.Line)}
	end, ok := Span(o.Text, n)
	if !ok {
		o.Column, o.Precision = 0, lint.PrecisionBlock
	}
	o.EndColumn = end
	return o
}

// Span verifies that a line holds the node at the node's column, and gives the
// column after its last character on that line.
func Span(line string, n *yaml.Node) (end int, ok bool) {
	off := offset(line, n.Column)
	if off < 0 || off >= len(line) && n.Value != "" {
		return 0, false
	}
	rest := line[off:]
	var length int
	switch {
	case n.Kind != yaml.ScalarNode:
		length = len(trimComment(rest))
	case n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		rest, skipped := skipProperties(rest)
		if rest == "" || rest[0] != '"' && rest[0] != '\'' {
			return 0, false
		}
		length = skipped + quotedLen(rest)
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		if t, _ := skipProperties(rest); t == "" || t[0] != '|' && t[0] != '>' {
			return 0, false
		}
		length = len(trimComment(rest))
	default:
		t, skipped := skipProperties(rest)
		switch {
		case strings.HasPrefix(t, n.Value):
			length = skipped + len(n.Value)
		case t != "" && strings.HasPrefix(n.Value, trimComment(t)): // a plain scalar of several lines
			length = skipped + len(trimComment(t))
		default:
			return 0, false
		}
	}
	return n.Column + utf8.RuneCountInString(rest[:min(length, len(rest))]), true
}

// offset is the byte at which a column, counted in characters from 1, starts.
func offset(line string, column int) int {
	off := 0
	for range column - 1 {
		if off >= len(line) {
			return -1
		}
		_, size := utf8.DecodeRuneInString(line[off:])
		off += size
	}
	return off
}

// skipProperties skips an anchor and a tag before a value.
func skipProperties(s string) (rest string, skipped int) {
	t := s
	for t != "" && (t[0] == '&' || t[0] == '!') {
		i := strings.IndexAny(t, " \t")
		if i < 0 {
			return "", len(s)
		}
		t = strings.TrimLeft(t[i:], " \t")
	}
	return t, len(s) - len(t)
}

// quotedLen is the length of the quoted text that s starts with, or of the rest
// of the line if it does not end there.
func quotedLen(s string) int {
	q := s[0]
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && q == '"':
			i++
		case s[i] == q && q == '\'' && i+1 < len(s) && s[i+1] == q:
			i++
		case s[i] == q:
			return i + 1
		}
	}
	return len(strings.TrimRight(s, " \t"))
}

func trimComment(s string) string {
	if i := strings.Index(s, " #"); i >= 0 {
		s = s[:i]
	}
	return strings.TrimRight(s, " \t")
}

// maxDuplicates is how many duplicate keys of a document are listed one by one.
const maxDuplicates = 20

// Problems are what is wrong with a document as such.
func (s *Source) Problems(d Document) []lint.Problem {
	var l []lint.Problem
	if d.Err != nil {
		p := s.syntaxProblem(d.Err)
		from := d.Line
		if d.Err.Message == restMessage {
			from-- // the line before is what the parser took for a document
		}
		if !d.Err.IsLimit && s.IsTemplate(from, d.Err.Line) {
			p.Help = lint.TemplateHelp
		}
		l = append(l, p)
	}
	for i, dup := range d.Duplicates {
		p := lint.Problem{
			Position: s.LocateNode(dup.Key).Position,
			Code:     lint.CodeDuplicateKey,
			Message:  fmt.Sprintf("duplicate key %q, first at line %d", dup.Key.Value, dup.First),
			Help:     dup.Remedy() + ": strict decoders refuse the object, others take the last",
		}
		if more := len(d.Duplicates) - i; i == maxDuplicates && more > 1 {
			p.Message = fmt.Sprintf("duplicate key %q, and %d more duplicates below", dup.Key.Value, more-1)
			return append(l, p)
		}
		l = append(l, p)
	}
	return l
}

func (s *Source) syntaxProblem(err *SyntaxError) lint.Problem {
	p := lint.Problem{
		Position: lint.Position{File: s.File, Line: err.Line},
		Code:     lint.CodeInvalidYAML,
		Message:  "invalid YAML: " + err.Cause(),
		Help:     "correct the document; the other documents of the file were checked",
	}
	if err.Last > 0 {
		p.Help = "keep what is right of the two sides, and remove the lines with the markers; the other documents of the file were checked"
	}
	if err.IsLimit {
		p.Code, p.Message = lint.CodeLimit, "document was not read: "+err.Message
		p.Help = "write out the aliases, or split the document; the other documents of the file were checked"
	}
	return p
}

// IsTemplate reports whether lines have the marks of a template engine, or a placeholder alone, or
// a later line of the document has an action without quotes: the parser may report an error long before it.
func (s *Source) IsTemplate(from, to int) bool {
	for n := from; n <= to+1; n++ {
		text := strings.TrimSpace(s.Line(n))
		if strings.Contains(text, "{{") || strings.Contains(text, "{%") || strings.Contains(text, "<%") || node.IsPlaceholder(text) || isBarePlaceholder(text) || doublePlaceholder.MatchString(text) {
			return true
		}
	}
	for n := to + 2; n <= min(len(s.starts), to+maxAhead) && !strings.HasPrefix(s.Line(n), "---"); n++ {
		if bareAction.MatchString(s.Line(n)) {
			return true
		}
	}
	return false
}

// HasPlaceholderLine reports whether one of the first lines of a file is a placeholder and nothing else, such as <ANNOTATION>. An action of
// a template counts at the last of them and beside it alone: values of charts may be texts of templates.
func (s *Source) HasPlaceholderLine(last int) bool {
	for n := 1; n <= last+1; n++ {
		text := s.Line(n)
		if n >= last-1 && bareAction.MatchString(text) || strings.TrimSpace(text) != "" && !strings.Contains(text, "{{") && node.IsPlaceholder(strings.TrimSpace(text)) {
			return true
		}
	}
	return false
}

// isBarePlaceholder reports the value of a key that is @NAME@ or %NAME%: no text without quotes begins with these characters.
func isBarePlaceholder(line string) bool {
	_, value, _ := strings.Cut(line, ": ")
	value = strings.TrimSpace(value)
	return value != "" && (value[0] == '@' || value[0] == '%') && node.IsPlaceholder(value)
}

// doublePlaceholder matches the value of a key that is %%NAME%% or @@NAME@@.
var doublePlaceholder = regexp.MustCompile(`^[^#]*[:-]\s+(?:%%[\w-]+%%|@@[\w-]+@@)`)

// maxAhead is how many lines below an error are searched for an action.
const maxAhead = 1000

// bareAction is an action of a template that YAML would read as a mapping.
var bareAction = regexp.MustCompile(`^\s*(?:- )?(?:[\w./-]+:\s+)?(?:\{\{|\{%)`)

// LocateLine is a line of the file as an origin.
func (s *Source) LocateLine(n int) lint.Origin {
	return lint.Origin{Position: lint.Position{File: s.File, Line: n}, Text: s.Line(n)}
}
