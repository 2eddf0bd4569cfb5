package kustomize

import (
	"bytes"
	"slices"
)

// A node that kustomize has read keeps the number of its line through merges,
// but not the name of its file. So each text that kustomize reads as objects is
// given lines of its own: blank lines before each document move it there.
// A node's line then tells its text and its line in it.

// firstLine is where the first text starts. Kustomize writes and reads anew
// what a JSON 6902 patch has changed; lines below this are of such text.
const firstLine = 1024

// lineRange is the lines that a source owns: line l of the source is start+l.
type lineRange struct {
	start, count int
	source       *source
}

// lineRanges are in order of their starts.
type lineRanges struct {
	ranges []lineRange
	next   int
}

// add gives a source lines of its own.
func (r *lineRanges) add(s *source) lineRange {
	start := max(r.next, firstLine)
	own := lineRange{start: start, count: bytes.Count(s.data, []byte("\n")) + 1, source: s}
	r.ranges = append(r.ranges, own)
	r.next = start + own.count + 1
	return own
}

// find tells which line of which source a node's line is. Nil: of none.
func (r *lineRanges) find(line int) (*source, int) {
	i, found := slices.BinarySearchFunc(r.ranges, line, func(r lineRange, line int) int { return r.start - line })
	if !found {
		i--
	}
	if i < 0 {
		return nil, 0
	}
	own := r.ranges[i]
	if l := line - own.start; l >= 1 && l <= own.count {
		return own.source, l
	}
	return nil, 0
}

// maxDocument is how many lines a document may have that keeps its own: they are
// below firstLine.
const maxDocument = firstLine / 2

// pad moves the text of a source, as kustomize gets it, to its lines. Kustomize
// splits a text at each line that starts with --- and counts each document's
// lines from 1. left is how many blank lines there may be: what many documents
// take grows with the square of their number. Documents beyond that keep their
// own lines, and their objects are found by name. ok is false if that cannot be.
func (r lineRange) pad(data []byte, left *int) (padded []byte, ok bool) {
	var out bytes.Buffer
	bom := []byte("\xef\xbb\xbf")
	if bytes.HasPrefix(data, bom) {
		out.Write(bom)
		data = data[len(bom):]
	}
	blank := func(n, lines int) bool {
		switch {
		case n <= *left:
			*left -= n
			blankLines(&out, n)
		case lines > maxDocument:
			return false
		}
		return true
	}
	starts := documentStarts(data)
	for i, start := range starts {
		end, lines := len(data), bytes.Count(data[start.offset:], []byte("\n"))
		if i+1 < len(starts) {
			end, lines = starts[i+1].offset, starts[i+1].line-start.line
		}
		doc := data[start.offset:end]
		n := r.start
		if eol := bytes.IndexByte(doc, '\n'); start.marker && eol >= 0 {
			out.Write(doc[:eol+1])
			doc = doc[eol+1:]
			if start.line > 1 { // at the first line it is no separator for kustomize: it counts
				n += start.line
			}
		}
		if len(bytes.TrimSpace(doc)) > 0 && !blank(n, lines) {
			return nil, false
		}
		out.Write(doc)
	}
	return out.Bytes(), true
}

// documentStart is where kustomize begins a document.
type documentStart struct {
	offset, line int
	marker       bool // the line starts with ---
}

func documentStarts(data []byte) []documentStart {
	var l []documentStart
	separator := []byte("---")
	if !bytes.HasPrefix(data, separator) {
		l = append(l, documentStart{0, 1, false})
	}
	line := 1
	for at := 0; at < len(data); line++ {
		if bytes.HasPrefix(data[at:], separator) {
			l = append(l, documentStart{at, line, true})
		}
		i := bytes.IndexByte(data[at:], '\n')
		if i < 0 {
			break
		}
		at += i + 1
	}
	return l
}

func blankLines(out *bytes.Buffer, n int) {
	const chunk = "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n"
	out.Grow(n)
	for ; n >= len(chunk); n -= len(chunk) {
		out.WriteString(chunk)
	}
	out.WriteString(chunk[:n])
}
