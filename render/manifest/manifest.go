// Package manifest reads YAML and JSON streams of Kubernetes objects, with the
// true line and column of every node in its file.
package manifest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
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

// SyntaxError is why a document is not YAML, or is not read.
type SyntaxError struct {
	Line    int    // in the file, from 1
	Message string // the parser's words
	// IsLimit is set for a document that is valid, but too deep or too large.
	IsLimit bool
	// Last is the last line of the merge conflict for which the document is no YAML, which begins at Line. It is 0 if that is not why.
	Last int
}

// Cause is the message, with the last line of a merge conflict. Lines are those of the file.
func (e *SyntaxError) Cause() string {
	if e.Last == 0 {
		return e.Message
	}
	return e.Message + ", up to line " + strconv.Itoa(e.Last)
}

// Error gives the message without the line.
func (e *SyntaxError) Error() string { return e.Message }

// Duplicate is a key that a mapping holds already.
type Duplicate struct {
	Key   *yaml.Node
	First int // line of the first one
	// IsSplit is set if the values are mappings without a key in common, or lists without an equal entry: to keep one of them would lose what the
	// other has. IsList is set for lists.
	IsSplit, IsList bool
}

// Remedy is what to do about the key.
func (d Duplicate) Remedy() string {
	switch {
	case d.IsSplit && d.IsList:
		return "put the entries of both below one"
	case d.IsSplit:
		return "put the fields of both below one"
	}
	return "keep one of them"
}

// Documents splits a stream and parses each document by itself, so that a
// broken one does not lose its neighbours. Empty documents and those of
// comments alone are left out.
func Documents(data []byte) []Document { return slices.Collect(Each(data)) }

// Each gives the documents of Documents one by one, so that no more than one
// need be held at a time.
func Each(data []byte) iter.Seq[Document] { return documents(split(UTF8(data))) }

// HelmDocuments is Documents for what a template rendered to, which Helm splits in
// its own way: it also takes "---apiVersion: v1" for a new document, and it trims
// each one, so that the first line may be indented.
func HelmDocuments(data []byte) []Document { return slices.Collect(documents(splitHelm(data))) }

func documents(chunks []chunk) iter.Seq[Document] {
	return func(yield func(Document) bool) {
		into, _ := compactors.Get().(*compactor)
		defer compactors.Put(into)
		for _, c := range chunks {
			for len(c.text) > 0 {
				var ok bool
				if c, ok = c.next(into, yield); !ok {
					return
				}
			}
		}
	}
}

// chunk is the text between two document markers. It is one document, but for
// JSON: values may follow each other.
type chunk struct {
	line   int // of its first byte
	column int // characters before it on that line
	text   []byte
}

// next reads the first document of a chunk, and those that the parser finds
// behind it, with nodes of a compactor. rest is what follows a JSON value. It is not ok if yield is not.
func (c chunk) next(into *compactor, yield func(Document) bool) (rest chunk, ok bool) {
	if !hasContent(c.text) {
		return rest, true
	}
	lead := len(c.text) - len(trimLead(c.text))
	body := c.skip(lead)
	if n, end, tooDeep, isJSON := jsonValue(body.text); isJSON {
		d := Document{Line: c.line}
		if tooDeep {
			d.Err = &SyntaxError{Line: body.line, Message: tooDeepMessage, IsLimit: true}
		} else {
			d.Node, d.Err = body.place(n, func(l int) int { return l + body.line - 1 })
			d.Duplicates = duplicates(d.Node, nil)
		}
		rest = body.skip(end)
		return rest.skip(len(rest.text) - len(bytes.TrimLeft(rest.text, " \t\r\n"))), yield(d)
	}
	for _, d := range c.parse(into) {
		if !yield(d) {
			return rest, false
		}
	}
	return rest, true
}

// trimLead cuts blanks, comments and a document marker off the start of a text.
func trimLead(text []byte) []byte {
	if isMarker(text, "---") {
		text = text[3:]
	}
	for {
		text = bytes.TrimLeft(text, " \t\r\n")
		if len(text) == 0 || text[0] != '#' {
			return text
		}
		i := bytes.IndexByte(text, '\n')
		if i < 0 {
			return nil
		}
		text = text[i:]
	}
}

// skip is a chunk without its first bytes.
func (c chunk) skip(n int) chunk {
	read := c.text[:n]
	c.text = c.text[n:]
	if i := bytes.LastIndexByte(read, '\n'); i >= 0 {
		c.line += bytes.Count(read, []byte("\n"))
		c.column, read = 0, read[i+1:]
	}
	c.column += utf8.RuneCount(read)
	return c
}

// splitHelm cuts a text where Helm's releaseutil.SplitManifests does: at --- at the
// start of a line, with all blanks around it, whatever follows. Each part is
// trimmed.
func splitHelm(data []byte) []chunk {
	const marker = "\n---"
	rest := chunk{line: 1, text: data}
	var chunks []chunk
	add := func(n int) {
		text := rest.text[:n]
		c := rest.skip(len(text) - len(bytes.TrimLeftFunc(text, unicode.IsSpace)))
		c.text = bytes.TrimSpace(text)
		if len(c.text) > 0 {
			chunks = append(chunks, c)
		}
	}
	past := func(n int) { // a marker that ends at n, and the blanks behind it
		rest = rest.skip(n)
		rest = rest.skip(len(rest.text) - len(bytes.TrimLeft(rest.text, helmBlanks)))
	}
	rest = rest.skip(len(data) - len(bytes.TrimLeftFunc(data, unicode.IsSpace)))
	if bytes.HasPrefix(rest.text, []byte("---")) {
		past(3)
	}
	for {
		i := bytes.Index(rest.text, []byte(marker))
		if i < 0 {
			add(len(rest.text))
			return chunks
		}
		add(i)
		past(i + len(marker))
	}
}

// helmBlanks is what \s of Helm's expression matches.
const helmBlanks = "\t\n\f\r "

// split cuts a stream at its document markers. A marker is at the start of a
// line, where no YAML content can be.
func split(data []byte) []chunk {
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

// parse reads the documents of a chunk with the YAML parser: one, as a rule. What
// follows it without a marker is no part of it, and is reported at its line.
func (c chunk) parse(into *compactor) (docs []Document) { //nolint:gocognit // each way in which the parser ends
	lines, last := lineTable(c.text), bytes.Count(c.text, []byte("\n"))+1
	fileLine := func(l int) int {
		if lines != nil && l-1 < len(lines) && l > 0 {
			l = lines[l-1]
		}
		return max(min(l, last), 1) + c.line - 1 // an empty value at the end may be counted beyond it
	}
	defer func() {
		if p := recover(); p != nil { // the parser has had panics on hostile input
			docs = append(docs, Document{Line: c.line, Err: &SyntaxError{Line: c.line, Message: fmt.Sprintf("the YAML parser failed: %v", p)}})
		}
	}()
	decoder := yaml.NewDecoder(bytes.NewReader(c.text))
	for {
		var doc yaml.Node
		err := decoder.Decode(&doc)
		if errors.Is(err, io.EOF) {
			return docs
		}
		if err != nil {
			line, msg := yamlError(err)
			if bad := unreadable(c.text); bad > 0 && line <= 1 { // the parser knows no line of it
				line = bad
			}
			if len(docs) > 0 && strings.Contains(msg, "<document start>") {
				line, msg = line+1, restMessage // the parser counts this error from the line before
			}
			e := &SyntaxError{Line: fileLine(line), Message: msg}
			if n := stops(c.text, err); n > 0 {
				e.Line = c.line + n - 1
				if how := outOfLine(c.text, n); how != "" {
					e.Message = how
				}
			}
			if first, last := conflict(c.text); first > 0 && c.line+first-2 <= e.Line {
				e = &SyntaxError{Line: c.line + first - 1, Last: c.line + last - 1, Message: conflictMessage}
			}
			return append(docs, Document{Line: e.Line, Err: e})
		}
		if len(doc.Content) == 0 {
			continue
		}
		d := Document{Line: c.line}
		if n := doc.Content[0]; n.Kind == yaml.ScalarNode && n.Tag == "!!null" {
			continue
		} else if len(docs) > 0 {
			d.Line = fileLine(n.Line)
		}
		d.Node, d.Err = c.place(doc.Content[0], fileLine)
		if d.Node != nil {
			d.Node = into.document(d.Node)
		}
		d.Duplicates = duplicates(d.Node, nil)
		docs = append(docs, d)
	}
}

// conflict is the lines of a text, from 1, with the first merge conflict that Git has left in it: from <<<<<<< to >>>>>>>. They are 0 if there is none.
func conflict(text []byte) (first, last int) {
	isDivided, n := false, 0
	for line := range bytes.Lines(text) {
		n++
		switch {
		case bytes.HasPrefix(line, []byte("<<<<<<< ")):
			first, isDivided = n, false
		case first > 0 && bytes.Equal(bytes.TrimRight(line, "\r\n"), []byte("=======")):
			isDivided = true
		case isDivided && bytes.HasPrefix(line, []byte(">>>>>>> ")):
			return first, n
		}
	}
	return 0, 0
}

// unreadable is the line of the first byte that no YAML parser reads: what is not
// UTF-8, and control characters. 0: there is none.
func unreadable(text []byte) int {
	for i := 0; i < len(text); {
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n == 1 || r < ' ' && r != '\t' && r != '\n' && r != '\r' {
			return bytes.Count(text[:i], []byte("\n")) + 1
		}
		i += n
	}
	return 0
}

const (
	tooDeepMessage  = "nested deeper than 200 levels"
	conflictMessage = "unresolved merge conflict of Git (<<<<<<<, =======, >>>>>>>)"
	restMessage     = "the document ends before this line, and what follows is not read: it is indented in another way, or a --- is missing"
)

// place moves the positions of a document to the file, and checks its limits.
func (c chunk) place(n *yaml.Node, fileLine func(int) int) (*yaml.Node, *SyntaxError) {
	k := checker{fileLine: fileLine, column: c.column}
	if k.check(n, 0); k.err != nil {
		return nil, k.err
	}
	k.fillTokens(n)
	return n, nil
}

// hasContent distinguishes a document from one of markers, comments and blanks alone.
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

// lineTable maps the parser's lines to those of an editor. The parser also
// breaks lines at a lone CR, NEL, LS and PS. It is nil if both agree.
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

// duplicates lists keys that appear twice in one mapping.
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
					found = append(found, duplicate(m, i, j))
					break
				}
			}
		}
		return found
	}
	seen := make(map[string]int, len(m.Content)/2)
	for i := 0; i < len(m.Content); i += 2 {
		k := m.Content[i]
		if j, has := seen[k.Value]; has && sameKey(k, m.Content[j]) {
			found = append(found, duplicate(m, i, j))
			continue
		}
		seen[k.Value] = i
	}
	return found
}

// maxSplit limits how many keys of two mappings are compared, and entries of two lists: all of them with each other.
const maxSplit = 16

// duplicate is the key at an index of a mapping, of which another one is the first.
func duplicate(m *yaml.Node, i, first int) Duplicate {
	a, b := m.Content[i+1], m.Content[first+1]
	return Duplicate{Key: m.Content[i], First: m.Content[first].Line, IsSplit: isSplit(a, b), IsList: a.Kind == yaml.SequenceNode}
}

// isSplit reports whether two values are mappings without a key in common, or lists of scalars without an equal one.
func isSplit(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || len(a.Content) == 0 || len(b.Content) == 0 || len(a.Content)+len(b.Content) > 4*maxSplit {
		return false
	}
	step := 1
	switch a.Kind {
	case yaml.MappingNode:
		step = 2
	case yaml.SequenceNode:
	default:
		return false
	}
	for n := 0; n < len(a.Content); n += step {
		for o := 0; o < len(b.Content); o += step {
			if k, of := a.Content[n], b.Content[o]; k.Value == of.Value || k.Kind != yaml.ScalarNode || of.Kind != yaml.ScalarNode {
				return false
			}
		}
	}
	return true
}

func sameKey(a, b *yaml.Node) bool {
	return a.Kind == yaml.ScalarNode && b.Kind == yaml.ScalarNode && a.Value == b.Value && a.Value != "<<"
}
