// Package manifest reads YAML and JSON streams of Kubernetes objects, with the
// true line and column of every node in its file.
package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
)

// Document is one document of a stream.
type Document struct {
	// Line is the line of the file on which the document starts, from 1.
	Line int
	// Node is the document's content, its lines counted from the file's start.
	// Nil if the document is empty or broken.
	Node *yaml.Node
	// Err is why the document could not be parsed; nil if it could.
	Err *SyntaxError
	// Duplicates are keys that a mapping holds twice. The last one counts.
	Duplicates []Duplicate
}

// SyntaxError is why a document is not YAML.
type SyntaxError struct {
	Line    int    // in the file, from 1
	Message string // the parser's words
}

// Error gives the parser's words; the line is told apart.
func (e *SyntaxError) Error() string { return e.Message }

// Duplicate is a key that a mapping holds already.
type Duplicate struct {
	Key   *yaml.Node
	First int // line of the first one
}

// Documents splits a stream and parses each document by itself, so that a
// broken one does not lose its neighbours. Empty documents and those of
// comments alone are left out.
func Documents(data []byte) []Document { return documents(data, false) }

// HelmDocuments is Documents for what a template rendered to. Helm also takes
// "---apiVersion: v1", which {{- after a marker makes, for a new document.
func HelmDocuments(data []byte) []Document { return documents(data, true) }

func documents(data []byte, glued bool) []Document {
	var docs []Document
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	for _, c := range split(data, glued) {
		d := Document{Line: c.line}
		d.Node, d.Err = parse(c)
		if d.Err == nil && d.Node == nil {
			continue
		}
		d.Duplicates = duplicates(d.Node, nil)
		docs = append(docs, d)
	}
	return docs
}

// chunk is the text of one document.
type chunk struct {
	line   int // of its first byte
	column int // characters before it on that line
	text   []byte
}

// split cuts a stream at its document markers. A marker stands at the start of
// a line, where no YAML content can; glued ones have content right behind them.
func split(data []byte, glued bool) []chunk {
	var chunks []chunk
	cur := chunk{line: 1}
	start, line, ended := 0, 1, false
	for at := 0; at < len(data); line++ {
		end := len(data)
		if i := bytes.IndexByte(data[at:], '\n'); i >= 0 {
			end = at + i + 1
		}
		l := data[at:end]
		switch {
		case isMarker(l, "---"):
			cur.text = data[start:at]
			chunks = append(chunks, cur)
			cur, start, ended = chunk{line: line}, at, false
		case glued && len(l) > 3 && string(l[:3]) == "---" && l[3] != '-':
			cur.text = data[start:at]
			chunks = append(chunks, cur)
			cur, start, ended = chunk{line: line, column: 3}, at+3, false
		case isMarker(l, "..."):
			cur.text = data[start:at]
			chunks = append(chunks, cur)
			cur, start, ended = chunk{line: line + 1}, end, true
		case ended && l[0] == '%': // a directive: nothing that Kubernetes files need
			cur, start = chunk{line: line + 1}, end
		}
		at = end
	}
	cur.text = data[start:]
	return append(chunks, cur)
}

func isMarker(line []byte, marker string) bool {
	return len(line) >= 3 && string(line[:3]) == marker && (len(line) == 3 || bytes.IndexByte([]byte(" \t\r\n"), line[3]) >= 0)
}

// maxDepth bounds nesting: deeper documents are not Kubernetes', and walks recurse.
const maxDepth = 200

func parse(c chunk) (n *yaml.Node, err *SyntaxError) {
	text := c.text
	if !hasContent(text) {
		return nil, nil
	}
	lines, last := lineTable(text), bytes.Count(text, []byte("\n"))+1
	fileLine := func(l int) int {
		if lines != nil && l-1 < len(lines) && l > 0 {
			l = lines[l-1]
		}
		return max(min(l, last), 1) + c.line - 1 // an empty value at the end may be counted beyond it
	}
	defer func() {
		if p := recover(); p != nil { // the parser has had panics on hostile input
			n, err = nil, &SyntaxError{Line: c.line, Message: fmt.Sprintf("the YAML parser failed: %v", p)}
		}
	}()
	var doc yaml.Node
	if e := yaml.Unmarshal(text, &doc); e != nil {
		line, msg := yamlError(e)
		return nil, &SyntaxError{Line: fileLine(line), Message: msg}
	}
	if len(doc.Content) == 0 || doc.Content[0].Kind == yaml.ScalarNode && doc.Content[0].Tag == "!!null" {
		return nil, nil
	}
	if !shift(doc.Content[0], fileLine, c.column, 0) {
		return nil, &SyntaxError{Line: c.line, Message: fmt.Sprintf("nested deeper than %d levels", maxDepth)}
	}
	return doc.Content[0], nil
}

// hasContent tells a document from one of markers, comments and blanks alone.
func hasContent(text []byte) bool {
	for len(text) > 0 {
		line := text
		if i := bytes.IndexByte(text, '\n'); i >= 0 {
			line, text = text[:i], text[i+1:]
		} else {
			text = nil
		}
		if isMarker(line, "---") {
			line = line[3:]
		}
		line = bytes.TrimLeft(line, " \t\r")
		if len(line) > 0 && line[0] != '#' && line[0] != '%' {
			return true
		}
	}
	return false
}

// shift changes each node's line from that of the document to that of the file.
func shift(n *yaml.Node, fileLine func(int) int, column, depth int) bool {
	if depth > maxDepth {
		return false
	}
	if n.Line == 1 {
		n.Column += column
	}
	n.Line = fileLine(n.Line)
	for _, c := range n.Content {
		if !shift(c, fileLine, column, depth+1) {
			return false
		}
	}
	return true
}

// lineTable maps the parser's lines to those of an editor. The parser also
// breaks lines at a lone CR, NEL, LS and PS. Nil: both agree.
func lineTable(text []byte) []int {
	odd := false
	for i := bytes.IndexByte(text, '\r'); i >= 0 && !odd; {
		odd = i+1 >= len(text) || text[i+1] != '\n'
		j := bytes.IndexByte(text[i+1:], '\r')
		if j < 0 {
			break
		}
		i += 1 + j
	}
	if !odd && !bytes.Contains(text, []byte("\u0085")) && !bytes.Contains(text, []byte("\u2028")) && !bytes.Contains(text, []byte("\u2029")) {
		return nil
	}
	table, line := []int{1}, 1
	s := string(text)
	for i, r := range s {
		switch r {
		case '\n':
			line++
		case '\r':
			if i+1 < len(s) && s[i+1] == '\n' {
				continue
			}
		case '\u0085', '\u2028', '\u2029':
		default:
			continue
		}
		table = append(table, line)
	}
	return table
}

var yamlErrorLine = regexp.MustCompile(`^(?:yaml: )?(?:unmarshal errors:\s*)?(?:line (\d+): )?`)

// yamlError takes the line out of the parser's message. The parser counts some
// errors from the line before.
func yamlError(err error) (line int, msg string) {
	msg = err.Error()
	var te *yaml.TypeError
	if errors.As(err, &te) && len(te.Errors) > 0 {
		msg = te.Errors[0]
	}
	if m := yamlErrorLine.FindStringSubmatch(msg); m != nil {
		line, _ = strconv.Atoi(m[1])
		msg = msg[len(m[0]):]
	}
	return max(line, 1), msg
}

// duplicates lists keys that stand twice in one mapping.
func duplicates(n *yaml.Node, found []Duplicate) []Duplicate {
	if n == nil {
		return found
	}
	if n.Kind == yaml.MappingNode {
		found = duplicateKeys(n, found)
	}
	for _, c := range n.Content {
		found = duplicates(c, found)
	}
	return found
}

func duplicateKeys(m *yaml.Node, found []Duplicate) []Duplicate {
	if len(m.Content) <= 16 { // most mappings: no need for a map
		for i := 2; i < len(m.Content); i += 2 {
			for j := 0; j < i; j += 2 {
				if sameKey(m.Content[i], m.Content[j]) {
					found = append(found, Duplicate{Key: m.Content[i], First: m.Content[j].Line})
					break
				}
			}
		}
		return found
	}
	seen := make(map[string]*yaml.Node, len(m.Content)/2)
	for i := 0; i < len(m.Content); i += 2 {
		k := m.Content[i]
		if first := seen[k.Value]; first != nil && sameKey(k, first) {
			found = append(found, Duplicate{Key: k, First: first.Line})
			continue
		}
		seen[k.Value] = k
	}
	return found
}

func sameKey(a, b *yaml.Node) bool {
	return a.Kind == yaml.ScalarNode && b.Kind == yaml.ScalarNode && a.Value == b.Value && a.Value != "<<"
}

var (
	apiVersionKey = regexp.MustCompile(`(?m)^(?:apiVersion|"apiVersion"|'apiVersion'|\s*[{,]?\s*"apiVersion")\s*:`)
	kindKey       = regexp.MustCompile(`(?m)^(?:kind|"kind"|'kind'|\s*[{,]?\s*"kind")\s*:`)
)

// LooksLikeManifest reports whether a text has apiVersion and kind at line
// starts: what a broken file must have for its error to matter.
func LooksLikeManifest(data []byte) bool {
	return apiVersionKey.Match(data) && kindKey.Match(data)
}

// MayHoldObjects is a cheap test that is true for every file with an object.
func MayHoldObjects(data []byte) bool {
	return bytes.Contains(data, []byte("apiVersion")) && bytes.Contains(data, []byte("kind"))
}

// Objects makes the objects of a document: one, or the items of a List. What
// has no apiVersion and kind gives none. Items of a List that are no objects
// are problems.
func Objects(n *yaml.Node, at lint.Locator) ([]*lint.Object, []lint.Problem) {
	o, ok := lint.NewObject(n, at)
	if !ok {
		return nil, nil
	}
	items := o.Root.Get("items")
	if !strings.HasSuffix(o.Kind, "List") || !items.IsList() && o.Kind != "List" {
		return []*lint.Object{o}, nil
	}
	var objects []*lint.Object
	var problems []lint.Problem
	for item := range items.Items() {
		l, p := Objects(item.Node, at)
		if len(l) == 0 && len(p) == 0 {
			problems = append(problems, lint.Problem{
				Position: at.Locate(item).Position,
				Message:  item.Path() + " of " + o.Kind + " has no apiVersion and kind",
				Help:     "give the item both, or take it out",
			})
		}
		objects, problems = append(objects, l...), append(problems, p...)
	}
	return objects, problems
}
