// Package edit changes the texts that kustomize gets, and keeps track of their
// lines: what kustomize has read is located by its line.
package edit

import "bytes"

// FirstLine is where the first text starts. Kustomize writes and reads anew what a
// JSON 6902 patch has changed; lines below this are of such text.
const FirstLine = 1024

// maxDocument is how many lines a document may have that keeps its own: they are
// below FirstLine.
const maxDocument = FirstLine / 2

// Pad moves a text down by start lines, with blank lines before each document:
// line l of the text becomes line start+l of what kustomize reads. Kustomize
// splits a text at each line that starts with --- and counts each document's
// lines from 1. left is how many blank lines there may be: what many documents
// take grows with the square of their number. Documents beyond that keep their
// own lines, and their objects are found by name. ok is false if that cannot be:
// a document is longer than the lines below FirstLine.
func Pad(data []byte, start int, left *int) (padded []byte, ok bool) {
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
	for i, at := range starts {
		end, lines := len(data), bytes.Count(data[at.offset:], []byte("\n"))
		if i+1 < len(starts) {
			end, lines = starts[i+1].offset, starts[i+1].line-at.line
		}
		doc := data[at.offset:end]
		n := start
		if eol := bytes.IndexByte(doc, '\n'); at.marker && eol >= 0 {
			out.Write(doc[:eol+1])
			doc = doc[eol+1:]
			if at.line > 1 { // at the first line it is no separator for kustomize: it counts
				n += at.line
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
