package edit

import (
	"bytes"
	"cmp"
	"slices"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/render/manifest"
)

// Clean takes out of a text what makes kustomize refuse all of it: documents that
// are broken, and the first of keys that are repeated. What stays keeps its lines.
// ok is false if a broken document shares a line with another one, or if blanks in
// place of a key do not do.
func Clean(data []byte, docs []manifest.Document) (text []byte, ok bool) {
	text, changed := data, false
	for i, d := range docs {
		switch {
		case d.Err != nil:
			from, end := extent(data, docs, i)
			if end <= from || i > 0 && docs[i-1].Line >= from {
				return nil, false
			}
			text, changed = blank(text, changed, point{from, 1}, point{end, 1}), true
		case len(d.Duplicates) > 0:
			for _, r := range repeated(d.Node, nil) {
				text, changed = blank(text, changed, r[0], r[1]), true
			}
		}
	}
	if !changed {
		return text, true
	}
	for _, d := range manifest.Documents(text) {
		if d.Err != nil || len(d.Duplicates) > 0 {
			return nil, false
		}
	}
	return text, true
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

// blank replaces a part of a text by spaces. Line breaks stay, and the marker of a
// document. The text is copied first unless it was before.
func blank(text []byte, copied bool, from, to point) []byte {
	if !copied {
		text = slices.Clone(text)
	}
	line, column := 1, 1
	for i := 0; i < len(text); {
		_, size := utf8.DecodeRune(text[i:])
		at := point{line, column}
		switch {
		case before(to, at) || at == to:
			return text
		case bytes.HasPrefix(text[i:], []byte("---")) && column == 1 && from.column == 1:
			size = 3
		case text[i] != '\n' && text[i] != '\r' && !before(at, from):
			for j := range size {
				text[i+j] = ' '
			}
		}
		column++
		if text[i] == '\n' {
			line, column = line+1, 1
		}
		i += size
	}
	return text
}

func before(a, b point) bool {
	return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.column, b.column)) < 0
}
