package helm

import (
	"reflect"
	"sort"
	"strings"
	"sync"
)

// source is a text that output can come from: a template, a file of the chart,
// or a string that was given to tpl.
type source struct {
	file   string // as reports call it; empty for a string given to tpl
	text   string
	owner  string  // full path of the chart that it belongs to: web/charts/redis
	origin *origin // of a string given to tpl; may be nil
	lines  sync.Once
	starts []int // offsets of the lines, made at the first question
}

func (s *source) findLines() { s.lines.Do(func() { s.starts = lineStarts(s.text) }) }

// line is the line of an offset, from 1, and the offset at which it starts.
func (s *source) line(pos int) (n, start int) {
	s.findLines()
	n = sort.SearchInts(s.starts, pos+1)
	return n, s.starts[n-1]
}

// lineText is a line without its ending.
func (s *source) lineText(n int) string {
	s.findLines()
	return lineOf(s.text, s.starts, n)
}

func lineStarts(text string) []int {
	starts := []int{0}
	for i := 0; ; {
		j := strings.IndexByte(text[i:], '\n')
		if j < 0 {
			return starts
		}
		i += j + 1
		starts = append(starts, i)
	}
}

func lineOf(text string, starts []int, n int) string {
	if n < 1 || n > len(starts) {
		return ""
	}
	end := len(text)
	if n < len(starts) {
		end = starts[n] - 1
	}
	return strings.TrimSuffix(text[starts[n-1]:end], "\r")
}

// call is a template that was entered, and from where.
type call struct {
	name string // of the template entered
	src  *source
	pos  int           // of the include or template keyword in src; src is nil if not known
	raw  bool          // what it prints is printed as it is: it is no argument of a function
	data reflect.Value // what the template was given
	// within is the block around the call, in a template that was given outer.
	within *within
	outer  reflect.Value
	up     *call
}

// pieceKind says how a piece came to be.
type pieceKind uint8

const (
	filler   pieceKind = iota // made by a function: indentation, quotes
	literal                   // the bytes of src at pos
	printed                   // what the action at pos printed
	shut                      // nothing: an if or with at pos left its block out
	decision                  // nothing: keys[0] decided what is printed from here on
)

// piece is a part of a text, with the place that it came from.
type piece struct {
	start, end int // bytes of the text; equal for shut and decision
	kind       pieceKind
	src        *source // nil: not known yet; who prints the text fills it in
	pos        int
	call       *call
	// keys are the values that the piece was made of.
	keys []*key
	// offset is where the piece begins in the value of its only key.
	offset int
	// whole is set if the piece is the value of keys[0] itself, or that key.
	whole bool
	// branch is what was left out, if shut.
	branch *branch
	// chosen is set if a function chose the value among others: with another value
	// it may choose differently.
	chosen bool
	// within is the block around, in a template that was given data.
	within *within
	data   reflect.Value
	// constants are the texts with which a decision compares its key.
	constants []string
}

// printsNothing reports whether a piece has no text.
func (p *piece) printsNothing() bool { return p.kind == shut || p.kind == decision }

// printedRaw reports whether a piece was printed by template calls alone, in which
// text keeps its columns.
func (p *piece) printedRaw() bool {
	for c := p.call; c != nil; c = c.up {
		if !c.raw {
			return false
		}
	}
	return true
}

// traced is a text in pieces. They are in order and do not overlap.
type traced struct {
	text   string
	pieces []piece
}

// builder puts a traced text together.
type builder struct {
	text   strings.Builder
	pieces []piece
}

func (b *builder) done() *traced { return &traced{text: b.text.String(), pieces: b.pieces} }

func (b *builder) add(s string, p piece) {
	if s == "" && !p.printsNothing() {
		return
	}
	p.start = b.text.Len()
	b.text.WriteString(s)
	p.end = b.text.Len()
	b.pieces = append(b.pieces, p)
}

// put appends a traced text. What has no place yet gets that of p.
func (b *builder) put(t *traced, p piece) {
	d := b.text.Len()
	b.text.WriteString(t.text)
	for _, q := range t.pieces {
		q.start += d
		q.end += d
		if q.src == nil {
			q.src, q.pos, q.call, q.within, q.data = p.src, p.pos, p.call, p.within, p.data
			q.chosen = q.chosen || p.chosen
			if q.kind == literal {
				q.kind = printed
			}
		}
		b.pieces = append(b.pieces, q)
	}
}

// find is the index of the first piece that ends after an offset.
func (t *traced) find(off int) int {
	return sort.Search(len(t.pieces), func(i int) bool { return t.pieces[i].end > off })
}

// slice is the text from a to b. A part of a value is no longer whole.
func (t *traced) slice(a, b int) *traced {
	b = min(b, len(t.text))
	a = min(a, b)
	out := &traced{text: t.text[a:b]}
	i := t.find(a)
	for i > 0 && t.pieces[i-1].printsNothing() && t.pieces[i-1].start >= a {
		i--
	}
	for ; i < len(t.pieces); i++ {
		p := t.pieces[i]
		if p.start >= b && (!p.printsNothing() || p.start > b) {
			break
		}
		if p.start < a {
			if p.kind == literal {
				p.pos += a - p.start
			}
			p.whole = p.whole && isBlank(t.text[p.start:a])
			p.offset += a - p.start
			p.start = a
		}
		if p.end > b {
			p.whole = p.whole && isBlank(t.text[b:p.end])
			p.end = b
		}
		p.start -= a
		p.end -= a
		out.pieces = append(out.pieces, p)
	}
	return out
}

func isBlank(s string) bool { return strings.TrimSpace(s) == "" }

// keys lists those that any piece was made of.
func (t *traced) keys() []*key {
	var l []*key
	for _, p := range t.pieces {
		l = addKeys(l, p.keys)
	}
	return l
}

// maxKeys bounds how many keys one text remembers.
const maxKeys = 16

func addKeys(l, more []*key) []*key {
next:
	for _, k := range more {
		if len(l) >= maxKeys {
			break
		}
		for _, have := range l {
			if have == k || have.equal(k) {
				continue next
			}
		}
		l = append(l, k)
	}
	return l
}

// without is the text with every occurrence of a word taken out. What printed it
// stays, as a piece that printed nothing.
func (t *traced) without(word string) *traced {
	if !strings.Contains(t.text, word) {
		return t
	}
	var b builder
	at := 0
	for at < len(t.text) {
		i := strings.Index(t.text[at:], word)
		if i < 0 {
			break
		}
		b.put(t.slice(at, at+i), piece{})
		if j := t.find(at + i); j < len(t.pieces) && t.pieces[j].kind == printed {
			gone := t.pieces[j]
			gone.kind = shut
			b.add("", gone)
		}
		at += i + len(word)
	}
	b.put(t.slice(at, len(t.text)), piece{})
	return b.done()
}
