package manifest

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/lint/node"
)

// Edits turns an intent about a value of a document into changes of the file's text. It
// is nil where that is not exact: in documents with anchors, where one place of the text
// is several of the document, in JSON, and for values of several lines.
func (s *Source) Edits(d *lint.Document, at lint.Value, in lint.Intent) []lint.Edit {
	e := editor{source: s, root: node.Root(d.Root.Node)}
	if e.root == nil || !e.isSimple() {
		return nil
	}
	switch {
	case in.Do == lint.Remove:
		return e.remove(at.Node)
	case in.Value == "":
		return nil
	case at.IsSet():
		return e.replace(at.Node, in.Value)
	}
	_, missing := at.Anchor()
	path := at.Path()
	parent := d.Root.At(strings.TrimSuffix(path[:max(len(path)-len(missing), 0)], ".")).Node
	return e.add(parent, node.SplitKeys(missing), in.Value)
}

// editor makes changes to the text of one document.
type editor struct {
	source *Source
	root   *yaml.Node
}

// isSimple reports whether each node of the document has a place of its own in a text of
// YAML.
func (e *editor) isSimple() bool {
	if e.root.Kind != yaml.MappingNode || len(e.root.Content) == 0 || node.IsQuoted(e.root.Content[0]) {
		return false // JSON, as far as edits are concerned
	}
	var simple func(n *yaml.Node) bool
	simple = func(n *yaml.Node) bool {
		return n.Kind != yaml.AliasNode && n.Anchor == "" && n.Line > 0 && !slices.ContainsFunc(n.Content, func(c *yaml.Node) bool { return !simple(c) })
	}
	return simple(e.root)
}

// offsetOf is the byte of the file at which a node begins. It is negative if that is not
// in the file.
func (e *editor) offsetOf(n *yaml.Node) int {
	line := e.source.Line(n.Line)
	off := offset(line, n.Column)
	if off < 0 || off > len(line) || n.Line < 1 || n.Line > len(e.source.starts) {
		return -1
	}
	return int(e.source.starts[n.Line-1]) + off
}

func (e *editor) edit(start, end int, text string) []lint.Edit {
	return []lint.Edit{{Span: lint.Span{File: e.source.File, Start: start, End: end}, New: text}}
}

// written is where the text of a scalar, or of a list in brackets, begins and ends. ok is
// false if it has several lines, or is written in a way that is not known here.
func (e *editor) written(n *yaml.Node) (start, end int, ok bool) {
	start = e.offsetOf(n)
	if start < 0 {
		return 0, 0, false
	}
	rest, _, _ := bytes.Cut(e.source.data[start:], []byte("\n"))
	text := strings.TrimSuffix(string(rest), "\r")
	var length int
	switch {
	case n.Kind == yaml.SequenceNode:
		length = strings.IndexByte(text, ']') + 1
		if length == 0 || text[0] != '[' || strings.ContainsAny(text[1:length-1], `[{"'#`) {
			return 0, 0, false
		}
	case n.Kind != yaml.ScalarNode || n.Value == "" && !node.IsQuoted(n):
		return 0, 0, false
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return 0, 0, false
	case node.IsQuoted(n):
		if text == "" || text[0] != '"' && text[0] != '\'' {
			return 0, 0, false
		}
		length = quotedLen(text)
	default:
		if !strings.HasPrefix(text, n.Value) {
			return 0, 0, false
		}
		length = len(n.Value)
	}
	var read yaml.Node
	if yaml.Unmarshal([]byte(text[:length]), &read) != nil || len(read.Content) != 1 {
		return 0, 0, false
	}
	if is := read.Content[0]; is.Kind != n.Kind || is.Value != n.Value || len(is.Content) != len(n.Content) {
		return 0, 0, false
	}
	return start, start + length, true
}

// replace writes another value in place of one. What is in quotes stays in quotes.
func (e *editor) replace(n *yaml.Node, value string) []lint.Edit {
	start, end, ok := e.written(n)
	if !ok {
		return nil
	}
	if q := e.source.data[start]; n.Kind == yaml.ScalarNode && node.IsQuoted(n) {
		if strings.ContainsAny(value, "[]{}\"'\\\n") {
			return nil
		}
		value = string(q) + value + string(q)
	}
	return e.edit(start, end, value)
}

// remove takes out an entry of a mapping, by its key or value, that has a line of its
// own and is not the only one.
func (e *editor) remove(n *yaml.Node) []lint.Edit {
	m, i := entryOf(e.root, n)
	if m == nil || m.Style&yaml.FlowStyle != 0 || len(m.Content) == 2 {
		return nil
	}
	k, v := m.Content[i], m.Content[i+1]
	start, ok := e.ownLine(k)
	if !ok || v.Line != k.Line {
		return nil
	}
	if _, _, ok := e.written(v); !ok {
		return nil
	}
	return e.edit(start, e.nextLine(k.Line), "")
}

// entryOf is the mapping that has a node as a key or a value, and the place of the key in
// its content.
func entryOf(in, n *yaml.Node) (m *yaml.Node, i int) {
	for at, c := range in.Content {
		if c == n && in.Kind == yaml.MappingNode {
			return in, at - at%2
		}
		if m, i := entryOf(c, n); m != nil {
			return m, i
		}
	}
	return nil, 0
}

// ownLine is the start of the line of a key before which there is nothing but blanks.
func (e *editor) ownLine(k *yaml.Node) (start int, ok bool) {
	at := e.offsetOf(k)
	if at < 0 {
		return 0, false
	}
	start = int(e.source.starts[k.Line-1])
	return start, strings.TrimLeft(string(e.source.data[start:at]), " ") == ""
}

// nextLine is the start of the line that follows one, or the end of the file.
func (e *editor) nextLine(line int) int {
	if line < len(e.source.starts) {
		return int(e.source.starts[line])
	}
	return len(e.source.data)
}

// add adds the value at some keys, one below the other, to a mapping.
func (e *editor) add(m *yaml.Node, keys []string, value string) []lint.Edit {
	if m == nil || m.Kind != yaml.MappingNode || len(keys) == 0 {
		return nil
	}
	if m.Style&yaml.FlowStyle != 0 {
		return e.addInBraces(m, keys, value)
	}
	if len(m.Content) == 0 {
		return nil
	}
	for i := 0; i < len(m.Content); i += 2 {
		k := m.Content[i]
		if start, ok := e.ownLine(k); ok && k.Column == m.Content[0].Column {
			if i == 0 || !e.mayHaveLines(m.Content[i-1]) { // the last lines of a text may look like comments
				start = e.aboveComments(start)
			}
			return e.edit(start, start, e.block(k.Column-1, keys, value))
		}
	}
	k, v := m.Content[0], m.Content[1] // the only entry is on the line of a list's dash
	_, end, ok := e.written(v)
	if next := e.nextLine(k.Line); ok && len(m.Content) == 2 && v.Line == k.Line && end < next && e.source.data[next-1] == '\n' {
		return e.edit(next, next, e.block(k.Column-1, keys, value))
	}
	return nil
}

// mayHaveLines reports whether a scalar of a node may have several lines.
func (e *editor) mayHaveLines(n *yaml.Node) bool {
	if n.Kind == yaml.ScalarNode {
		_, _, ok := e.written(n)
		return !ok && n.Value != ""
	}
	return slices.ContainsFunc(n.Content, e.mayHaveLines)
}

// aboveComments is the start of the first of the lines of comments that end at a line.
func (e *editor) aboveComments(start int) int {
	for start > 0 {
		before := bytes.LastIndexByte(e.source.data[:start-1], '\n') + 1
		if !bytes.HasPrefix(bytes.TrimLeft(e.source.data[before:start], " "), []byte("#")) {
			break
		}
		start = before
	}
	return start
}

// step is how many columns the lines of an entry are to the right of its key.
const step = 2

// block is an entry in lines of its own.
func (e *editor) block(indent int, keys []string, value string) string {
	end := "\n"
	if bytes.Contains(e.source.data, []byte("\r\n")) {
		end = "\r\n"
	}
	var b strings.Builder
	for i, k := range keys {
		b.WriteString(strings.Repeat(" ", indent+i*step) + scalarText(k) + ":")
		if i == len(keys)-1 {
			b.WriteString(" " + value)
		}
		b.WriteString(end)
	}
	return b.String()
}

// addInBraces adds an entry behind the brace with which a mapping begins.
func (e *editor) addInBraces(m *yaml.Node, keys []string, value string) []lint.Edit {
	at := e.offsetOf(m)
	if at < 0 || at >= len(e.source.data) || e.source.data[at] != '{' {
		return nil
	}
	text := value
	for i, k := range slices.Backward(keys) {
		text = scalarText(k) + ": " + text
		if i > 0 {
			text = "{" + text + "}"
		}
	}
	if len(m.Content) > 0 {
		text += ", "
	}
	return e.edit(at+1, at+1, text)
}

// scalarText is a text as YAML, in quotes if it needs them.
func scalarText(s string) string {
	data, err := yaml.Marshal(s)
	if err != nil || !utf8.Valid(data) {
		return s
	}
	return strings.TrimSuffix(string(data), "\n")
}
