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

// pad moves the text of a source, as kustomize gets it, to its lines. Kustomize splits a text at each
// line that starts with --- and counts each document's lines from 1.
func (r lineRange) pad(data []byte) []byte {
	var out bytes.Buffer
	bom := []byte("\xef\xbb\xbf")
	if bytes.HasPrefix(data, bom) {
		out.Write(bom)
		data = data[len(bom):]
	}
	separator := []byte("---")
	if !bytes.HasPrefix(data, separator) {
		blankLines(&out, r.start)
	}
	for line := 1; len(data) > 0; line++ {
		end := len(data)
		if i := bytes.IndexByte(data, '\n'); i >= 0 {
			end = i + 1
		}
		out.Write(data[:end])
		if bytes.HasPrefix(data, separator) && data[end-1] == '\n' {
			if line == 1 {
				blankLines(&out, r.start) // no separator for kustomize: the line itself counts
			} else {
				blankLines(&out, r.start+line)
			}
		}
		data = data[end:]
	}
	return out.Bytes()
}

func blankLines(out *bytes.Buffer, n int) {
	const chunk = "\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n"
	out.Grow(n)
	for ; n >= len(chunk); n -= len(chunk) {
		out.WriteString(chunk)
	}
	out.WriteString(chunk[:n])
}
