package manifest

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// blockReader reads the YAML that most manifests are: mappings and lists by indentation, and
// those in brackets that are on one line. It takes a fraction of the time that the parser of
// package yaml takes, and its nodes are the same but for comments. It gives up at anything
// else, and the parser reads the document.
type blockReader struct {
	into *compactor
	text []byte
	// start and end are the offsets of the line that is read, the first one of its
	// content, which begins at column indent, and the last one. number is the line's, from 1.
	// Behind the last line indent is -1.
	start, end, indent, number int
	// at is the offset that is read next.
	at int
	// open are the children of all collections that are being read.
	open    []*yaml.Node
	anchors map[string]*yaml.Node
	depth   int
	gaveUp  bool
	// value is room for the text of a scalar.
	value []byte
}

// maxBlockDepth is how deep a document may be that a blockReader reads, and maxKey how long its keys.
const (
	maxBlockDepth = 100
	maxKey        = 1000
)

// block is the content of a document in a text that is no more than one. ok is false if only the
// parser can tell what the text holds.
func (c *compactor) block(text []byte) (root *yaml.Node, ok bool) {
	if !hasOnlyPlainCharacters(text) {
		return nil, false
	}
	r := &c.reader
	*r = blockReader{into: c, text: text, end: -1, open: r.open[:0], value: r.value[:0]}
	defer func() { r.text, r.anchors = nil, nil }() // they are not kept for the next document
	if isMarker(text, "---") {
		r.at, r.end, r.number = 3, len(text), 1
		if i := bytes.IndexByte(text, '\n'); i >= 0 {
			r.end = i
		}
		if !r.isDone() {
			return nil, false
		}
	}
	if r.nextLine(); r.indent != 0 {
		return nil, false
	}
	root = r.node(yaml.MappingNode)
	r.block(root, -1)
	return root, !r.gaveUp && r.indent < 0
}

// hasOnlyPlainCharacters reports whether a text has only characters that each parser reads and
// that take one column: no tabs, and no line breaks but one.
func hasOnlyPlainCharacters(text []byte) bool {
	for i := 0; i < len(text); i++ {
		switch b := text[i]; {
		case b >= ' ' && b <= '~' || b == '\n':
		case b < utf8.RuneSelf:
			return false
		default:
			c, size := utf8.DecodeRune(text[i:])
			if c == utf8.RuneError || c < '\u00a0' || c == '\u2028' || c == '\u2029' || c == '\ufeff' || c == '\ufffe' || c == '\uffff' {
				return false
			}
			i += size - 1
		}
	}
	return true
}

// giveUp ends the reading: no line is left.
func (r *blockReader) giveUp() {
	r.gaveUp = true
	r.start, r.end, r.at, r.indent = len(r.text), len(r.text), len(r.text), -1
}

// nextLine goes to the next line that has more than blanks and a comment.
func (r *blockReader) nextLine() {
	for r.end < len(r.text) {
		if r.line(); r.start < r.end && r.text[r.start] != '#' {
			return
		}
	}
	r.start, r.at, r.indent = len(r.text), len(r.text), -1
}

// line goes to the next line, of which there is one.
func (r *blockReader) line() {
	begin := r.end + 1
	r.start, r.end = begin, len(r.text)
	for r.start < r.end && r.text[r.start] == ' ' {
		r.start++
	}
	if i := bytes.IndexByte(r.text[r.start:], '\n'); i >= 0 {
		r.end = r.start + i
	}
	r.number, r.at, r.indent = r.number+1, r.start, r.start-begin
}

// node makes a node at the current place.
func (r *blockReader) node(kind yaml.Kind) *yaml.Node {
	n := r.into.node()
	n.Kind, n.Line, n.Column = kind, r.number, r.column()
	return n
}

// column is that of the current place, from 1. What is before it on the line has only
// characters of one byte.
func (r *blockReader) column() int { return r.at - r.start + r.indent + 1 }

// isDone reports whether the line has no more than blanks and a comment, which are skipped.
func (r *blockReader) isDone() bool {
	r.skipBlanks()
	return r.at >= r.end || r.text[r.at] == '#' && r.text[r.at-1] == ' '
}

// isBefore reports whether what follows the current place is a character with a blank or
// the end of the line behind it.
func (r *blockReader) isBefore(b byte) bool {
	return r.at < r.end && r.text[r.at] == b && (r.at+1 == r.end || r.text[r.at+1] == ' ')
}

// finish makes what is open from a place on the children of a node.
func (r *blockReader) finish(n *yaml.Node, from int) {
	n.Content = r.into.list(len(r.open) - from)
	copy(n.Content, r.open[from:])
	clear(r.open[from:])
	r.open = r.open[:from]
}

// block reads the mapping or list that begins at the current place. outer is the indentation
// of the block around it.
func (r *blockReader) block(n *yaml.Node, outer int) {
	in, from := r.column()-1, len(r.open)
	if r.depth == maxBlockDepth {
		r.giveUp()
		return
	}
	r.depth++
	defer func() { r.depth-- }()
	if r.isBefore('-') {
		n.Kind, n.Tag = yaml.SequenceNode, "!!seq"
		for {
			r.at++
			item := r.blockValue(in, true)
			r.open = append(r.open, item)
			if r.indent != in || !r.isBefore('-') {
				break
			}
		}
		if r.indent == in && in != outer { // a key, in the column of a list that is no key's
			r.giveUp()
		}
	} else {
		n.Tag = "!!map"
		for {
			key := r.key()
			r.open = append(r.open, key)
			value := r.blockValue(in, false)
			r.open = append(r.open, value)
			if r.indent != in {
				break
			}
		}
	}
	if r.indent > in { // the rest of a scalar, or no YAML
		r.giveUp()
	}
	r.finish(n, from)
}

// key reads a key and the colon behind it.
func (r *blockReader) key() *yaml.Node {
	n, from := r.node(yaml.ScalarNode), r.at
	line := r.number
	switch {
	case r.at >= r.end || r.text[r.at] == '-':
		r.giveUp()
	case isQuote(r.text[r.at]):
		r.quoted(n)
	default:
		r.word(n)
	}
	if !r.isBefore(':') || r.at-from > maxKey || !isASCII(n.Value) || r.number != line {
		r.giveUp()
		return n
	}
	r.at++
	return n
}

// isKey reports whether a key is at the current place.
func (r *blockReader) isKey() bool {
	i := r.at
	switch b := r.text[i]; {
	case isQuote(b):
		for i++; i < r.end && r.text[i] != b; i++ {
		}
		i++
	default:
		for i < r.end && isWordByte[r.text[i]] {
			i++
		}
	}
	return i < r.end && r.text[i] == ':' && (i+1 == r.end || r.text[i+1] == ' ')
}

// isWordByte has the bytes of a key, or of a scalar in brackets, that mean nothing else to YAML.
var isWordByte = func() (is [256]bool) {
	for _, b := range "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-$=+~<" {
		is[b] = true
	}
	return is
}()

// word reads a scalar of the bytes of isWordByte.
func (r *blockReader) word(n *yaml.Node) {
	from := r.at
	for r.at < r.end && isWordByte[r.text[r.at]] {
		r.at++
	}
	if from == r.at || r.text[from] == '-' && r.at == from+1 {
		r.giveUp()
		return
	}
	n.Value, n.Tag = r.into.scalar(r.text[from:r.at])
}

// blockValue reads what is behind a key or a dash, and goes to the line behind it. in is the
// indentation of the key or dash.
func (r *blockReader) blockValue(in int, isItem bool) *yaml.Node {
	n := r.node(yaml.ScalarNode)
	if r.isDone() {
		r.nextLine()
		if r.indent > in || r.indent == in && !isItem && r.isBefore('-') {
			n.Kind, n.Line, n.Column = yaml.MappingNode, r.number, r.indent+1
			r.block(n, in)
			return n
		}
		n.Tag = "!!null"
		return n
	}
	n.Column = r.column()
	if r.text[r.at] == '&' {
		n.Anchor = r.name()
		if r.anchors == nil {
			r.anchors = map[string]*yaml.Node{}
		}
		r.anchors[n.Anchor] = n
		if r.isDone() {
			r.nextLine()
			if r.indent > in || r.indent == in && !isItem && r.isBefore('-') {
				n.Kind = yaml.MappingNode
				r.block(n, in)
			} else {
				r.giveUp()
			}
			return n
		}
	}
	switch b := r.text[r.at]; {
	case b == '|' || b == '>':
		r.textBlock(n, in)
		return n
	case isItem && (r.isBefore('-') || r.isKey()):
		if n.Anchor != "" { // is it the key's?
			r.giveUp()
			return n
		}
		n.Kind = yaml.MappingNode
		r.block(n, in)
		return n
	case b == '[' || b == '{':
		r.flow(n)
	case isQuote(b):
		r.quoted(n)
	case b == '*' && n.Anchor == "":
		n.Kind, n.Value = yaml.AliasNode, r.name()
		if n.Alias = r.anchors[n.Value]; n.Alias == nil {
			r.giveUp()
		}
	default:
		r.plain(n, in)
	}
	if !r.isDone() {
		r.giveUp()
	}
	r.nextLine()
	return n
}

// name reads the name of an anchor or alias.
func (r *blockReader) name() string {
	r.at++
	from := r.at
	for r.at < r.end && isWordByte[r.text[r.at]] && strings.IndexByte("./$=+~<", r.text[r.at]) < 0 {
		r.at++
	}
	if from == r.at || r.at < r.end && r.text[r.at] != ' ' {
		r.giveUp()
		return ""
	}
	return r.into.text(string(r.text[from:r.at]))
}

// plain reads a scalar without quotes. in is the indentation of the block around it: lines
// below that are further in belong to the scalar.
func (r *blockReader) plain(n *yaml.Node, in int) {
	if strings.IndexByte("?:,]}#&*!|>%@`", r.text[r.at]) >= 0 || r.isBefore('-') {
		r.giveUp()
		return
	}
	line, hasComment := r.plainLine()
	if hasComment || !r.goesOn(in) {
		n.Value, n.Tag = r.into.scalar(line)
		return
	}
	value := append(r.value[:0], line...)
	for !hasComment && r.goesOn(in) {
		value = r.fold(value)
		line, hasComment = r.plainLine()
		value = append(value, line...)
	}
	n.Value, n.Tag = r.into.scalar(value)
	r.value = value
}

// plainLine reads a scalar without quotes to the end of the line, or to a comment.
func (r *blockReader) plainLine() (text []byte, hasComment bool) {
	from := r.at
	for ; r.at < r.end && !hasComment; r.at++ {
		if r.isBefore(':') {
			r.giveUp()
			return nil, true
		}
		hasComment = r.text[r.at] == '#' && r.text[r.at-1] == ' '
	}
	if hasComment {
		r.at--
	}
	return bytes.TrimRight(r.text[from:r.at], " "), hasComment
}

// goesOn reports whether the next line that is not empty is further in than a block, and no
// comment.
func (r *blockReader) goesOn(in int) bool {
	at, begin := r.end, r.end+1
	for at++; at < len(r.text) && (r.text[at] == ' ' || r.text[at] == '\n'); at++ {
		if r.text[at] == '\n' {
			begin = at + 1
		}
	}
	return at < len(r.text) && at-begin > in && r.text[at] != '#'
}

// fold goes to the next line that is not empty, which is there, and adds to a scalar what
// stands for the line breaks: a blank, or a break for each empty line.
func (r *blockReader) fold(value []byte) []byte {
	if r.line(); r.start < r.end {
		return append(value, ' ')
	}
	for r.start == r.end {
		value = append(value, '\n')
		r.line()
	}
	return value
}

// quoted reads a scalar in quotes.
func (r *blockReader) quoted(n *yaml.Node) {
	quote := r.text[r.at]
	n.Tag, n.Style = "!!str", yaml.SingleQuotedStyle
	if quote == '"' {
		n.Style = yaml.DoubleQuotedStyle
	}
	r.at++
	value := r.value[:0]
	for {
		var isClosed bool
		if value, isClosed = r.quotedLine(value, quote); isClosed || r.gaveUp {
			break
		}
		if !r.goesOn(0) { // a marker may be at the start of a line
			r.giveUp()
			return
		}
		value = r.fold(bytes.TrimRight(value, " "))
	}
	n.Value, r.value = r.into.shared(value), value
}

// quotedLine adds to a scalar what is in quotes up to the end of the line.
func (r *blockReader) quotedLine(value []byte, quote byte) (_ []byte, isClosed bool) {
	from := r.at
	for ; r.at < r.end; r.at++ {
		switch b := r.text[r.at]; {
		case b == '\\' && quote == '"':
			value = append(value, r.text[from:r.at]...)
			if r.at++; r.at >= r.end {
				r.giveUp()
				return value, false
			}
			switch b := r.text[r.at]; b {
			case 'n':
				value = append(value, '\n')
			case '"', '\\':
				value = append(value, b)
			default:
				r.giveUp()
				return value, false
			}
			from = r.at + 1
		case b == quote:
			value = append(value, r.text[from:r.at]...)
			if r.at++; quote == '"' || r.at >= r.end || r.text[r.at] != quote {
				return value, true
			}
			from = r.at // the second of two quotes is one
		}
	}
	return append(value, r.text[from:r.at]...), false
}

// flow reads a list or mapping in brackets.
func (r *blockReader) flow(n *yaml.Node) {
	if r.depth == maxBlockDepth {
		r.giveUp()
		return
	}
	r.depth++
	defer func() { r.depth-- }()
	from, end := len(r.open), byte(']')
	n.Kind, n.Tag, n.Style = yaml.SequenceNode, "!!seq", yaml.FlowStyle
	if r.text[r.at] == '{' {
		n.Kind, n.Tag, end = yaml.MappingNode, "!!map", '}'
	}
	for r.at++; !r.gaveUp; r.at++ {
		if r.skipBlanks(); r.at < r.end && r.text[r.at] == end && len(r.open) == from {
			break
		}
		item := r.flowValue()
		r.open = append(r.open, item)
		if n.Kind == yaml.MappingNode {
			if !r.isBefore(':') {
				r.giveUp()
				return
			}
			r.at++
			r.skipBlanks()
			value := r.flowValue()
			r.open = append(r.open, value)
		}
		r.skipBlanks()
		if r.at < r.end && r.text[r.at] == end {
			break
		}
		if r.at >= r.end || r.text[r.at] != ',' {
			r.giveUp()
			return
		}
	}
	r.at++
	r.finish(n, from)
}

func (r *blockReader) skipBlanks() {
	for r.at < r.end && r.text[r.at] == ' ' {
		r.at++
	}
}

// flowValue reads an element of a list in brackets, or a key or value of a mapping in them.
func (r *blockReader) flowValue() *yaml.Node {
	n := r.node(yaml.ScalarNode)
	if r.at >= r.end {
		r.giveUp()
		return n
	}
	switch b := r.text[r.at]; {
	case b == '[' || b == '{':
		r.flow(n)
	case isQuote(b):
		line := r.number
		if r.quoted(n); !isASCII(n.Value) || r.number != line {
			r.giveUp()
		}
	default:
		r.word(n)
	}
	return n
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// textBlock reads a text of lines, literal or folded, and goes to the line behind it.
func (r *blockReader) textBlock(n *yaml.Node, in int) {
	n.Tag, n.Style = "!!str", yaml.LiteralStyle
	if r.text[r.at] == '>' {
		n.Style = yaml.FoldedStyle
	}
	r.at++
	chomping := byte(0)
	if r.at < r.end && (r.text[r.at] == '-' || r.text[r.at] == '+') {
		chomping = r.text[r.at]
		r.at++
	}
	if r.skipBlanks(); r.at < r.end {
		r.giveUp()
		return
	}
	value, indent := r.value[:0], 0
	// breaks counts the empty lines since the last one with a text, of which hasBreak says that a
	// line follows, and wasBlank that it begins with a blank.
	breaks, hasBreak, wasBlank := 0, false, false
	for r.end < len(r.text) {
		begin := r.end + 1
		first := begin
		for first < len(r.text) && r.text[first] == ' ' && (indent == 0 || first < begin+indent) {
			first++
		}
		end := len(r.text)
		if i := bytes.IndexByte(r.text[first:], '\n'); i >= 0 {
			end = first + i
		}
		if first == end {
			if indent == 0 && first > begin || end == len(r.text) && begin < end { // blanks that may count
				r.giveUp()
				return
			}
			if r.end, r.number = end, r.number+1; end < len(r.text) {
				breaks++
			}
			continue
		}
		if indent == 0 {
			indent = first - begin
		}
		if first-begin < indent || indent <= in {
			break
		}
		isBlank := r.text[first] == ' '
		switch {
		case !hasBreak:
		case n.Style == yaml.LiteralStyle || wasBlank || isBlank:
			value = append(value, '\n')
		case breaks == 0:
			value = append(value, ' ')
		}
		for ; breaks > 0; breaks-- {
			value = append(value, '\n')
		}
		value = append(value, r.text[first:end]...)
		hasBreak, wasBlank = end < len(r.text), isBlank
		r.end, r.number = end, r.number+1
	}
	if indent <= in || indent == 0 {
		r.giveUp()
		return
	}
	if hasBreak && chomping != '-' {
		value = append(value, '\n')
	}
	if chomping == '+' {
		for ; breaks > 0; breaks-- {
			value = append(value, '\n')
		}
	}
	n.Value, r.value = r.into.shared(value), value
	r.nextLine()
}
