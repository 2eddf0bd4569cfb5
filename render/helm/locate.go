package helm

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/kubevet/kubevet/render/helm/branch"
	"github.com/kubevet/kubevet/render/helm/values"

	"github.com/kubevet/kubevet/render/helm/trace"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/manifest"
)

// output is the output of one template. It is the Locator of its objects.
type output struct {
	*rendering
	task   task
	frame  *trace.Frame
	text   string
	starts []int
	traced *trace.Traced
	// documents are the documents of the text. Nil for notes.
	documents []manifest.Document
	// kinds are the kinds of the objects that the template printed.
	kinds []string
	// absent has the places of absent fields that were located: several rules ask for them.
	absent map[absentField]lint.Origin
}

// absentField is a field that is absent below a node.
type absentField struct {
	at      *yaml.Node
	missing string
}

// resolve joins the pieces on the first call. The caller holds the rendering's lock.
func (f *output) resolve() *trace.Traced {
	if f.traced == nil {
		f.traced = f.frame.Pieces().Without(trace.NoValue)
		f.starts = trace.LineStarts(f.text)
	}
	return f.traced
}

// Locate finds where to edit a value of one of the objects.
func (f *output) Locate(v lint.Value) lint.Origin {
	return f.locateAnd(v, nil)
}

// locateAnd locates a value. then may add to what was found, with the part of the output that the
// value is at. It is called for values that are there, and may be nil.
func (f *output) locateAnd(v lint.Value, then func(o *lint.Origin, from, to int)) lint.Origin {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, missing := v.Anchor()
	if n == nil || n.Line < 1 {
		return f.fileOrigin()
	}
	f.resolve()
	if missing != "" {
		return f.locateAbsent(v, absentField{n, missing})
	}
	from, to := f.span(n)
	o := f.locate(v, n, missing, from, to)
	if then != nil && v.Node != nil {
		then(&o, from, to)
	}
	return o
}

// locateAbsent finds where to add a field.
func (f *output) locateAbsent(v lint.Value, field absentField) lint.Origin {
	o, known := f.absent[field]
	if !known {
		from, to := f.span(field.at)
		o = f.locate(v, field.at, field.missing, from, to)
		if f.absent == nil {
			f.absent = map[absentField]lint.Origin{}
		}
		f.absent[field] = o
	}
	o.Trail = slices.Clone(o.Trail)
	return o
}

// LocateRange finds where to edit a part of the text of a value.
func (f *output) LocateRange(v lint.Value, part lint.Range) lint.Origin {
	return f.locateAnd(v, func(o *lint.Origin, from, to int) {
		if o.Entry == nil {
			o.Entry = f.rangeEntry(v.Node, part, from, to)
		}
	})
}

// rangeEntry is the values entry that supplied a part of a scalar. Nil if there is none, or if the
// output writes the text in another way than the part was counted.
func (f *output) rangeEntry(n *yaml.Node, part lint.Range, from, to int) *lint.Entry {
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		from, to = from+1, to-1
	}
	if from > to || f.traced.Text[from:to] != n.Value || part.From < 0 || part.From > part.To || part.To > len(n.Value) {
		return nil
	}
	from, to = from+part.From, from+part.To
	p, at := f.onlyPiece(from, to)
	switch {
	case p == nil:
		return f.unsetEntry(from)
	case len(p.Keys) == 1 && strings.HasPrefix(p.Keys[0].Object(), chartObject):
		return f.unsetEntry(p.Start) // such as a tag, in place of which appVersion is printed
	case len(p.Keys) != 1 || p.Keys[0].Object() != trace.ValuesObject || p.Keys[0].IsName:
		return nil
	case p.Whole && p.Start+at+to-from <= p.End:
		steps := f.keys.Global(p.Keys[0].Steps())
		was, ok := f.keys.At(steps)
		if !ok {
			return nil
		}
		e, ok := f.keys.Entry(steps, was)
		e.Key = trace.JoinSteps(steps)
		return entryIf(&e, ok && !f.isOfTest(e.File))
	}
	return f.textEntry(from, to)
}

// isOfTest reports whether a values file is one with which the chart is tested. Where each of many
// tests has a value of its own, one finding at the template says more than one for each file.
func (f *output) isOfTest(file string) bool {
	return isTestValues(f.scenario.Name) && slices.ContainsFunc(f.scenario.Values, func(v values.File) bool { return v.Name == file })
}

// textEntry is the line, in a values entry that is a text of many lines, that supplied a part of
// the output. Nil if there is none.
func (f *output) textEntry(from, to int) *lint.Entry {
	p, at := f.onlyPiece(from, to)
	if p == nil || p.Whole || len(p.Keys) != 1 || p.Keys[0].Object() != trace.ValuesObject || p.Keys[0].IsName {
		return nil
	}
	steps := f.keys.Global(p.Keys[0].Steps())
	e, ok := f.keys.EntryWithin(steps, p.Offset+at, f.traced.Text[from:to])
	e.Key = trace.JoinSteps(steps)
	return entryIf(&e, ok)
}

// unsetEntry is the entry of the only key that could print something at an offset of the output,
// but has no value. Nil if there is none.
func (f *output) unsetEntry(at int) *lint.Entry {
	var only *trace.Key
	for i := f.firstAt(f.traced.Find(at), at); i < len(f.traced.Pieces) && f.traced.Pieces[i].Start <= at; i++ {
		p := &f.traced.Pieces[i]
		if !p.PrintsNothing() || p.Start != at {
			continue
		}
		if p.Block != nil || len(p.Keys) != 1 || p.Keys[0].Object() != trace.ValuesObject || only != nil && !only.Equal(p.Keys[0]) {
			return nil
		}
		only = p.Keys[0]
	}
	if only == nil {
		return nil
	}
	steps := f.keys.Global(only.Steps())
	if v, ok := f.keys.At(steps); !ok || v != nil && v != "" {
		return nil
	}
	e, ok := f.keys.EntryToAdd(steps, "")
	e.Key = trace.JoinSteps(steps)
	return entryIf(&e, ok)
}

func entryIf(e *lint.Entry, ok bool) *lint.Entry {
	if !ok {
		return nil
	}
	return e
}

func (f *output) locate(v lint.Value, n *yaml.Node, missing string, from, to int) lint.Origin {
	o := f.origin(from, to)
	if missing != "" || v.Node == nil {
		f.addMissing(&o, n, missing)
		if i := f.chosen(from, to); i >= 0 && !slices.ContainsFunc(o.Trail, func(s lint.Step) bool { return s.Kind == lint.StepValues }) {
			o.Trail = append(f.decidersAround(&f.traced.Pieces[i]), o.Trail...)
		}
		if e := f.textEntry(from, to); o.Entry == nil && e != nil {
			o.Entry = e
			o.Trail = slices.Insert(o.Trail, 0, lint.Step{Kind: lint.StepValues, Position: e.Position, Label: e.Key, InText: true})
		}
	} else if k, first, end := f.blockKey(v.Node); k != nil {
		o = f.origin(first, end)
		if s, ok := f.keyStep(k, "", false); ok {
			o.Trail = append([]lint.Step{s}, o.Trail...)
			o.Entry = f.blockEntry(k)
		}
	} else {
		f.addKeys(&o, from, to)
		o.Entry = f.entry(v, from, to)
		if o.Entry == nil {
			f.addElement(&o, v.Node)
		}
	}
	return f.finish(o, n.Line)
}

// addElement makes the element of a list of values the place to edit of a mapping that a range over
// the list prints, if the mapping has nothing that came from elsewhere.
func (f *output) addElement(o *lint.Origin, n *yaml.Node) {
	if n.Kind != yaml.MappingNode {
		return
	}
	element := f.elementOf(n, nil)
	if element == nil {
		return
	}
	steps := f.keys.Global(element.Steps())
	was, ok := f.keys.At(steps)
	if !ok {
		return
	}
	if e, ok := f.keys.Entry(steps, was); ok {
		e.Key = trace.JoinSteps(steps)
		o.Entry = &e
		o.Trail = slices.Insert(o.Trail, 0, lint.Step{Kind: lint.StepDecides, Position: e.Position, Label: e.Key})
	}
}

// elementOf is the only element of a list of values that has the values that were printed below a
// mapping. Nil if there is none.
func (f *output) elementOf(n *yaml.Node, known *trace.Key) *trace.Key {
	for i := 1; i < len(n.Content); i += 2 {
		ok := false
		switch v := n.Content[i]; v.Kind {
		case yaml.MappingNode:
			known = f.elementOf(v, known)
			ok = known != nil
		case yaml.ScalarNode:
			known, ok = f.elementOfScalar(v, known)
		default: // a list may have parts of several elements
		}
		if !ok {
			return nil
		}
	}
	return known
}

// elementOfScalar is the element that supplied what values printed of a scalar: the known one if there is
// one. ok is false if that is not all of one element. A scalar without such parts leaves what is known.
func (f *output) elementOfScalar(n *yaml.Node, known *trace.Key) (element *trace.Key, ok bool) {
	from, to := f.span(n)
	for i := f.traced.Find(from); i < len(f.traced.Pieces) && f.traced.Pieces[i].Start < to; i++ {
		p := &f.traced.Pieces[i]
		if p.PrintsNothing() || p.Kind != trace.Printed {
			continue
		}
		k := elementOfPiece(p)
		if k == nil || known != nil && !known.Equal(k) {
			return nil, false
		}
		known = k
	}
	return known, true
}

// elementOfPiece is the element of a list of values whose value a piece printed. Nil if the piece
// printed anything else, or if the template chose the element by its index.
func elementOfPiece(p *trace.Piece) *trace.Key {
	if len(p.Keys) != 1 || p.Keys[0].IsName || p.Keys[0].Parent == nil || p.Keys[0].Object() != trace.ValuesObject || p.Src == nil {
		return nil
	}
	k := p.Keys[0].Parent
	steps := k.Steps()
	start, end := trace.ActionSpan(p.Src.Text, p.Pos)
	if len(steps) == 0 || strings.Contains(p.Src.Text[start:end], "index") {
		return nil
	}
	if _, ok := trace.IndexStep(steps[len(steps)-1]); !ok {
		return nil
	}
	return k
}

// blockKey is the values key whose text is all of a block of text, below the | or > that the
// template has, and where the block's lines begin and end. Nil if there is none.
func (f *output) blockKey(n *yaml.Node) (found *trace.Key, from, to int) {
	if n.Kind != yaml.ScalarNode || n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
		return nil, 0, 0
	}
	from, to = trace.NodeSpan(f.text, f.starts, n)
	for i := f.traced.Find(from); i < len(f.traced.Pieces) && f.traced.Pieces[i].Start < to; i++ {
		p := &f.traced.Pieces[i]
		if p.PrintsNothing() || isBlankValue(f.traced.Text[max(p.Start, from):min(p.End, to)]) {
			continue
		}
		if len(p.Keys) != 1 || p.Keys[0].IsName || found != nil && !found.Equal(p.Keys[0]) {
			return nil, 0, 0
		}
		found = p.Keys[0]
	}
	if found == nil || found.Object() != trace.ValuesObject {
		return nil, 0, 0
	}
	was, _ := f.keys.At(f.keys.Global(found.Steps()))
	if text, ok := was.(string); !ok || strings.TrimRight(text, "\n") != strings.TrimRight(n.Value, "\n") {
		return nil, 0, 0
	}
	return found, from, to
}

// blockEntry is the values entry of a key that is a block of text. Nil if there is none.
func (f *output) blockEntry(k *trace.Key) *lint.Entry {
	steps := f.keys.Global(k.Steps())
	was, _ := f.keys.At(steps)
	e, ok := f.keys.Entry(steps, was)
	if !ok {
		return nil
	}
	e.Key = trace.JoinSteps(steps)
	return &e
}

// node finds where to edit a node of the output.
func (f *output) node(n *yaml.Node) lint.Origin {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.resolve()
	from, to := f.span(n)
	return f.finish(f.origin(from, to), n.Line)
}

// lineOrigin finds where a line of the output came from.
func (f *output) lineOrigin(line int) lint.Origin {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.resolve()
	if line < 1 || line > len(f.starts) {
		return f.fileOrigin()
	}
	text := trace.LineOf(f.text, f.starts, line)
	from := f.starts[line-1] + len(text) - len(strings.TrimLeft(text, " \t"))
	to := f.starts[line-1] + len(text)
	if from >= to { // a blank line: use the place where its line break came from
		from, to = f.starts[line-1], min(f.starts[line-1]+1, len(f.text))
	}
	o := f.origin(from, to)
	f.addKeys(&o, from, to)
	return f.finish(o, line)
}

func (f *output) fileOrigin() lint.Origin {
	return lint.Origin{Position: lint.Position{File: f.task.src.File}, Precision: lint.PrecisionFile}
}

// finish adds the last step, which every trail has.
func (f *output) finish(o lint.Origin, line int) lint.Origin {
	o.Trail = append(o.Trail, lint.Step{
		Kind:     lint.StepRendered,
		Position: lint.Position{File: f.task.src.File, Line: line},
		Label:    "rendered",
	})
	return o
}

// span is the start and end of a node in the output, including quotes. For a sequence it
// is the rest of the line, and for a mapping its first key, because what follows can come
// from another place, as in - name: {{ include "fullname" . }}.
func (f *output) span(n *yaml.Node) (from, to int) {
	if n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle == 0 && len(n.Content) > 0 && n.Content[0].Line == n.Line && n.Content[0].Column == n.Column {
		n = n.Content[0]
	}
	from = trace.ColumnOffset(f.text, f.starts, n.Line, n.Column)
	end := len(f.text)
	if n.Line < len(f.starts) {
		end = f.starts[n.Line] - 1
	}
	if n.Kind != yaml.ScalarNode || n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return from, max(end, from)
	}
	_, to = trace.NodeSpan(f.text, f.starts, n)
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		to++
	}
	return from, max(min(to, len(f.text)), from)
}

// primary is the index of the spot to edit: the innermost one in the linted chart's own
// files or, without one, in the files of the chart that owns the template.
func (f *output) primary(l []trace.Spot) int {
	for _, owner := range []string{f.home, f.task.src.Owner} {
		for i, s := range l {
			if s.Src.Owner == owner {
				return i
			}
		}
	}
	return 0
}

// chosen is the index of the piece that represents a part of the output: the first piece
// that an action printed or, without one, the first that is not blank.
func (f *output) chosen(from, to int) int {
	best := -1
	for i := f.traced.Find(from); i < len(f.traced.Pieces) && f.traced.Pieces[i].Start < max(to, from+1); i++ {
		p := &f.traced.Pieces[i]
		if p.PrintsNothing() || p.Src == nil {
			continue
		}
		text := f.traced.Text[max(p.Start, from):min(p.End, max(to, from+1))]
		switch {
		case isBlankValue(text):
			if best < 0 {
				best = i
			}
			continue
		case p.Kind == trace.Printed:
			return i
		case best < 0 || isBlankPiece(&f.traced.Pieces[best], f.traced.Text):
			best = i
		}
	}
	return best
}

func isBlankPiece(p *trace.Piece, text string) bool { return isBlankValue(text[p.Start:p.End]) }

// isBlankValue reports whether a text has only quotes and blanks.
func isBlankValue(s string) bool { return strings.Trim(s, " \t\r\n\"'") == "" }

// origin is the place that a part of the output came from, and the calls that led there.
func (f *output) origin(from, to int) lint.Origin {
	i := f.chosen(from, to)
	if i < 0 {
		return f.fileOrigin()
	}
	i = f.joiner(i, from, to)
	p := &f.traced.Pieces[i]
	l := p.Spots()
	if p.Kind == trace.Filler && strings.TrimSpace(f.traced.Text[from:min(p.End, to)]) != "" {
		l = f.around(i, l)
	}
	if len(l) == 0 {
		return f.fileOrigin()
	}
	joint := f.joint(i, l, from, to)
	at := joint + f.primary(l[joint:])
	s := l[at]
	o := lint.Origin{Precision: lint.PrecisionExact}
	if at == 0 && s.Exact {
		pos := s.Pos + max(from-p.Start, 0)
		end := pos + min(p.End, to) - max(p.Start, from)
		if !strings.HasPrefix(s.Src.Text[min(pos, len(s.Src.Text)):], f.traced.Text[max(p.Start, from):min(p.End, to)]) {
			return f.fileOrigin()
		}
		o.Position, o.Text = values.SourcePosition(s.Src, pos, end)
	} else {
		start, end := trace.ActionSpan(s.Src.Text, s.Pos)
		o.Position, o.Text = values.SourcePosition(s.Src, start, end)
		if !f.onlyPrints(i, len(l)-1-at, from, to) {
			o.Precision = lint.PrecisionBlock
		}
		f.widen(&o, i, s, from, to)
	}
	for j := at - 1; j >= 0; j-- { // from the called helper inward
		start, end := actionOrText(l[j])
		inner, _ := values.SourcePosition(l[j].Src, start, end)
		o.Trail = append(o.Trail, lint.Step{Kind: lint.StepTemplate, Position: inner, Label: l[j].Within})
	}
	for _, s := range l[at+1:] {
		start, end := trace.ActionSpan(s.Src.Text, s.Pos)
		outer, _ := values.SourcePosition(s.Src, start, end)
		o.Trail = append(o.Trail, lint.Step{Kind: lint.StepInclude, Position: outer, Label: s.Calls})
	}
	return o
}

// joiner is the index of the piece whose line puts a part of the output together: that of
// the text beside a piece that a variable brought from other lines, as in
// {{ $fullname }}-web. It is i if there is none.
func (f *output) joiner(i, from, to int) int {
	l, best := f.traced.Pieces[i].Spots(), i
	for j := f.traced.Find(from); j < len(f.traced.Pieces) && f.traced.Pieces[j].Start < to; j++ {
		p := &f.traced.Pieces[j]
		if p.Kind != trace.Literal || p.Src == nil || isBlankValue(f.traced.Text[max(p.Start, from):min(p.End, to)]) {
			continue
		}
		other := p.Spots()
		shares := slices.ContainsFunc(other, func(o trace.Spot) bool {
			return slices.ContainsFunc(l, func(s trace.Spot) bool { return s.SameLine(o) })
		})
		if !shares && (best == i || len(other) < len(f.traced.Pieces[best].Spots())) {
			best = j
		}
	}
	return best
}

// joint is the index of the innermost spot of a piece whose template printed all of a
// part of the output. Example: an image whose registry comes from its own helper. The
// joint is the line that joins registry, repository and tag.
func (f *output) joint(i int, l []trace.Spot, from, to int) int {
	at := 0
	for j := f.traced.Find(from); j < len(f.traced.Pieces) && f.traced.Pieces[j].Start < to; j++ {
		p := &f.traced.Pieces[j]
		if j == i || p.Src == nil || p.PrintsNothing() || p.Kind == trace.Filler || isBlankValue(f.traced.Text[max(p.Start, from):min(p.End, to)]) {
			continue
		}
		other := p.Spots()
		shared := 0
		for shared < min(len(l), len(other)) && l[len(l)-1-shared].SameLine(other[len(other)-1-shared]) {
			shared++
		}
		if shared == 0 {
			continue
		}
		if next := len(l) - 1 - shared; next >= 0 && shared < len(other) {
			if a, b := l[next], other[len(other)-1-shared]; a.Src == b.Src && a.Within == b.Within {
				shared++ // a different line of the same template
			}
		}
		at = max(at, len(l)-shared)
	}
	return at
}

// around are the lines that led to a text that a function wrote between its arguments.
// For example, toYaml writes keys next to values that came from other places. Only the
// lines that the text shares with its neighbours led to the text itself.
func (f *output) around(i int, l []trace.Spot) []trace.Spot {
	if len(l) == 0 {
		return nil
	}
	j := i - 1
	for j >= 0 && (f.traced.Pieces[j].Kind == trace.Filler || f.traced.Pieces[j].PrintsNothing()) {
		j--
	}
	shared := 1 // at least the action in the template itself printed all of it
	if j >= 0 {
		before := f.traced.Pieces[j].Spots()
		for shared < min(len(l), len(before)) {
			a, b := l[len(l)-1-shared], before[len(before)-1-shared]
			if a.Src != b.Src || a.Pos != b.Pos {
				break
			}
			shared++
		}
	}
	l = slices.Clone(l[len(l)-shared:])
	l[0].Exact = false
	return l
}

func actionOrText(s trace.Spot) (from, to int) {
	if !s.Exact {
		return trace.ActionSpan(s.Src.Text, s.Pos)
	}
	to = s.Pos
	for to < len(s.Src.Text) && s.Src.Text[to] != '\n' && !strings.HasPrefix(s.Src.Text[to:], "{{") {
		to++
	}
	return s.Pos, to
}

// widen extends the columns to all parts of a value that are on one line of one template:
// "{{ .Values.image }}:{{ .Values.tag }}".
func (f *output) widen(o *lint.Origin, i int, s trace.Spot, from, to int) {
	depth := len(f.traced.Pieces[i].Spots())
	for j := f.traced.Find(from); j < len(f.traced.Pieces) && f.traced.Pieces[j].Start < to; j++ {
		l := f.traced.Pieces[j].Spots()
		if j == i || len(l) != depth || l[0].Src != s.Src || f.traced.Pieces[j].Kind == trace.Filler {
			continue
		}
		start, end := trace.ActionSpan(s.Src.Text, l[0].Pos)
		if l[0].Exact {
			p := f.traced.Pieces[j]
			start = l[0].Pos + max(from-p.Start, 0)
			end = start + min(p.End, to) - max(p.Start, from)
		}
		q, _ := values.SourcePosition(s.Src, start, end)
		if q.Line != o.Line {
			continue
		}
		o.Column = min(o.Column, q.Column)
		o.EndColumn = max(o.EndColumn, q.EndColumn)
	}
}

// onlyPrints reports whether the line of a spot printed nothing but the output between
// from and to, ignoring quotes. FromOuter is the spot's distance from the outermost spot.
func (f *output) onlyPrints(i, fromOuter, from, to int) bool {
	same := func(j int) bool {
		l := f.traced.Pieces[j].Spots()
		k := len(l) - 1 - fromOuter
		mine := f.traced.Pieces[i].Spots()
		m := mine[len(mine)-1-fromOuter]
		return k >= 0 && l[k].Src == m.Src && l[k].Pos == m.Pos && !l[k].Exact
	}
	first, last := i, i
	for first > 0 && same(first-1) {
		first--
	}
	for last+1 < len(f.traced.Pieces) && same(last+1) {
		last++
	}
	start, end := f.traced.Pieces[first].Start, f.traced.Pieces[last].End
	outside := f.traced.Text[start:max(min(from, end), start)] + f.traced.Text[min(max(to, start), end):end]
	return isBlankValue(outside)
}

// addKeys adds the values keys that supplied a part of the output.
func (f *output) addKeys(o *lint.Origin, from, to int) {
	var steps, decided []lint.Step
	first := f.traced.Find(from)
	for i := f.firstAt(first, from); i < len(f.traced.Pieces) && f.traced.Pieces[i].Start < to; i++ {
		p := &f.traced.Pieces[i]
		switch {
		case !p.PrintsNothing():
			steps = f.addSupplied(steps, p)
		case p.Kind == trace.Decision, p.Block != nil && (i >= first || p.Start == from):
			decided = f.addDecision(decided, p)
		}
	}
	if i := f.chosen(from, to); len(steps)+len(decided) == 0 && i >= 0 {
		decided = f.decidersAround(&f.traced.Pieces[i])
	}
	o.Trail = slices.Concat(steps, decided, o.Trail)
}

// addSupplied adds the steps of the keys that a piece was made from.
func (f *output) addSupplied(l []lint.Step, p *trace.Piece) []lint.Step {
	for _, k := range p.Keys {
		text := ""
		if p.Whole {
			text = f.traced.Text[p.Start:p.End]
		}
		s, ok := f.keyStep(k, text, p.Whole)
		if !ok {
			continue
		}
		if len(p.Keys) == 1 {
			s.Position = f.keys.LineWithin(f.keys.Global(k.Steps()), s.Position, p.Offset)
		}
		s.Chosen = p.Chosen
		s.InText = !p.Whole && f.isText(k)
		l = appendStep(l, s)
	}
	return l
}

// isText reports whether the value of a key is a text of many lines.
func (f *output) isText(k *trace.Key) bool {
	v, _ := f.keys.At(f.keys.Global(k.Steps()))
	s, ok := v.(string)
	return ok && strings.Contains(strings.TrimSuffix(s, "\n"), "\n")
}

// EmptyKeys are the entries of empty keys with some names beside the keys that supplied a value, and
// of those that decided about it. A key that is absent counts if the template names it, and puts the
// value together: a key that has all of it has no others beside it.
func (f *output) EmptyKeys(v lint.Value, names []string) (l []lint.Entry) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if v.Node == nil || v.Node.Line < 1 {
		return nil
	}
	f.resolve()
	from, to := f.span(v.Node)
	only, _ := f.onlyPiece(from, to)
	for i := f.firstAt(f.traced.Find(from), from); i < len(f.traced.Pieces) && f.traced.Pieces[i].Start < to; i++ {
		p := &f.traced.Pieces[i]
		var by []trace.Spot
		if only == nil || len(only.Keys) > 1 {
			by = p.Spots()
		}
		for _, k := range p.Keys {
			if k.Object() == trace.ValuesObject && len(k.Steps()) > 0 {
				l = f.appendBeside(l, k, names, by)
			}
		}
	}
	return slices.CompactFunc(l, func(a, b lint.Entry) bool { return a.Key == b.Key })
}

// appendBeside adds the entries of empty keys with some names beside a key, and of absent ones that
// one of the templates names that printed the key's value.
func (f *output) appendBeside(l []lint.Entry, k *trace.Key, names []string, by []trace.Spot) []lint.Entry {
	steps := f.keys.Global(k.Steps())
	beside := steps[:len(steps)-1]
	for _, name := range names {
		if f.appendEmpty(&l, trace.Join(beside, name)) || len(beside) == 0 || !isRepository[k.Name] || !slices.ContainsFunc(by, func(s trace.Spot) bool { return namesKey(s.Src.Text, name) }) {
			continue
		}
		if e, ok := f.keys.EntryToAdd(beside, name); ok {
			e.Key = trace.JoinSteps(trace.Join(beside, name))
			l = append(l, e)
		}
	}
	return l
}

// isRepository are the keys that have the repository of an image: others, such as its registry, may
// be shared by several images.
var isRepository = map[string]bool{"repository": true, "name": true, "image": true}

// namesKey reports whether a template's text names a key.
func namesKey(text, name string) bool {
	for rest, found := text, true; found; {
		if _, rest, found = strings.Cut(rest, "."+name); found && !strings.ContainsFunc(rest[:min(1, len(rest))], isNameRune) {
			return true
		}
	}
	return strings.Contains(text, `"`+name+`"`)
}

// isNameRune reports whether a name goes on with a character: .share is not the key sha.
func isNameRune(c rune) bool { return c == '_' || unicode.IsLetter(c) || unicode.IsDigit(c) }

// appendEmpty adds the entry of a key if it has no value. The result is whether the key is there.
func (f *output) appendEmpty(l *[]lint.Entry, steps []string) bool {
	v, ok := f.keys.At(steps)
	label := trace.JoinSteps(steps)
	if !ok || v != nil && v != "" || slices.ContainsFunc(*l, func(e lint.Entry) bool { return e.Key == label }) {
		return ok
	}
	if e, ok := f.keys.Entry(steps, v); ok {
		e.Key = label
		*l = append(*l, e)
	}
	return true
}

// entry is the values entry that alone supplied the value at a part of the output. Nil if
// there is none.
func (f *output) entry(v lint.Value, from, to int) *lint.Entry {
	p, at := f.onlyPiece(from, to)
	if p == nil || len(p.Keys) != 1 || p.Keys[0].Object() != trace.ValuesObject || p.Keys[0].IsName == v.IsScalar() {
		return nil
	}
	steps := f.keys.Global(p.Keys[0].Steps())
	was, ok := f.keys.At(steps)
	if !ok {
		return nil
	}
	text := f.traced.Text[from:to]
	_, isBool := was.(bool)
	var e lint.Entry
	switch {
	case p.Chosen && (isBool || p.Keys[0].IsName): // a function may not choose false
		return nil
	case !p.Whole:
		e, ok = f.keys.EntryWithin(steps, p.Offset+at, text)
	case !isBlankValue(f.traced.Text[p.Start:max(p.Start, from)]) || !isBlankValue(f.traced.Text[min(p.End, to):p.End]):
		return nil
	default:
		e, ok = f.keys.Entry(steps, was)
	}
	if !ok {
		return nil
	}
	e.Key = trace.JoinSteps(steps)
	return &e
}

// onlyPiece is the only piece that printed a part of the output, ignoring quotes, and the
// offset in the piece at which that part begins. Nil if several pieces printed it.
func (f *output) onlyPiece(from, to int) (p *trace.Piece, at int) {
	for i := f.traced.Find(from); i < len(f.traced.Pieces) && f.traced.Pieces[i].Start < to; i++ {
		q := &f.traced.Pieces[i]
		if q.PrintsNothing() || isBlankValue(f.traced.Text[max(q.Start, from):min(q.End, to)]) {
			continue
		}
		if p != nil {
			return nil, 0
		}
		p, at = q, max(from-q.Start, 0)
	}
	return p, at
}

// firstAt is the index of the first piece that starts at an offset, including the pieces
// without text before the given one.
func (f *output) firstAt(i, from int) int {
	for i > 0 && f.traced.Pieces[i-1].PrintsNothing() && f.traced.Pieces[i-1].Start >= from {
		i--
	}
	return i
}

// addDecision adds the keys of a piece without text: the keys that decided which other
// piece was printed.
func (f *output) addDecision(l []lint.Step, p *trace.Piece) []lint.Step {
	if p.Block == nil {
		for _, k := range p.Keys {
			l = f.addDecider(l, k, p.Constants)
		}
		return l
	}
	for _, test := range p.Block.Tests {
		if k := p.Block.Key(test); k != nil {
			var compared []string
			if text, ok := test.Constant.(string); ok {
				compared = []string{text}
			}
			l = f.addDecider(l, k, compared)
		}
	}
	return l
}

// addDecider adds the step of a key that decides what is printed. The step includes
// another value for the key, if one is known that may change the output. Compared are the
// texts with which the template compares the value.
func (f *output) addDecider(l []lint.Step, k *trace.Key, compared []string) []lint.Step {
	if k.Object() != trace.ValuesObject {
		return l
	}
	steps := f.keys.Global(k.Steps())
	v, ok := f.keys.At(steps)
	if !ok || len(steps) == 0 || trace.IsContainer(reflect.ValueOf(v)) {
		return l
	}
	at, ok := f.keys.Find(steps, v)
	if !ok {
		return l
	}
	s := lint.Step{Kind: lint.StepDecides, Position: at, Label: trace.JoinSteps(steps)}
	if another, ok := branch.Another(v, compared); ok {
		s.Set = settingText(another)
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
// a template's own text depends. Blocks that contain whole objects do not count.
func (f *output) decidersAround(p *trace.Piece) (l []lint.Step) {
	l, done := f.deciders(p.Within, p.Data)
	for c := p.Call; c != nil && !done && len(l) == 0; c = c.Up {
		l, done = f.deciders(c.Within, c.Outer)
	}
	return l
}

// deciders are the steps of the keys of the innermost block that has any. Done is set if
// a block contains whole objects.
func (f *output) deciders(w *trace.Within, data reflect.Value) (l []lint.Step, done bool) {
	for ; w != nil && len(l) == 0; w = w.Up {
		if kindLine.MatchString(w.Text) || separator.MatchString(w.Text) {
			return nil, true
		}
		fields, _ := f.deciding(w, w.Condition, data)
		for _, fields := range fields {
			if k := f.IDs.Unchanged(data, fields); k != nil {
				l = f.addDecider(l, k, w.Constants)
			}
		}
	}
	return l, false
}

// truth is whether a condition holds.
type truth int

const (
	unknown truth = iota
	no
	yes
)

// deciding lists the fields that lead to the operands on which it depends that a part of the condition
// of a block holds. Of an or, these are the parts that hold: to change another has no effect.
func (f *output) deciding(w *trace.Within, c *trace.Condition, data reflect.Value) (fields [][]string, holds truth) {
	switch c.Kind {
	case trace.AllOf:
		holds = yes
		for _, p := range c.Parts {
			more, h := f.deciding(w, p, data)
			fields = append(fields, more...)
			if h != yes && holds != no {
				holds = h
			}
		}
		return fields, holds
	case trace.AnyOf:
		holds = no
		for _, p := range c.Parts {
			more, h := f.deciding(w, p, data)
			switch {
			case h == no || h == unknown && holds == yes:
				continue
			case h == yes && holds != yes:
				fields = nil
			}
			fields, holds = append(fields, more...), h
		}
		return fields, holds
	case trace.TruthTest, trace.EqualTest:
		return w.Fields(c), f.holds(w, c, data)
	default:
		return w.Fields(c), unknown
	}
}

// holds reports whether a test of the condition of a block holds.
func (f *output) holds(w *trace.Within, test *trace.Condition, data reflect.Value) truth {
	for _, fields := range w.Fields(test) {
		k := f.IDs.Unchanged(data, fields)
		if k == nil || k.Object() != trace.ValuesObject {
			continue
		}
		v, ok := f.keys.At(f.keys.Global(k.Steps()))
		switch {
		case !ok:
		case test.Holds(v):
			return yes
		default:
			return no
		}
	}
	return unknown
}

func appendStep(l []lint.Step, s lint.Step) []lint.Step {
	for _, have := range l {
		if have.Kind == s.Kind && have.Label == s.Label {
			return l
		}
	}
	return append(l, s)
}

// keyStep is the step of a values key, if the value at the key was printed.
func (f *output) keyStep(k *trace.Key, text string, whole bool) (lint.Step, bool) {
	if file, ok := strings.CutPrefix(k.Object(), chartObject); ok && whole && !k.IsName {
		return lint.Step{Kind: lint.StepChart, Position: f.chartLine(file, k.Name), Label: k.Name}, true
	}
	if k.Object() != trace.ValuesObject {
		return lint.Step{}, false
	}
	steps := f.keys.Global(k.Steps())
	v, ok := f.keys.At(steps)
	if !ok || len(steps) == 0 {
		return lint.Step{}, false
	}
	if whole {
		if k.IsName {
			if strings.Trim(text, `"' `) != steps[len(steps)-1] {
				return lint.Step{}, false
			}
		} else if !trace.PrintsAs(text, v) {
			return lint.Step{}, false
		}
	}
	at, ok := f.keys.Find(steps, v)
	if !ok {
		return lint.Step{}, false
	}
	return lint.Step{Kind: lint.StepValues, Position: at, Label: trace.JoinSteps(steps)}, true
}

// chartObject starts the names of objects that have the contents of a Chart.yaml. The
// path of the file follows.
const chartObject = "Chart "

// chartLine is the line of a key in a Chart.yaml.
func (f *output) chartLine(file, name string) lint.Position {
	p := lint.Position{File: file}
	for c, display := range f.names {
		if display == file {
			p.Line = values.TopLevelLine(c.Data, name)
		}
	}
	return p
}
