package helm

import (
	"cmp"
	"encoding/base64"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
	"helm.sh/helm/v3/pkg/chart"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/helm/trace"
	"github.com/kubevet/kubevet/render/helm/values"
	"github.com/kubevet/kubevet/render/manifest"
)

// output is the output of one template. It is the Locator of its objects.
type output struct {
	*rendering
	task   task
	frame  *trace.Frame
	text   string
	lines  *trace.Lines // of the text, made with traced
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
		f.lines = trace.LinesOf(f.text)
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

func (f *output) locate(v lint.Value, n *yaml.Node, missing string, from, to int) lint.Origin {
	if missing != "" && n.Kind == yaml.MappingNode {
		from, to = f.firstWritten(n, from, to)
	}
	o := f.origin(from, to)
	if missing != "" || v.Node == nil {
		f.addMissing(&o, n, missing)
		f.atBlock(&o, n, missing)
		f.atHelper(&o, n, missing)
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
			o.Entry = f.entryOf(k)
		}
	} else if !f.addOutdent(&o, from, to) {
		f.addKeys(&o, from, to)
		e, isChosen := f.entry(v, from, to)
		if isChosen {
			o.Switch = e
		} else if o.Entry = e; e == nil {
			if o.Entry = f.templateEntry(from, to); o.Entry == nil {
				f.addElement(&o, v.Node)
			}
		}
		addEntryStep(&o)
	}
	return f.finish(o, n.Line)
}

// firstWritten is the span of the key of a mapping that a template has first, of those that the template of the first printed one has: a
// map that is parsed and printed again has its keys in another order.
func (f *output) firstWritten(n *yaml.Node, from, to int) (first, end int) {
	p := f.pieceAt(from)
	if p == nil || p.Kind != trace.Literal || n.Style&yaml.FlowStyle != 0 {
		return from, to
	}
	pos := p.Pos + from - p.Start
	for i := 2; i < len(n.Content); i += 2 {
		at, last := f.span(n.Content[i])
		q := f.pieceAt(at)
		if q != nil && q.Kind == trace.Literal && q.Src == p.Src && q.Call == p.Call && q.Pos+at-q.Start < pos {
			from, to, pos = at, last, q.Pos+at-q.Start
		}
	}
	return from, to
}

// atBlock makes the line of a block the place of a field that is absent, if the template has the block for that field, and the mapping was
// parsed and printed again: the line of another key says less, and the field there would be the second one.
func (f *output) atBlock(o *lint.Origin, n *yaml.Node, missing string) {
	if o.Entry != nil || o.Switch != nil || n.Kind != yaml.MappingNode {
		return
	}
	field, _, _ := strings.Cut(missing, ".")
	b := f.block(n)
	for p := range f.disabledIn(b) {
		if !p.IsSorted || p.Src.File != o.File || !strings.Contains(p.Block.Text, field+":") {
			continue
		}
		column, _, first, ok := trace.FieldIn(p.Block.Text, field)
		if !ok || !f.isSibling(b, p, column, first) {
			continue
		}
		if from, to, ok := p.Field(field, column); ok {
			o.Position, o.Text = values.SourcePosition(p.Src, from, to)
			return
		}
	}
}

// atHelper makes the first line of a helper the place of a field that is absent in the mapping of a key, if all of the mapping is the text of
// that helper: one line there adds the field for all that call it.
func (f *output) atHelper(o *lint.Origin, n *yaml.Node, missing string) {
	if o.Entry != nil || o.Switch != nil || n.Kind != yaml.ScalarNode || slices.ContainsFunc(o.Trail, func(s lint.Step) bool { return s.Kind == lint.StepValues }) {
		return
	}
	b, key := f.block(n), f.pieceAt(f.lines.Offset(n.Line, n.Column))
	if key == nil || key.Kind != trace.Literal || len(b.children) == 0 {
		return
	}
	first := f.pieceAt(b.children[0])
	isOfFirst := func(at int) bool {
		p := f.pieceAt(at)
		return p != nil && p.Kind == trace.Literal && p.Src == first.Src && p.Call == first.Call && p.Within == nil
	}
	if first == nil || first.Call == nil || first.Call == key.Call || slices.ContainsFunc(b.children, func(at int) bool { return !isOfFirst(at) }) {
		return
	}
	l, field := first.Spots(), missing
	if i := strings.IndexAny(missing, ".["); i > 0 {
		field = missing[:i]
	}
	if len(l) < 2 || l[0].Src.Owner != key.Src.Owner || l[1].Calls != l[0].Within || !f.isFieldOf(l[0].Within, n.Value, field) {
		return
	}
	at := f.origin(b.children[0], b.children[0]+max(strings.IndexByte(f.text[b.children[0]:], ':'), 1))
	if at.Precision == lint.PrecisionExact && at.File == l[0].Src.File {
		*o = at
	}
}

// isFieldOf reports whether each call of a helper is all that a key of one name has, in files that do not have a field themselves: else the
// field of the helper would be printed where it does not belong, or twice.
func (f *output) isFieldOf(helper, key, field string) bool {
	name := helper + "\x00" + key + "\x00" + field
	is, isKnown := f.fieldHelpers[name]
	if !isKnown {
		if f.fieldHelpers == nil {
			f.fieldHelpers = map[string]bool{}
		}
		is = !slices.ContainsFunc(f.Compiled, func(c *trace.Compiled) bool { return !callsAs(c.Src.Text, helper, key, field) })
		f.fieldHelpers[name] = is
	}
	return is
}

// callsAs reports whether each call of a helper in a text is all that a key of one name has, and that the text with a call does not have a field.
func callsAs(text, helper, key, field string) bool {
	name := strconv.Quote(helper)
	for at := 0; ; {
		i := strings.Index(text[at:], name)
		if i < 0 {
			return true
		}
		from, to := trace.ActionSpan(text, at+i)
		action := strings.TrimLeft(text[from:at+i], "{- ")
		if at = at + i + len(name); strings.HasPrefix(action, "define ") {
			continue
		}
		line, rest, _ := strings.Cut(text[to:], "\n")
		before := strings.TrimRight(text[:from], " \t\r\n")
		start := strings.LastIndexByte(before, '\n') + 1
		column := len(before[start:]) - len(strings.TrimLeft(before[start:], " "))
		next := strings.TrimLeft(rest, "\r\n")
		if strings.TrimLeft(before[start:], " -") != key+":" || strings.TrimSpace(line) != "" || len(next)-len(strings.TrimLeft(next, " ")) > column {
			return false
		}
		if strings.Contains(text, field+":") {
			return false
		}
	}
}

// LocateLineIn finds where to edit a line, counted from 1, of a value that is a text, such as a file in a
// ConfigMap. ok is false unless the place is sure.
func (f *output) LocateLineIn(v lint.Value, line int) (o lint.Origin, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := v.Node
	if n.Line < 1 || line < 1 {
		return o, false
	}
	f.resolve()
	if n.Style&yaml.LiteralStyle == 0 {
		o, ok = f.lineOfKey(n, line)
		if src := f.fileWith(n.Value); !ok && src != nil && line <= strings.Count(src.Text, "\n")+1 {
			start := src.Lines().Starts[line-1]
			o.Position, o.Text = values.SourcePosition(src, start, start+1)
			o, ok = f.finish(o, n.Line), true
		}
		return o, ok
	}
	lines := strings.Split(n.Value, "\n")
	if line > len(lines) || strings.TrimSpace(lines[line-1]) == "" {
		return o, false
	}
	text := f.lines.Line(n.Line + line)
	want := strings.TrimSpace(lines[line-1])
	if n.Line+line > len(f.lines.Starts) || strings.TrimSpace(text) != want {
		return o, false
	}
	from := f.lines.Starts[n.Line+line-1] + strings.Index(text, want)
	to := from + len(want)
	o = f.origin(from, to)
	f.addKeys(&o, from, to)
	if o.Entry = f.lineEntry(from, to); o.Entry != nil {
		o.Precision = lint.PrecisionExact // that of the entry
	}
	return f.finish(o, n.Line+line), true
}

// minFile is the size from which a text is looked for among the files of a chart, in bytes.
const minFile = 32

// fileWith is the only file that has exactly some text, first of the chart that has the template, or what it is in base64: {{ (.Files.Glob "conf/*").AsSecrets }}. It is nil
// if there is none.
func (f *output) fileWith(text string) *trace.Source {
	if f.byContent == nil {
		f.byContent = map[content]*chart.File{}
		for _, file := range f.plain {
			if len(file.Data) < minFile {
				continue
			}
			for _, owner := range []string{"", file.owner} {
				key, only := content{owner, string(file.Data)}, file.File
				if other, isTwice := f.byContent[key]; isTwice && (other == nil || f.names[other] != f.names[only]) {
					only = nil
				}
				f.byContent[key] = only
			}
		}
	}
	file := f.ownFile(text)
	if file == nil {
		plain, err := base64.StdEncoding.DecodeString(text)
		if file = f.ownFile(string(plain)); err != nil || file == nil {
			return nil
		}
	}
	return &trace.Source{File: f.names[file], Text: string(file.Data)}
}

// plainFile is a file that is no template, and the full path of the chart that has it.
type plainFile struct {
	*chart.File
	owner string
}

// content is the text of a file, and the full path of the chart that has it. It is empty for all charts.
type content struct{ owner, text string }

// ownFile is the only file with some text of the chart that has the template or, if that has none, of all charts.
func (f *output) ownFile(text string) *chart.File {
	if own, has := f.byContent[content{f.task.src.Owner, text}]; has {
		return own
	}
	return f.byContent[content{"", text}]
}

// lineEntry is the values entry that supplied the value in a line of a text. Nil if there is none: the only
// key that has all of what follows the line's name, or the only one with the name of a secret.
func (f *output) lineEntry(from, to int) *lint.Entry {
	var only, secret *trace.Piece
	keys, secrets := 0, 0
	for i := f.traced.Find(from); i < len(f.traced.Pieces) && f.traced.Pieces[i].Start < to; i++ {
		p := &f.traced.Pieces[i]
		if p.PrintsNothing() || len(p.Keys) != 1 || p.Keys[0].IsName || p.Keys[0].Object() != trace.ValuesObject {
			continue
		}
		only = p
		keys++
		if trace.IsSecretName(p.Keys[0].Name) {
			secret = p
			secrets++
		}
	}
	switch {
	case keys == 1 && f.isAllOfLine(only, from, to):
		return f.pieceEntry(only, from, to)
	case secrets == 1:
		return f.pieceEntry(secret, from, to)
	}
	return nil
}

// isAllOfLine reports whether a piece has all that follows the name in a line.
func (f *output) isAllOfLine(p *trace.Piece, from, to int) bool {
	before := strings.TrimRight(f.traced.Text[from:max(p.Start, from)], " \t\"'")
	return isBlankValue(f.traced.Text[min(p.End, to):to]) && (before == "" || strings.HasSuffix(before, ":") || strings.HasSuffix(before, "="))
}

// pieceEntry is the values entry of the part of a piece that is within a line.
func (f *output) pieceEntry(p *trace.Piece, from, to int) *lint.Entry {
	steps := f.keys.Global(p.Keys[0].Steps())
	was, ok := f.keys.At(steps)
	if !ok {
		return nil
	}
	start := max(p.Start, from)
	text := f.traced.Text[start:min(p.End, to)]
	e, ok := f.keys.EntryWithin(steps, p.Offset+start-p.Start, text)
	if s, isText := was.(string); !ok && (!isText || !strings.Contains(strings.TrimSuffix(s, "\n"), "\n")) && trace.PrintsAs(text, was) {
		e, ok = f.keys.Entry(steps, was)
	}
	e.Key = trace.JoinSteps(steps)
	return entryIf(&e, ok)
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
	if line < 1 || line > len(f.lines.Starts) {
		return f.fileOrigin()
	}
	text := f.lines.Line(line)
	from := f.lines.Starts[line-1] + len(text) - len(strings.TrimLeft(text, " \t"))
	to := f.lines.Starts[line-1] + len(text)
	if from >= to { // a blank line: use the place where its line break came from
		from, to = f.lines.Starts[line-1], min(f.lines.Starts[line-1]+1, len(f.text))
	}
	o := f.origin(from, to)
	f.addKeys(&o, from, to)
	return f.finish(o, line)
}

func (f *output) fileOrigin() lint.Origin {
	return lint.Origin{Position: lint.Position{File: f.task.src.File}, Precision: lint.PrecisionFile}
}

// finish adds the last step, which every trail has. Steps in the values of a subchart get the key of the
// subchart.
func (f *output) finish(o lint.Origin, line int) lint.Origin {
	for i := range o.Trail {
		if s := &o.Trail[i]; s.Kind == lint.StepValues || s.Kind == lint.StepDecides {
			s.Below = f.keys.Below(s.Label, s.Position.File)
		}
	}
	by := f.takenBy(o.File)
	if by != nil && o.Entry == nil && o.Switch == nil {
		o.Entry = f.onlySupplied(o.Trail)
	}
	for _, e := range []*lint.Entry{o.Entry, o.Switch} {
		if e != nil {
			e.Below = f.keys.Below(e.Key, e.File)
		}
	}
	if by != nil {
		o.Taken = by.place()
		if source := f.sources[o.File]; source != "" && o.Taken != nil {
			e := *o.Taken
			e.Source, e.IsPacked = source, by.packs == source
			o.Taken = &e
		}
	}
	if by := f.repacked[o.File]; by != nil {
		if at := by.place(); at != nil {
			e := *at
			e.Source, e.IsPacked = cmp.Or(by.packs, by.releases), by.packs != ""
			o.Packed = &e
		}
	}
	o.Trail = append(o.Trail, lint.Step{
		Kind:     lint.StepRendered,
		Position: lint.Position{File: f.task.src.File, Line: line},
		Label:    "rendered",
	})
	return o
}

// onlySupplied is the entry of the only key that supplied a value which the template of a dependency makes something else of, such as base64, or
// of the list that has it: those who take in the chart set the whole list. Nil if there is none.
func (f *output) onlySupplied(trail []lint.Step) (e *lint.Entry) {
	at := -1
	for i, s := range trail {
		switch {
		case s.Kind == lint.StepDecides || s.Kind == lint.StepChart || s.Kind == lint.StepValues && (at >= 0 || s.Set != "" || s.Chosen || s.InText):
			return nil
		case s.Kind == lint.StepValues:
			at = i
		}
	}
	if at < 0 {
		return nil
	}
	list, _, isElement := strings.Cut(trail[at].Label, "[")
	if e = f.entryAt(list); e != nil && isElement {
		trail[at].Label, trail[at].Position = list, e.Position
	}
	return e
}

// span is the start and end of a node in the output, including quotes. For a sequence it
// is the rest of the line, and for a mapping its first key, because what follows can come
// from another place, as in - name: {{ include "fullname" . }}.
func (f *output) span(n *yaml.Node) (from, to int) {
	if n.Kind == yaml.MappingNode && n.Style&yaml.FlowStyle == 0 && len(n.Content) > 0 && n.Content[0].Line == n.Line && n.Content[0].Column == n.Column {
		n = n.Content[0]
	}
	from = f.lines.Offset(n.Line, n.Column)
	end := len(f.text)
	if n.Line < len(f.lines.Starts) {
		end = f.lines.Starts[n.Line] - 1
	}
	if n.Kind == yaml.ScalarNode && n.Style&yaml.FoldedStyle != 0 {
		if first, last, ok := f.foldedLine(n); ok {
			return first, last
		}
	}
	if n.Kind != yaml.ScalarNode || n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		return from, max(end, from)
	}
	_, to = f.lines.Span(n)
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		to++
	}
	return from, max(min(to, len(f.text)), from)
}

// foldedLine is the text of a folded scalar, below its >, if that is one line: an image that a template puts together there.
func (f *output) foldedLine(n *yaml.Node) (from, to int, ok bool) {
	text := f.lines.Line(n.Line + 1)
	value := strings.TrimSuffix(n.Value, "\n")
	if value == "" || strings.TrimSpace(text) != value {
		return 0, 0, false
	}
	from = f.lines.Starts[n.Line] + strings.Index(text, value)
	return from, from + len(value), true
}

// primary is the index of the spot to edit of those of a piece, from one on: the innermost one in the linted chart's own
// files or, without one, in the files of the chart that owns the template. If a library of the project printed more there
// than a part of the output, or has its text, it is the innermost one of the library.
func (f *output) primary(i int, l []trace.Spot, first, from, to int) int {
	inner := func(is func(trace.Spot) bool) int {
		for j, s := range l[first:] {
			if is(s) {
				return first + j
			}
		}
		return -1
	}
	outer := inner(func(s trace.Spot) bool { return f.isOf(s.Src, f.home) })
	if outer < 0 {
		outer = max(inner(func(s trace.Spot) bool { return f.isOf(s.Src, f.task.src.Owner) }), first)
	}
	own := inner(func(s trace.Spot) bool { return f.own[s.Src.File] })
	if own < 0 || own >= outer || !l[own].Exact && f.onlyPrints(i, len(l)-1-outer, from, to) {
		return outer
	}
	return own
}

// fieldName is a field that an action prints, and namedArgument a constant that a call passes with a name:
// dict "privileged" true.
var (
	fieldName     = regexp.MustCompile(`\.(\w+)`)
	namedArgument = regexp.MustCompile(`"(\w+)"\s+(?:"([^"\\]*)"|(true|false|\d+)\b)`)
)

// argument is the index of the spot whose call passes, by name, the constant that a piece printed: the field that the action at
// the spot at an index prints. first and last are where the constant begins and ends. The index is 0 if there is none.
func (f *output) argument(p *trace.Piece, l []trace.Spot, at, from, to int) (index, first, last int) {
	text := f.traced.Text[max(p.Start, from):min(p.End, to)]
	if p.Kind != trace.Printed || len(p.Keys) > 0 || p.Start < from || p.End > to || isBlankValue(text) || !isBlankValue(f.traced.Text[from:p.Start]+f.traced.Text[p.End:to]) {
		return 0, 0, 0
	}
	start, end := trace.ActionSpan(l[0].Src.Text, l[0].Pos)
	names := fieldName.FindAllStringSubmatch(l[0].Src.Text[start:end], -1)
	for i := 1; i < len(l); i++ {
		src := l[i].Src.Text
		start, end := trace.ActionSpan(src, l[i].Pos)
		for _, m := range namedArgument.FindAllStringSubmatchIndex(src[start:end], -1) {
			group := 4
			if m[group] < 0 {
				group = 6
			}
			first, last := start+m[group], start+m[group+1]
			if src[first:last] == text && i >= at && slices.ContainsFunc(names, func(n []string) bool { return n[1] == src[start+m[2]:start+m[3]] }) {
				return i, first, last
			}
		}
	}
	return 0, 0, 0
}

// isOf reports whether a source is a file of a chart.
func (r *rendering) isOf(src *trace.Source, owner string) bool {
	return src.Owner == owner || src.File != "" && slices.Contains(r.owners[src.File], owner)
}

// ownerOf is the full path of the chart whose values a source of a task saw.
func (r *rendering) ownerOf(t task, src *trace.Source) string {
	if r.isOf(src, t.src.Owner) {
		return t.src.Owner
	}
	return src.Owner
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
	at := f.primary(i, l, joint, from, to)
	given, first, last := f.argument(p, l, at, from, to)
	at = max(at, given)
	s := l[at]
	o := lint.Origin{Precision: lint.PrecisionExact}
	switch {
	case given > 0:
		o.Position, o.Text = values.SourcePosition(s.Src, first, last)
	case at == 0 && s.Exact:
		pos := s.Pos + max(from-p.Start, 0)
		end := pos + min(p.End, to) - max(p.Start, from)
		if !strings.HasPrefix(s.Src.Text[min(pos, len(s.Src.Text)):], f.traced.Text[max(p.Start, from):min(p.End, to)]) {
			return f.fileOrigin()
		}
		o.Position, o.Text = values.SourcePosition(s.Src, pos, end)
	default:
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

// quotedIfNeeded is a text as a YAML scalar.
func quotedIfNeeded(s string) string {
	var v any
	if yaml.Unmarshal([]byte(s), &v) == nil && v == s {
		return s
	}
	return strconv.Quote(s)
}
