package source

import (
	"bytes"
	"iter"
	"slices"

	"github.com/kubevet/kubevet/render/kustomize/edit"
)

// A node that kustomize has read keeps the number of its line through merges,
// but not the name of its file. So each text that kustomize reads as objects is
// given lines of its own: blank lines before each document move it there.
// So a node's line says which text it is of, and which line of it.

// LineRange is the lines that a source owns: line l of the source is start+l.
type LineRange struct {
	Start, count int
	source       *Source
}

// LineRanges are in order of their starts.
type LineRanges struct {
	ranges []LineRange
	next   int
}

// Add gives a source lines of its own.
func (r *LineRanges) Add(s *Source) LineRange {
	start := max(r.next, edit.FirstLine)
	own := LineRange{Start: start, count: bytes.Count(s.Data, []byte("\n")) + 1, source: s}
	r.ranges = append(r.ranges, own)
	r.next = start + own.count + 1
	return own
}

// Sources lists those that have lines, in their order.
func (r *LineRanges) Sources() iter.Seq[*Source] {
	return func(yield func(*Source) bool) {
		for _, own := range r.ranges {
			if !yield(own.source) {
				return
			}
		}
	}
}

// Find is the source that a node's line is of, and the line in it; nil if none.
func (r *LineRanges) Find(line int) (*Source, int) {
	i, found := slices.BinarySearchFunc(r.ranges, line, func(r LineRange, line int) int { return r.Start - line })
	if !found {
		i--
	}
	if i < 0 {
		return nil, 0
	}
	own := r.ranges[i]
	if l := line - own.Start; l >= 1 && l <= own.count {
		return own.source, l
	}
	return nil, 0
}
