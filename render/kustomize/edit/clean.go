package edit

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/render/manifest"
)

// Clean takes out of a text what makes kustomize refuse all of it: documents that
// are broken, and all but one of keys that are repeated. The last one stays, or, in the
// objects of a patch, the first one, which kustomize merges. What stays keeps its lines.
// ok is false if a broken document shares a line with another one, or if blanks in
// place of a key do not do.
func Clean(data []byte, docs []manifest.Document, patch bool) (text []byte, ok bool) {
	var out [][2]point
	var lines [][]byte
	for i, d := range docs {
		switch {
		case d.Err != nil:
			from, end := extent(data, docs, i)
			if end <= from || i > 0 && docs[i-1].Line >= from {
				return nil, false
			}
			out = append(out, [2]point{{from, 1}, {end, 1}})
		case len(d.Duplicates) > 0 && patch && d.Node.Kind == yaml.MappingNode:
			if lines == nil {
				lines = bytes.Split(data, []byte("\n"))
			}
			out = later(d.Node, lines, out)
		case len(d.Duplicates) > 0:
			out = repeated(d.Node, out)
		}
	}
	if len(out) == 0 {
		return data, true
	}
	text = blank(data, out)
	cleaned := manifest.Documents(text)
	for i, d := range cleaned {
		if d.Err != nil || len(d.Duplicates) > 0 {
			return nil, false
		}
		if patch && len(cleaned) == len(docs) && len(docs[i].Duplicates) > 0 && docs[i].Node.Kind == yaml.MappingNode && !equal(d.Node, Firsts(docs[i].Node)) {
			return nil, false
		}
	}
	return text, true
}

// equal reports whether two nodes say the same.
func equal(a, b *yaml.Node) bool {
	return a != nil && a.Kind == b.Kind && a.Tag == b.Tag && a.Value == b.Value && slices.EqualFunc(a.Content, b.Content, equal)
}

// Firsts is a copy of a node in which mappings have only the first of the keys that they
// repeat.
func Firsts(n *yaml.Node) *yaml.Node {
	c := *n
	c.Content = make([]*yaml.Node, 0, len(n.Content))
	drop := laterKeys(n)
	for i, child := range n.Content {
		if n.Kind != yaml.MappingNode || !drop[i-i%2] {
			c.Content = append(c.Content, Firsts(child))
		}
	}
	return &c
}

// laterKeys are the places of keys that a mapping has before. It is nil if there are none.
func laterKeys(n *yaml.Node) map[int]bool {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	var later map[int]bool
	seen := make(map[string]bool, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		switch {
		case k.Kind != yaml.ScalarNode || k.Value == "<<":
		case !seen[k.Value]:
			seen[k.Value] = true
		case later == nil:
			later = map[int]bool{i: true}
		default:
			later[i] = true
		}
	}
	return later
}

// later lists what to take out of a document so that the first of repeated keys stays:
// each entry whose key was there before, up to the next key or the end of the mapping.
func later(n *yaml.Node, lines [][]byte, ranges [][2]point) [][2]point {
	drop := laterKeys(n)
	for i, c := range n.Content {
		switch {
		case n.Kind == yaml.MappingNode && drop[i-i%2]:
			if i%2 == 0 {
				ranges = append(ranges, [2]point{{c.Line, c.Column}, endOfEntry(n, i, lines)})
			}
		default:
			ranges = later(c, lines, ranges)
		}
	}
	return ranges
}

// endOfEntry is where the next entry of a mapping begins, or where the mapping ends.
func endOfEntry(m *yaml.Node, i int, lines [][]byte) point {
	k := m.Content[i]
	switch {
	case i+2 < len(m.Content):
		return point{m.Content[i+2].Line, m.Content[i+2].Column}
	case m.Style&yaml.FlowStyle != 0:
		return closing(k, lines)
	}
	for l := k.Line; l < len(lines); l++ { // the line after that of the key is the first one
		line := lines[l]
		text := bytes.TrimLeft(line, " ")
		indent := len(line) - len(text)
		text = bytes.TrimRight(text, " \t\r")
		if len(text) > 0 && text[0] != '#' && (indent < k.Column-1 || bytes.HasPrefix(line, []byte("---"))) {
			return point{l + 1, 1}
		}
	}
	return point{len(lines) + 1, 1}
}

// closing is the bracket that ends the mapping in brackets whose last key is given.
func closing(k *yaml.Node, lines [][]byte) point {
	in := brackets{last: ','}
	for l := k.Line; l <= len(lines); l++ {
		column := 0
		for _, r := range string(lines[l-1]) {
			if column++; l == k.Line && column < k.Column {
				continue
			}
			if in.read(r); in.depth < 0 {
				return point{l, column}
			}
		}
	}
	return point{k.Line, k.Column}
}

// brackets counts brackets that are not in quotes.
type brackets struct {
	depth, quote rune
	escaped      bool
	last         rune // but for blanks
}

func (b *brackets) read(r rune) {
	switch {
	case b.escaped:
		b.escaped = false
	case b.quote == '"' && r == '\\':
		b.escaped = true
	case b.quote != 0:
		if r == b.quote {
			b.quote = 0
		}
	case (r == '"' || r == '\'') && strings.ContainsRune(",:?[{", b.last): // not in a word
		b.quote = r
	case r == '{' || r == '[':
		b.depth++
	case r == '}' || r == ']':
		b.depth--
	}
	if !unicode.IsSpace(r) {
		b.last = r
	}
}

// extent is the first line of a broken document and the first one after it. The
// line of a broken document is that of its error.
func extent(data []byte, docs []manifest.Document, i int) (from, end int) {
	from, end = 1, bytes.Count(data, []byte("\n"))+2
	number := 0
	for line := range bytes.Lines(data) {
		number++
		if !bytes.HasPrefix(line, []byte("---")) {
			continue
		}
		if number > docs[i].Line {
			end = number
			break
		}
		from = number
	}
	if i > 0 && docs[i-1].Line >= from { // what follows a document without a marker
		from = docs[i].Line
	}
	if i+1 < len(docs) && docs[i+1].Err == nil {
		end = min(end, docs[i+1].Line)
	}
	return from, end
}

// point is a place of a text, both from 1, the column in characters.
type point struct{ line, column int }

// repeated lists what to take out of a document so that no key is repeated: each
// entry of a mapping whose key comes again, up to the next key.
func repeated(n *yaml.Node, ranges [][2]point) [][2]point {
	if n.Kind == yaml.MappingNode {
		last := map[string]int{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if k := n.Content[i]; k.Kind == yaml.ScalarNode && k.Value != "<<" {
				last[k.Value] = i
			}
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if k := n.Content[i]; k.Kind == yaml.ScalarNode && last[k.Value] > i {
				next := n.Content[i+2]
				ranges = append(ranges, [2]point{{k.Line, k.Column}, {next.Line, next.Column}})
			}
		}
	}
	for _, c := range n.Content {
		ranges = repeated(c, ranges)
	}
	return ranges
}

// blank is a copy of a text with spaces in place of some parts. Line breaks stay, and the
// marker of a document.
func blank(data []byte, parts [][2]point) []byte {
	slices.SortStableFunc(parts, func(a, b [2]point) int {
		return cmp.Or(cmp.Compare(a[0].line, b[0].line), cmp.Compare(a[0].column, b[0].column))
	})
	text := slices.Clone(data)
	at, end := point{1, 1}, point{}
	start := point{}
	for i := 0; i < len(text); {
		_, size := utf8.DecodeRune(text[i:])
		for len(parts) > 0 && !before(at, parts[0][0]) { // parts may be in each other
			if before(end, parts[0][1]) {
				start, end = parts[0][0], parts[0][1]
			}
			parts = parts[1:]
		}
		switch {
		case !before(at, end):
		case bytes.HasPrefix(text[i:], []byte("---")) && at.column == 1 && start.column == 1:
			size = 3
		case text[i] != '\n' && text[i] != '\r':
			for j := range size {
				text[i+j] = ' '
			}
		}
		at.column++
		if text[i] == '\n' {
			at = point{at.line + 1, 1}
		}
		i += size
	}
	return text
}

func before(a, b point) bool {
	return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.column, b.column)) < 0
}
