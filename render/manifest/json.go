package manifest

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// jsonReader reads JSON values into nodes that are positioned as the YAML parser
// positions them. YAML is nearly a superset of JSON, but its parsers refuse
// surrogate pairs of \u escapes, and JSON values may follow each other without a
// marker between them.
type jsonReader struct {
	text string
	at   int
	// line counts from 1 within the text; lineStart is the offset of its first
	// byte. Characters up to counted are in column.
	line, lineStart int
	counted, column int
	// nodes is a block of nodes that are not used yet; left is how many more may
	// be needed.
	nodes []yaml.Node
	left  int
	depth int
	// tooDeep is set if reading stopped at maxDepth.
	tooDeep bool
}

// jsonValue reads the JSON object or array that a text starts with. end is the
// offset behind it. ok is false if the text starts with neither, or breaks JSON's
// grammar.
func jsonValue(text []byte) (n *yaml.Node, end int, tooDeep, ok bool) {
	if len(text) == 0 || text[0] != '{' && text[0] != '[' {
		return nil, 0, false, false
	}
	// The decoder finds the end and checks the grammar without building anything.
	d := json.NewDecoder(bytes.NewReader(text))
	var raw json.RawMessage
	if d.Decode(&raw) != nil || !utf8.Valid(raw) {
		return nil, 0, false, false
	}
	end = int(d.InputOffset())
	r := &jsonReader{text: string(text[:end]), line: 1, left: 1}
	for _, b := range text[:end] { // each value but the first comes behind one of these
		if b == '{' || b == '[' || b == ',' || b == ':' {
			r.left++
		}
	}
	n = r.value()
	return n, end, r.tooDeep, true
}

// node makes a node at the current offset.
func (r *jsonReader) node(kind yaml.Kind, tag string) *yaml.Node {
	if len(r.nodes) == cap(r.nodes) {
		r.nodes = make([]yaml.Node, 0, max(min(r.left, 1024), 1))
		r.left -= cap(r.nodes)
	}
	r.nodes = r.nodes[:len(r.nodes)+1]
	n := &r.nodes[len(r.nodes)-1]
	if r.counted < r.lineStart {
		r.counted, r.column = r.lineStart, 0
	}
	r.column += utf8.RuneCountInString(r.text[r.counted:r.at])
	r.counted = r.at
	n.Kind, n.Tag, n.Line, n.Column = kind, tag, r.line, r.column+1
	return n
}

func (r *jsonReader) space() {
	for ; r.at < len(r.text); r.at++ {
		switch r.text[r.at] {
		case '\n':
			r.line++
			r.lineStart = r.at + 1
		case ' ', '\t', '\r':
		default:
			return
		}
	}
}

// value reads a value. The text is known to be JSON.
func (r *jsonReader) value() *yaml.Node {
	r.space()
	switch r.text[r.at] {
	case '{', '[':
		return r.collection()
	case '"':
		return r.str()
	}
	n := r.node(yaml.ScalarNode, "")
	start := r.at
	for r.at < len(r.text) && strings.IndexByte(" \t\r\n,]}", r.text[r.at]) < 0 {
		r.at++
	}
	n.Value = r.text[start:r.at]
	n.Tag = jsonTag(n.Value)
	return n
}

// jsonTag is the tag of a literal or number.
func jsonTag(s string) string {
	switch s[0] {
	case 't', 'f':
		return "!!bool"
	case 'n':
		return "!!null"
	}
	if _, err := strconv.ParseInt(s, 10, 64); err == nil {
		return "!!int"
	}
	if _, err := strconv.ParseUint(s, 10, 64); err == nil {
		return "!!int"
	}
	return "!!float"
}

func (r *jsonReader) collection() *yaml.Node {
	isMap := r.text[r.at] == '{'
	n := r.node(yaml.SequenceNode, "!!seq")
	if isMap {
		n.Kind, n.Tag = yaml.MappingNode, "!!map"
	}
	n.Style = yaml.FlowStyle
	r.at++
	if r.depth++; r.depth > maxDepth {
		r.tooDeep = true
	}
	defer func() { r.depth-- }()
	for {
		if r.tooDeep {
			return n
		}
		r.space()
		switch r.text[r.at] {
		case '}', ']':
			r.at++
			return n
		case ',', ':':
			r.at++
		default:
			n.Content = append(n.Content, r.value())
		}
	}
}

// str reads a string. Its value is a part of the text if it has no escapes.
func (r *jsonReader) str() *yaml.Node {
	n := r.node(yaml.ScalarNode, "!!str")
	n.Style = yaml.DoubleQuotedStyle
	start := r.at
	r.at++
	escaped := false
	for r.text[r.at] != '"' {
		if r.text[r.at] == '\\' {
			escaped = true
			r.at++
		}
		r.at++
	}
	r.at++
	if n.Value = r.text[start+1 : r.at-1]; escaped {
		if json.Unmarshal([]byte(r.text[start:r.at]), &n.Value) != nil {
			n.Value = r.text[start+1 : r.at-1]
		}
	}
	return n
}
