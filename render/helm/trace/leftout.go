package trace

import (
	"reflect"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// leftOut is a block that a frame did not enter: the record of the first test of its condition. Those of the
// others follow.
type leftOut struct {
	frame *Frame
	first int
}

// maxTimes limits how often a block counts that was not entered several times, as in a range.
const maxTimes = 16

func (r *Ran) leaveOut(l leftOut) {
	b := l.of()
	if r.times[b]++; r.times[b] <= maxTimes {
		r.leftOut = append(r.leftOut, l)
	}
}

// Disabled are the blocks of an if or with that were not entered, in order, for which is holds: those of the template, and
// of the helpers that it ran, whatever became of what these printed.
func (r *Ran) Disabled(is func(*Block) bool) (l []*DisabledBlock) {
	known := make(map[*Block]bool, len(r.times))
	for _, left := range r.leftOut {
		b := left.of()
		holds, has := known[b]
		if !has {
			holds = is(b)
			known[b] = holds
		}
		if holds {
			l = append(l, left.block())
		}
	}
	return l
}

// of is the block.
func (l leftOut) of() *Block { return l.frame.Records[l.first].Site.Block }

// block is the block with the keys that its condition tests.
func (l leftOut) block() *DisabledBlock {
	f, b := l.frame, l.of()
	d := &DisabledBlock{b, make([]*Key, len(b.Tests)), f.Records[l.first].silent}
	for i, test := range b.Tests {
		if at := l.first + i; at < len(f.Records) && f.Records[at].Disabled && f.Records[at].Site.Block == b {
			d.keys[i] = f.keyOfTest(&f.Records[at], test)
		}
	}
	return d
}

// Inner are the blocks that an include did not enter, whose output the condition of a block tests: the include printed nothing.
func (d *DisabledBlock) Inner() []*DisabledBlock { return d.tested.leftOut(nil, 0) }

// maxSilent limits how many includes within each other are looked at that printed nothing.
const maxSilent = 8

// leftOut adds the blocks that a frame did not enter, and includes in it that printed nothing.
func (f *Frame) leftOut(l []*DisabledBlock, depth int) []*DisabledBlock {
	if f == nil || depth == maxSilent {
		return l
	}
	for i := range f.Records {
		r := &f.Records[i]
		if len(l) >= maxTimes {
			break
		}
		if r.Disabled && r.Site.test == 0 {
			l = append(l, leftOut{f, i}.block())
		}
		if !r.Disabled || r.Site.test == 0 {
			l = r.silent.leftOut(l, depth+1)
		}
	}
	return l
}

// blocksAmong are the blocks that were not entered of the templates that printed the keys of a mapping of the text, from its first key to
// the end of its last value. A block may be for a mapping further in.
func (t *Traced) blocksAmong(n *yaml.Node, lines *Lines) (blocks []Piece) {
	if len(n.Content) == 0 {
		return nil
	}
	calls := map[*call]bool{}
	for i := 0; i < len(n.Content); i += 2 {
		from, _ := lines.Span(n.Content[i])
		if j := t.Find(from); j < len(t.Pieces) && t.Pieces[j].Kind == Literal {
			calls[t.Pieces[j].Call] = true
		}
	}
	from, _ := lines.Span(n.Content[0])
	end := t.endOf(n, lines)
	for i := t.Find(from); i < len(t.Pieces) && t.Pieces[i].Start <= end && len(blocks) < maxTimes*maxTimes; i++ {
		if p := t.Pieces[i]; p.Kind == Disabled && p.Block != nil && calls[p.Call] {
			blocks = append(blocks, p)
		}
	}
	return blocks
}

// endOf is where the lines of a mapping of the text end, after which a line begins further to the left.
func (t *Traced) endOf(n *yaml.Node, lines *Lines) int {
	for l := n.Line + 1; l <= len(lines.Starts); l++ {
		line := lines.Line(l)
		content := strings.TrimLeft(line, " ")
		if content != "" && !strings.HasPrefix(content, "#") && len(line)-len(content) < n.Column-1 {
			return lines.Starts[l-1] - 1
		}
	}
	return len(t.Text)
}

// blocks places the blocks that were not entered among the entries of a map, before it was parsed: behind its entries, which are in
// the order of their names.
func (m *matcher) blocks(n *yaml.Node, v reflect.Value) {
	v = under(v)
	if !v.IsValid() || v.Kind() != reflect.Map || len(n.Content) == 0 {
		return
	}
	entries := m.IDs.entries[v.Pointer()]
	if entries == nil {
		return
	}
	_, end := m.lines.Span(n.Content[0])
	m.gap(end)
	for _, p := range entries().blocks {
		p.IsSorted = true
		m.out.add("", p)
	}
}

// keyOfTest is the key that a test tests, which has a record. Nil if it is not known.
func (f *Frame) keyOfTest(r *record, test *Condition) *Key {
	passed, ok := f.Passes(test.Through)
	o := test.Operand
	if !ok || len(passed.Fields) > 0 && o.Variable != "" && o.Variable != "$" && len(o.Fields) == 0 {
		return nil
	}
	o.Fields = Join(o.Fields, passed.Fields...)
	k := r.keyOf(f.IDs, o)
	if k != nil && passed.Otherwise != "" { // a test of the value says nothing of what is printed in its place
		if v, _ := ValueAt(f.IDs.Snapshot, k.Steps()); v == nil || v == "" {
			return nil
		}
	}
	return k
}

// Texts are the sources of the templates of a chart and its subcharts, by their names.
type Texts struct {
	of map[string]string
	// calls are the templates that a source names.
	calls map[string][]string
}

// NewTexts reads the sources of templates. Of several with one name, the last one counts, as it does when they are executed.
func NewTexts(all []*Compiled) *Texts {
	t := &Texts{map[string]string{}, map[string][]string{}}
	for _, c := range all {
		in := instrumenter{Compiled: c}
		for name, tree := range c.plain() {
			if name != c.Name && tree != nil && tree.Root != nil {
				t.of[name] = withoutComments(in.blockText(tree.Root))
			}
		}
	}
	for name, text := range t.of {
		t.calls[name] = callsIn(text)
	}
	return t
}

var comment = regexp.MustCompile(`(?s)\{\{-?\s*/\*.*?\*/\s*-?\}\}`)

func withoutComments(text string) string { return comment.ReplaceAllString(text, "") }

// callName is the name of a template that an action calls.
var callName = regexp.MustCompile(`\b(?:include|template)\s+"([^"]+)"`)

// callsIn lists the templates that a text calls by name.
func callsIn(text string) (l []string) {
	for _, m := range callName.FindAllStringSubmatch(text, -1) {
		l = append(l, m[1])
	}
	return l
}

// With are the texts that have a word, or call a template that has it.
func (t *Texts) With(word string) *TextsWith {
	w := &TextsWith{Texts: t, word: word, has: map[string]bool{}, left: maxText}
	callers := map[string][]string{}
	var open []string
	for _, name := range SortedKeys(t.of) {
		for _, called := range t.calls[name] {
			callers[called] = append(callers[called], name)
		}
		if strings.Contains(t.of[name], word) {
			w.has[name] = true
			open = append(open, name)
		}
	}
	for len(open) > 0 {
		name := open[len(open)-1]
		open = open[:len(open)-1]
		for _, caller := range callers[name] {
			if !w.has[caller] {
				w.has[caller] = true
				open = append(open, caller)
			}
		}
	}
	return w
}

// TextsWith are the templates of a chart that have a word, or call one that has it.
type TextsWith struct {
	*Texts
	word string
	has  map[string]bool
	left int // how much text may still be written
}

// Has reports whether a text has the word, or calls a template that has it.
func (w *TextsWith) Has(text string) bool {
	if strings.Contains(text, w.word) {
		return true
	}
	if len(w.has) == 0 {
		return false
	}
	for _, m := range callName.FindAllStringSubmatch(text, -1) {
		if w.has[m[1]] {
			return true
		}
	}
	return false
}

// Limits of texts with those of the templates that they call.
const (
	maxTextDepth = 16
	maxText      = 4 << 20
	// callCost is what a call counts beside the text.
	callCost = 64
)

// Whole is a text in which the text of a template that has the word is in place of the action that calls it. If the action
// begins a block, the text is after it. What is too much for all texts together is left out.
func (w *TextsWith) Whole(text string) string {
	var b strings.Builder
	w.write(&b, withoutComments(text), nil)
	return b.String()
}

func (w *TextsWith) write(b *strings.Builder, text string, within []string) {
	if w.left -= len(text) + callCost; w.left < 0 || len(within) >= maxTextDepth {
		return
	}
	done := 0
	for from := strings.Index(text, "{{"); from >= 0; {
		_, to := ActionSpan(text, from+len("{{"))
		if l := w.called(text[from:to], within); len(l) > 0 {
			b.WriteString(text[done:from])
			if beginsBlock.MatchString(text[from:to]) {
				b.WriteString(text[from:to])
			}
			for _, name := range l {
				w.write(b, w.of[name], append(slices.Clip(within), name))
			}
			done = to
		}
		next := strings.Index(text[to:], "{{")
		if next < 0 {
			break
		}
		from = to + next
	}
	b.WriteString(text[done:])
}

// beginsBlock is an action that is not only what it prints.
var beginsBlock = regexp.MustCompile(`^\{\{-?\s*(?:if|with|range|else|end|define|block)\b`)

// called are the templates with the word that an action calls, but those within which it is.
func (w *TextsWith) called(action string, within []string) (l []string) {
	for _, name := range callsIn(action) {
		if w.has[name] && !slices.Contains(within, name) && !slices.Contains(l, name) {
			l = append(l, name)
		}
	}
	return l
}
