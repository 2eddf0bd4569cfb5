package helm

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/manifest"
)

// output is what one template rendered to. It is the Locator of its objects.
type output struct {
	*rendering
	task   task
	frame  *frame
	text   string
	starts []int
	traced *traced
	// documents are those of the text. Nil for notes.
	documents []manifest.Document
	// kinds are those of the objects that the template printed.
	kinds []string
}

// resolve puts the pieces together, once. The rendering's lock is held.
func (f *output) resolve() *traced {
	if f.traced == nil {
		f.traced = f.frame.pieces().without(noValue)
		f.starts = lineStarts(f.text)
	}
	return f.traced
}

// Locate tells where a value of one of the objects can be edited.
func (f *output) Locate(v lint.Value) lint.Origin {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, missing := v.Anchor()
	if n == nil || n.Line < 1 {
		return f.fileOrigin()
	}
	f.resolve()
	from, to := f.span(n)
	o := f.origin(from, to)
	if missing != "" || v.Node == nil {
		f.addMissing(&o, n, missing)
		if i := f.chosen(from, to); i >= 0 && !slices.ContainsFunc(o.Trail, func(s lint.Step) bool { return s.Kind == lint.StepValues }) {
			o.Trail = append(f.decidersAround(&f.traced.pieces[i]), o.Trail...)
		}
	} else {
		f.addKeys(&o, from, to)
	}
	return f.finish(o, n.Line)
}

// node locates a node of the output.
func (f *output) node(n *yaml.Node) lint.Origin {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.resolve()
	from, to := f.span(n)
	return f.finish(f.origin(from, to), n.Line)
}

// lineOrigin tells where a line of the output came from.
func (f *output) lineOrigin(line int) lint.Origin {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.resolve()
	if line < 1 || line > len(f.starts) {
		return f.fileOrigin()
	}
	text := lineOf(f.text, f.starts, line)
	from := f.starts[line-1] + len(text) - len(strings.TrimLeft(text, " \t"))
	to := f.starts[line-1] + len(text)
	if from >= to { // blank: where its line break came from
		from, to = f.starts[line-1], min(f.starts[line-1]+1, len(f.text))
	}
	o := f.origin(from, to)
	f.addKeys(&o, from, to)
	return f.finish(o, line)
}

func (f *output) fileOrigin() lint.Origin {
	return lint.Origin{Position: lint.Position{File: f.task.src.file}, Precision: lint.PrecisionFile}
}

// finish adds the last step of every trail.
func (f *output) finish(o lint.Origin, line int) lint.Origin {
	o.Trail = append(o.Trail, lint.Step{
		Kind:     lint.StepRendered,
		Position: lint.Position{File: f.task.src.file, Line: line},
		Label:    "rendered",
	})
	return o
}

// span is where a node stands in the output, quotes included. Of a sequence it is
// the rest of the line, and of a mapping its first key: what follows may come
// from elsewhere, as in - name: {{ include "fullname" . }}.
func (f *output) span(n *yaml.Node) (from, to int) {
	if n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle == 0 && len(n.Content) > 0 && n.Content[0].Line == n.Line && n.Content[0].Column == n.Column {
		n = n.Content[0]
	}
	from = columnOffset(f.text, f.starts, n.Line, n.Column)
	end := len(f.text)
	if n.Line < len(f.starts) {
		end = f.starts[n.Line] - 1
	}
	if n.Kind != yaml.ScalarNode || n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return from, max(end, from)
	}
	_, to = nodeSpan(f.text, f.starts, n)
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		to++
	}
	return from, max(min(to, len(f.text)), from)
}

// spot is a template line on the way to a piece of the output.
type spot struct {
	src    *source
	pos    int
	exact  bool   // the piece's own bytes stand there
	within string // the helper that the line is in; empty: the file itself
	calls  string // the template that the line calls; empty: none
}

// spots are the lines that led to a piece, the innermost first.
func (p *piece) spots() []spot {
	var l []spot
	within := ""
	if p.call != nil {
		within = p.call.name
	}
	if p.src != nil {
		l = append(l, spot{src: p.src, pos: p.pos, exact: p.kind == literal, within: within})
	}
	for c := p.call; c != nil; c = c.up {
		within = ""
		if c.up != nil {
			within = c.up.name
		}
		if c.src != nil && c.src.file != "" {
			l = append(l, spot{src: c.src, pos: c.pos, within: within, calls: c.name})
		}
	}
	return l
}

// primary is the index of the spot to edit: the innermost one in the linted
// chart's own files, else in those of the chart that the template belongs to.
func (f *output) primary(l []spot) int {
	for _, owner := range []string{f.home, f.task.src.owner} {
		for i, s := range l {
			if s.src.owner == owner {
				return i
			}
		}
	}
	return 0
}

// chosen is the index of the piece that stands for a part of the output: the
// first that an action printed, else the first that is not blank.
func (f *output) chosen(from, to int) int {
	best := -1
	for i := f.traced.find(from); i < len(f.traced.pieces) && f.traced.pieces[i].start < max(to, from+1); i++ {
		p := &f.traced.pieces[i]
		if p.printsNothing() || p.src == nil {
			continue
		}
		text := f.traced.text[max(p.start, from):min(p.end, max(to, from+1))]
		switch {
		case isBlankValue(text):
			if best < 0 {
				best = i
			}
			continue
		case p.kind == printed:
			return i
		case best < 0 || isBlankPiece(&f.traced.pieces[best], f.traced.text):
			best = i
		}
	}
	return best
}

func isBlankPiece(p *piece, text string) bool { return isBlankValue(text[p.start:p.end]) }

// isBlankValue tells quotes and blanks alone.
func isBlankValue(s string) bool { return strings.Trim(s, " \t\r\n\"'") == "" }

// origin is the place of a part of the output, with the calls that led there.
func (f *output) origin(from, to int) lint.Origin {
	i := f.chosen(from, to)
	if i < 0 {
		return f.fileOrigin()
	}
	p := &f.traced.pieces[i]
	l := p.spots()
	if p.kind == filler && strings.TrimSpace(f.traced.text[from:min(p.end, to)]) != "" {
		l = f.around(i, l)
	}
	if len(l) == 0 {
		return f.fileOrigin()
	}
	joint := f.joint(i, l, from, to)
	at := joint + f.primary(l[joint:])
	s := l[at]
	o := lint.Origin{Precision: lint.PrecisionExact}
	if at == 0 && s.exact {
		pos := s.pos + max(from-p.start, 0)
		end := pos + min(p.end, to) - max(p.start, from)
		if !strings.HasPrefix(s.src.text[min(pos, len(s.src.text)):], f.traced.text[max(p.start, from):min(p.end, to)]) {
			return f.fileOrigin()
		}
		o.Position, o.Text = position(s.src, pos, end)
	} else {
		start, end := actionSpan(s.src.text, s.pos)
		o.Position, o.Text = position(s.src, start, end)
		if !f.onlyPrints(i, len(l)-1-at, from, to) {
			o.Precision = lint.PrecisionBlock
		}
		f.widen(&o, i, s, from, to)
	}
	for j := at - 1; j >= 0; j-- { // from the helper that is called inward
		start, end := actionOrText(l[j])
		inner, _ := position(l[j].src, start, end)
		o.Trail = append(o.Trail, lint.Step{Kind: lint.StepTemplate, Position: inner, Label: l[j].within})
	}
	for _, s := range l[at+1:] {
		start, end := actionSpan(s.src.text, s.pos)
		outer, _ := position(s.src, start, end)
		o.Trail = append(o.Trail, lint.Step{Kind: lint.StepInclude, Position: outer, Label: s.calls})
	}
	return o
}

// joint is the index of the innermost spot of a piece in whose template all of a
// part of the output was put together: of an image whose registry comes from a
// helper of its own it is the one that has registry, repository and tag.
func (f *output) joint(i int, l []spot, from, to int) int {
	at := 0
	for j := f.traced.find(from); j < len(f.traced.pieces) && f.traced.pieces[j].start < to; j++ {
		p := &f.traced.pieces[j]
		if j == i || p.src == nil || p.printsNothing() || p.kind == filler || isBlankValue(f.traced.text[max(p.start, from):min(p.end, to)]) {
			continue
		}
		other := p.spots()
		shared := 0
		for shared < min(len(l), len(other)) && l[len(l)-1-shared].sameLine(other[len(other)-1-shared]) {
			shared++
		}
		if shared == 0 {
			continue
		}
		if next := len(l) - 1 - shared; next >= 0 && shared < len(other) {
			if a, b := l[next], other[len(other)-1-shared]; a.src == b.src && a.within == b.within {
				shared++ // another line of the same template
			}
		}
		at = max(at, len(l)-shared)
	}
	return at
}

func (s spot) sameLine(o spot) bool {
	if s.src != o.src {
		return false
	}
	m, _ := s.src.line(s.pos)
	n, _ := o.src.line(o.pos)
	return m == n
}

// around are the lines that led to what a function wrote between pieces that it
// was given: a key that toYaml writes anew stands beside values from elsewhere.
// Only the lines that its neighbours share are its own too.
func (f *output) around(i int, l []spot) []spot {
	if len(l) == 0 {
		return nil
	}
	j := i - 1
	for j >= 0 && (f.traced.pieces[j].kind == filler || f.traced.pieces[j].printsNothing()) {
		j--
	}
	shared := 1 // the action in the template itself printed all of it
	if j >= 0 {
		before := f.traced.pieces[j].spots()
		for shared < min(len(l), len(before)) {
			a, b := l[len(l)-1-shared], before[len(before)-1-shared]
			if a.src != b.src || a.pos != b.pos {
				break
			}
			shared++
		}
	}
	l = slices.Clone(l[len(l)-shared:])
	l[0].exact = false
	return l
}

func actionOrText(s spot) (from, to int) {
	if !s.exact {
		return actionSpan(s.src.text, s.pos)
	}
	to = s.pos
	for to < len(s.src.text) && s.src.text[to] != '\n' && !strings.HasPrefix(s.src.text[to:], "{{") {
		to++
	}
	return s.pos, to
}

// widen makes the columns cover all parts of a value that stand on one line of
// one template: "{{ .Values.image }}:{{ .Values.tag }}".
func (f *output) widen(o *lint.Origin, i int, s spot, from, to int) {
	depth := len(f.traced.pieces[i].spots())
	for j := f.traced.find(from); j < len(f.traced.pieces) && f.traced.pieces[j].start < to; j++ {
		l := f.traced.pieces[j].spots()
		if j == i || len(l) != depth || l[0].src != s.src || f.traced.pieces[j].kind == filler {
			continue
		}
		start, end := actionSpan(s.src.text, l[0].pos)
		if l[0].exact {
			p := f.traced.pieces[j]
			start = l[0].pos + max(from-p.start, 0)
			end = start + min(p.end, to) - max(p.start, from)
		}
		q, _ := position(s.src, start, end)
		if q.Line != o.Line {
			continue
		}
		o.Column = min(o.Column, q.Column)
		o.EndColumn = max(o.EndColumn, q.EndColumn)
	}
}

// onlyPrints reports whether what the line of a spot printed is just the part
// of the output from to to, give or take quotes. The spot is told by its
// distance from the outermost.
func (f *output) onlyPrints(i, fromOuter, from, to int) bool {
	same := func(j int) bool {
		l := f.traced.pieces[j].spots()
		k := len(l) - 1 - fromOuter
		mine := f.traced.pieces[i].spots()
		m := mine[len(mine)-1-fromOuter]
		return k >= 0 && l[k].src == m.src && l[k].pos == m.pos && !l[k].exact
	}
	first, last := i, i
	for first > 0 && same(first-1) {
		first--
	}
	for last+1 < len(f.traced.pieces) && same(last+1) {
		last++
	}
	start, end := f.traced.pieces[first].start, f.traced.pieces[last].end
	outside := f.traced.text[start:max(min(from, end), start)] + f.traced.text[min(max(to, start), end):end]
	return isBlankValue(outside)
}

// position is a part of a source on its first line, and that line.
func position(src *source, from, to int) (lint.Position, string) {
	from = min(from, len(src.text))
	n, start := src.line(from)
	text := src.lineText(n)
	p := lint.Position{File: src.file, Line: n}
	p.Column = utf8.RuneCountInString(src.text[start:from]) + 1
	end := min(to, start+len(text))
	if end > from {
		p.EndColumn = p.Column + utf8.RuneCountInString(src.text[from:end])
	}
	return p, text
}

// addKeys adds the values keys that supplied a part of the output.
func (f *output) addKeys(o *lint.Origin, from, to int) {
	var steps, decided []lint.Step
	first := f.traced.find(from)
	for i := f.firstAt(first, from); i < len(f.traced.pieces) && f.traced.pieces[i].start < to; i++ {
		p := &f.traced.pieces[i]
		if p.printsNothing() {
			if p.kind == decision || p.branch != nil && (i >= first || p.start == from) {
				decided = f.addDecision(decided, p)
			}
			continue
		}
		for _, k := range p.keys {
			text := ""
			if p.whole {
				text = f.traced.text[p.start:p.end]
			}
			if s, ok := f.keyStep(k, text, p.whole); ok {
				if len(p.keys) == 1 {
					s.Position = f.keys.lineWithin(f.keys.global(k.steps()), s.Position, p.offset)
				}
				s.Chosen = p.chosen
				steps = appendStep(steps, s)
			}
		}
	}
	if i := f.chosen(from, to); len(steps)+len(decided) == 0 && i >= 0 {
		decided = f.decidersAround(&f.traced.pieces[i])
	}
	o.Trail = slices.Concat(steps, decided, o.Trail)
}

// firstAt is the index of the first piece that starts at an offset, of those
// before a piece too that print nothing.
func (f *output) firstAt(i, from int) int {
	for i > 0 && f.traced.pieces[i-1].printsNothing() && f.traced.pieces[i-1].start >= from {
		i--
	}
	return i
}

// addDecision adds the key of a piece that prints nothing: the one that decided
// which other piece was printed.
func (f *output) addDecision(l []lint.Step, p *piece) []lint.Step {
	constants := p.constants
	if p.branch != nil && p.branch.set != "" && p.branch.set != "true" && p.branch.set != "false" {
		constants = []string{p.branch.set}
	}
	for _, k := range p.keys {
		l = f.addDecider(l, k, constants)
	}
	return l
}

// addDecider adds the step of a key on which it depends what is printed, with
// another value for it if one is known that may change that.
func (f *output) addDecider(l []lint.Step, k *key, constants []string) []lint.Step {
	if k.object() != valuesObject {
		return l
	}
	steps := f.keys.global(k.steps())
	v, ok := f.keys.at(steps)
	if !ok || len(steps) == 0 || isContainer(reflect.ValueOf(v)) {
		return l
	}
	at, ok := f.keys.find(steps, v, 0)
	if !ok {
		return l
	}
	s := lint.Step{Kind: lint.StepDecides, Position: at, Label: joinSteps(steps)}
	switch v := v.(type) {
	case bool:
		s.Set = strconv.FormatBool(!v)
	case string:
		for _, c := range constants {
			if c != v {
				s.Set = quotedIfNeeded(c)
			}
		}
	}
	return appendStep(l, s)
}

// quotedIfNeeded is a text as a YAML scalar.
func quotedIfNeeded(s string) string {
	var v any
	if yaml.Unmarshal([]byte(s), &v) == nil && v == s {
		return s
	}
	return strconv.Quote(s)
}

// decidersAround are the steps of the keys on which the innermost block around a piece of
// a template's own text depends. Blocks that hold whole objects do not count.
func (f *output) decidersAround(p *piece) (l []lint.Step) {
	l, done := f.deciders(p.within, p.data)
	for c := p.call; c != nil && !done && len(l) == 0; c = c.up {
		l, done = f.deciders(c.within, c.outer)
	}
	return l
}

// deciders are the keys of the innermost block that has any. Done: a block holds
// whole objects.
func (f *output) deciders(w *within, data reflect.Value) (l []lint.Step, done bool) {
	for ; w != nil && len(l) == 0; w = w.up {
		if kindLine.MatchString(w.text) || separator.MatchString(w.text) {
			return nil, true
		}
		for _, fields := range w.fields {
			if k := f.ids.unchanged(data, fields); k != nil {
				l = f.addDecider(l, k, w.constants)
			}
		}
	}
	return l, false
}

func appendStep(l []lint.Step, s lint.Step) []lint.Step {
	for _, have := range l {
		if have.Kind == s.Kind && have.Label == s.Label {
			return l
		}
	}
	return append(l, s)
}

// keyStep is the step of a values key, if the key holds what was printed.
func (f *output) keyStep(k *key, text string, whole bool) (lint.Step, bool) {
	if file, ok := strings.CutPrefix(k.object(), chartObject); ok && whole && !k.isName {
		return lint.Step{Kind: lint.StepChart, Position: f.chartLine(file, k.name), Label: k.name}, true
	}
	if k.object() != valuesObject {
		return lint.Step{}, false
	}
	steps := f.keys.global(k.steps())
	v, ok := f.keys.at(steps)
	if !ok || len(steps) == 0 {
		return lint.Step{}, false
	}
	if whole {
		if k.isName {
			if strings.Trim(text, `"' `) != steps[len(steps)-1] {
				return lint.Step{}, false
			}
		} else if !printsAs(text, v) {
			return lint.Step{}, false
		}
	}
	at, ok := f.keys.find(steps, v, 0)
	if !ok {
		return lint.Step{}, false
	}
	return lint.Step{Kind: lint.StepValues, Position: at, Label: joinSteps(steps)}, true
}

// chartObject is how the names of objects start that hold what a Chart.yaml says;
// the path of the file follows.
const chartObject = "Chart "

// chartLine is the line of a key in a Chart.yaml.
func (f *output) chartLine(file, name string) lint.Position {
	p := lint.Position{File: file}
	for c, display := range f.names {
		if display == file {
			p.Line = topLevelLine(c.Data, name)
		}
	}
	return p
}
