package trace

import (
	"reflect"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
)

// Source is a text that output can come from: a template, a file of the chart, or a
// string passed to tpl.
type Source struct {
	File   string // as reports print it; empty for a string passed to tpl
	Text   string
	Owner  string  // full path of the chart that the source belongs to: web/charts/redis
	origin *origin // of a string passed to tpl; may be nil
	once   sync.Once
	lines  *Lines // made when first needed
}

// Lines are the lines of the text. It is safe for concurrent use.
func (s *Source) Lines() *Lines {
	s.once.Do(func() { s.lines = LinesOf(s.Text) })
	return s.lines
}

// Line is the number of the line that contains an offset, counted from 1, and the offset
// at which the line starts.
func (s *Source) Line(pos int) (n, start int) {
	starts := s.Lines().Starts
	n = sort.SearchInts(starts, pos+1)
	return n, starts[n-1]
}

// call is a call of a template: which one was entered, and from where.
type call struct {
	name string // of the template entered
	src  *Source
	pos  int           // of the include or template keyword in src; src is nil if not known
	raw  bool          // its output is printed unchanged, not passed to a function
	data reflect.Value // the template's data
	// absent is the key of the template's data, if that is a value which is null or not there. It is nil otherwise, and if that is not known.
	absent *Key
	// chosen is whether the data was chosen among several values.
	chosen Choice
	// Within is the block around the call, in a template whose data is Outer.
	Within *Within
	Outer  reflect.Value
	Up     *call
}

// pieceKind is the way in which a piece was made.
type pieceKind uint8

// The kinds of pieces.
const (
	Filler   pieceKind = iota // made by a function: indentation, quotes
	Literal                   // the bytes of src at pos
	Printed                   // printed by the action at pos
	Disabled                  // no text: the block of an if or with at pos was not entered
	Decision                  // no text: keys[0] decided what is printed from here on
)

// Piece is a part of a text, with the place that it came from.
type Piece struct {
	Start, End int // bytes of the text; equal for Disabled and Decision
	Kind       pieceKind
	Src        *Source // nil if not known yet; the code that prints the text sets it
	Pos        int
	Call       *call
	// Keys are the values that the piece was made from.
	Keys []*Key
	// Offset is the position in the value of the only key at which the piece starts.
	Offset int
	// Whole is set if the piece is the value of keys[0] itself, or that key.
	Whole bool
	// Block is the block that was not entered, if Kind is Disabled. It is nil for an
	// action that printed nothing.
	Block *DisabledBlock
	// IsSorted says that the block was among the entries of a map that was then parsed and printed, with its names in order: the piece
	// is behind the map's entries.
	IsSorted bool
	// silent is how many of the includes around a piece without text printed nothing at all.
	silent int
	// Chosen is whether a function chose the value among others: with another value, the
	// choice may be different.
	Chosen Choice
	// Within is the block around the piece, in a template whose data is Data.
	Within *Within
	Data   reflect.Value
	// Of is the value that has the part of the text which tpl executed that printed the piece. It is nil if there is none.
	Of *Key
	// Constants are the texts with which a decision compares the key's value.
	Constants []string
}

// DisabledBlock is a block that was not entered.
type DisabledBlock struct {
	*Block
	keys []*Key // of the tests; nil where it is not known
	// tested is the include that printed nothing, whose output the condition tests. It is nil if there is none.
	tested *Frame
}

// Key is the key of the value that a test of the block's condition tests. Nil if it is not
// known.
func (d *DisabledBlock) Key(test *Condition) *Key {
	if i := slices.Index(d.Tests, test); i >= 0 {
		return d.keys[i]
	}
	return nil
}

// IsDot reports whether dot is the operand of a test in the block of a with, or of an if
// that tests dot, once the test no longer prevents the block.
func (b *Block) IsDot(test *Condition) bool {
	if b.With {
		return b.returns(test)
	}
	return test.Kind == TruthTest && test.Want && test.Operand.Variable == "" && len(test.Operand.Fields) == 0
}

// returns reports whether a pipeline returns the operand of a test, once the test no
// longer prevents the pipeline from being true. An and returns its last operand.
func (c *Condition) returns(test *Condition) bool {
	switch c.Kind {
	case TruthTest:
		return c == test && c.Want
	case AllOf:
		return len(c.Parts) > 0 && c.Parts[len(c.Parts)-1].returns(test)
	case AnyOf:
		return slices.ContainsFunc(c.Parts, func(p *Condition) bool { return p.returns(test) })
	default:
		return false
	}
}

// givenChoice reports whether an outer template was passed a value that was chosen among
// others.
func (c *call) givenChoice() (is Choice) {
	for ; c != nil; c = c.Up {
		is = max(is, c.chosen)
	}
	return is
}

// PrintsNothing reports whether a piece has no text.
func (p *Piece) PrintsNothing() bool { return p.Kind == Disabled || p.Kind == Decision }

// Indentation is how many columns the calls that led to a piece move its lines to the right. ok is
// false if it is not known.
func (p *Piece) Indentation() (columns int, ok bool) {
	for c := p.Call; c != nil; c = c.Up {
		switch {
		case c.raw:
		case c.src == nil:
			return 0, false
		default:
			from, to := ActionSpan(c.src.Text, c.pos)
			action := c.src.Text[from:to]
			if alone.MatchString(action) {
				continue
			}
			m := indented.FindStringSubmatch(action)
			if m == nil {
				return 0, false
			}
			n, err := strconv.Atoi(m[1])
			if err != nil {
				return 0, false
			}
			columns += n
		}
	}
	return columns, true
}

// OnOwnLine reports whether what a block that was not entered prints first begins a line: an include printed nothing, and a line break comes before what
// it prints.
func (p *Piece) OnOwnLine() bool {
	c := p.Call
	for range p.silent {
		if c == nil || c.src == nil || c.raw {
			return false
		}
		from, to := ActionSpan(c.src.Text, c.pos)
		if indented.MatchString(c.src.Text[from:to]) {
			return strings.Contains(c.src.Text[from:to], "nindent")
		}
		if !alone.MatchString(c.src.Text[from:to]) {
			return false
		}
		c = c.Up
	}
	return false
}

// wholeInclude is an include with its arguments, among which those in parentheses may be pipelines.
const wholeInclude = `include (?:"[^"]*"|[^|()"]|\((?:"[^"]*"|[^()"]|\((?:"[^"]*"|[^()"]|\((?:"[^"]*"|[^()"])*\))*\))*\))*`

// indented is an action whose include is indented, and nothing else.
var indented = regexp.MustCompile(`^\{\{-?\s*` + wholeInclude + `\|(?:\s*trim\s*\|)?\s*n?indent (\d+)\s*-?\}\}$`)

// alone is an action that is an include, whose lines stay where they are.
var alone = regexp.MustCompile(`^\{\{-?\s*` + wholeInclude + `\}\}$`)

// Traced is a text in pieces. The pieces are in order and do not overlap.
type Traced struct {
	Text   string
	Pieces []Piece
}

// builder puts a traced text together.
type builder struct {
	text   strings.Builder
	pieces []Piece
	// block is the index of the last piece for a block that was not entered: what its tests print comes after it.
	block int
}

func (b *builder) done() *Traced { return &Traced{Text: b.text.String(), Pieces: b.pieces} }

func (b *builder) add(s string, p Piece) {
	if s == "" && !p.PrintsNothing() {
		return
	}
	p.Start = b.text.Len()
	b.text.WriteString(s)
	p.End = b.text.Len()
	b.pieces = append(b.pieces, p)
}

// put appends a traced text. Pieces that have no place yet get the place of p.
func (b *builder) put(t *Traced, p Piece) {
	d := b.text.Len()
	b.text.WriteString(t.Text)
	b.pieces = slices.Grow(b.pieces, len(t.Pieces)) // once: they are large
	for _, q := range t.Pieces {
		q.Start += d
		q.End += d
		q.Chosen = max(q.Chosen, p.Chosen) // also if a helper was passed the chosen value
		if q.Of == nil {
			q.Of = p.Of
		}
		if q.Src == nil {
			q.Src, q.Pos, q.Call, q.Within, q.Data = p.Src, p.Pos, p.Call, p.Within, p.Data
			if q.Kind == Literal {
				q.Kind = Printed
			}
		}
		b.pieces = append(b.pieces, q)
	}
}

// isPlaced reports whether it is known where some of the text came from.
func (t *Traced) isPlaced() bool {
	return slices.ContainsFunc(t.Pieces, func(p Piece) bool { return p.Src != nil || len(p.Keys) > 0 })
}

// Find is the index of the first piece that ends after an offset.
func (t *Traced) Find(off int) int {
	return sort.Search(len(t.Pieces), func(i int) bool { return t.Pieces[i].End > off })
}

// slice is the text from a to b. A piece that is cut is no longer whole.
func (t *Traced) slice(a, b int) *Traced {
	b = min(b, len(t.Text))
	a = min(a, b)
	out := &Traced{Text: t.Text[a:b]}
	i := t.Find(a)
	for i > 0 && t.Pieces[i-1].PrintsNothing() && t.Pieces[i-1].Start >= a {
		i--
	}
	for ; i < len(t.Pieces); i++ {
		p := t.Pieces[i]
		if p.Start >= b && (!p.PrintsNothing() || p.Start > b) {
			break
		}
		if p.Start < a {
			if p.Kind == Literal {
				p.Pos += a - p.Start
			}
			p.Whole = p.Whole && IsBlank(t.Text[p.Start:a])
			p.Offset += a - p.Start
			p.Start = a
		}
		if p.End > b {
			p.Whole = p.Whole && IsBlank(t.Text[b:p.End])
			p.End = b
		}
		p.Start -= a
		p.End -= a
		out.Pieces = append(out.Pieces, p)
	}
	return out
}

// IsBlank reports whether a text has only white space.
func IsBlank(s string) bool { return strings.TrimSpace(s) == "" }

// Keys lists the keys that any piece was made from.
func (t *Traced) Keys() []*Key {
	var l []*Key
	for _, p := range t.Pieces {
		l = addKeys(l, p.Keys)
	}
	return l
}

// maxKeys limits how many keys one text remembers.
const maxKeys = 16

func addKeys(l, more []*Key) []*Key {
next:
	for _, k := range more {
		if len(l) >= maxKeys {
			break
		}
		for _, have := range l {
			if have == k || have.Equal(k) {
				continue next
			}
		}
		l = append(l, k)
	}
	return l
}

// Without is the text without any occurrence of a word. An action that printed only the
// word remains as a piece without text.
func (t *Traced) Without(word string) *Traced {
	if !strings.Contains(t.Text, word) {
		return t
	}
	var b builder
	at := 0
	for at < len(t.Text) {
		i := strings.Index(t.Text[at:], word)
		if i < 0 {
			break
		}
		b.put(t.slice(at, at+i), Piece{})
		if j := t.Find(at + i); j < len(t.Pieces) && t.Pieces[j].Kind == Printed {
			removed := t.Pieces[j]
			removed.Kind = Disabled
			b.add("", removed)
		}
		at += i + len(word)
	}
	b.put(t.slice(at, len(t.Text)), Piece{})
	return b.done()
}

// Spot is a template line on the way to a piece of the output.
type Spot struct {
	Src    *Source
	Pos    int
	Exact  bool   // the piece's own bytes are at this place
	Within string // the helper that contains the line; empty for the file itself
	Calls  string // the template that the line calls; empty if none
}

// Spots are the lines that led to a piece, starting with the innermost one.
func (p *Piece) Spots() []Spot {
	var l []Spot
	within := ""
	if p.Call != nil {
		within = p.Call.name
	}
	if p.Src != nil {
		l = append(l, Spot{Src: p.Src, Pos: p.Pos, Exact: p.Kind == Literal, Within: within})
	}
	for c := p.Call; c != nil; c = c.Up {
		within = ""
		if c.Up != nil {
			within = c.Up.name
		}
		if c.src != nil && c.src.File != "" {
			l = append(l, Spot{Src: c.src, Pos: c.pos, Within: within, Calls: c.name})
		}
	}
	return l
}

// SameLine reports whether two spots are on the same line of the same file.
func (s Spot) SameLine(o Spot) bool {
	if s.Src != o.Src {
		return false
	}
	m, _ := s.Src.Line(s.Pos)
	n, _ := o.Src.Line(o.Pos)
	return m == n
}

// ActionSpan is the {{ … }} around an offset of a template.
func ActionSpan(text string, pos int) (from, to int) {
	pos = min(max(pos, 0), len(text))
	from = strings.LastIndex(text[:pos], "{{")
	if from < 0 {
		from = pos
	}
	for i := max(from, 0); i < len(text); i++ {
		switch c := text[i]; {
		case c == '"' || c == '`' || c == '\'':
			i = skipQuoted(text, i)
		case c == '}' && strings.HasPrefix(text[i:], "}}"):
			return from, i + 2
		}
	}
	return from, len(text)
}

// skipQuoted is the offset of the quote that closes the one at i.
func skipQuoted(text string, i int) int {
	q := text[i]
	for j := i + 1; j < len(text); j++ {
		switch {
		case text[j] == '\\' && q != '`':
			j++
		case text[j] == q:
			return j
		case text[j] == '\n' && q != '`':
			return i
		}
	}
	return i
}
