package helm

import (
	"encoding/base64"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/helm/trace"
	"github.com/kubevet/kubevet/render/helm/values"
)

// LocateRange finds where to edit a part of the text of a value.
func (f *output) LocateRange(v lint.Value, part lint.Range) lint.Origin {
	return f.locateAnd(v, func(o *lint.Origin, from, to int) {
		if o.Entry != nil && f.templateEntry(from, to) == nil {
			return
		}
		if part.From == part.To {
			f.addUnset(o, v.Node, part, from, to)
			return
		}
		if e := f.rangeEntry(v.Node, part, from, to, o.File); e != nil {
			e.Below = f.keys.Below(e.Key, e.File)
			o.Entry = e
			if !slices.ContainsFunc(o.Trail, func(s lint.Step) bool { return s.Label == e.Key }) { // a template, of which other values are printed
				o.Trail = slices.Insert(o.Trail, 0, lint.Step{Kind: lint.StepValues, Position: e.Position, Label: e.Key, Below: e.Below, InText: true})
			}
		}
	})
}

// addUnset makes the key that could print something in an empty part of a scalar, but has no value, the first step and, if it has
// an entry, the place.
func (f *output) addUnset(o *lint.Origin, n *yaml.Node, part lint.Range, from, to int) {
	from, to, ok := f.partOf(n, part, from, to)
	if !ok || from != to {
		return
	}
	only := f.unsetKey(from)
	if only == nil {
		return
	}
	steps := f.keys.Global(only.Steps())
	v, isThere := f.keys.At(steps)
	if v != nil && v != "" {
		return
	}
	if first := f.firstChoice(from, steps); first != nil && !isThere {
		steps, isThere = first, true
	}
	s := f.stepToAdd(steps, "", "").Step
	s.Missing = !isThere
	if e, ok := f.keys.EntryToAdd(steps, ""); ok {
		e.Key, e.Below = s.Label, f.keys.Below(s.Label, e.File)
		o.Entry, s.Position, s.Below = &e, e.Position, e.Below
	}
	o.Trail = slices.DeleteFunc(o.Trail, func(have lint.Step) bool { return have.Label == s.Label })
	o.Trail = slices.Insert(o.Trail, 0, s)
}

// firstChoice is the empty key beside another one for which a template asks first: the other one is read only in the else of a block that the
// value of this one opens. Nil if there is none.
func (f *output) firstChoice(at int, other []string) []string {
	p := f.pieceAt(at)
	if p == nil || p.Within == nil || p.Within.Kind != trace.TruthTest || p.Within.Want || len(other) == 0 {
		return nil
	}
	for _, fields := range p.Within.Fields(p.Within.Condition) {
		k := f.IDs.Unchanged(p.Data, fields)
		if k == nil || k.Object() != trace.ValuesObject {
			continue
		}
		steps := f.keys.Global(k.Steps())
		v, isThere := f.keys.At(steps)
		if last := len(steps) - 1; isThere && (v == nil || v == "") && last == len(other)-1 && slices.Equal(steps[:last], other[:last]) {
			return steps
		}
	}
	return nil
}

// partOf is where a part of the text of a scalar is in the output. ok is false if the output writes the text in another way than the
// part was counted.
func (f *output) partOf(n *yaml.Node, part lint.Range, from, to int) (first, end int, ok bool) {
	if n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		from, to = from+1, to-1
	}
	if from > to || f.traced.Text[from:to] != n.Value || part.From < 0 || part.From > part.To || part.To > len(n.Value) {
		return 0, 0, false
	}
	return from + part.From, from + part.To, true
}

// rangeEntry is the values entry that supplied a part of a scalar, which a template file put together. Nil if there is none,
// or if the output writes the text in another way than the part was counted.
func (f *output) rangeEntry(n *yaml.Node, part lint.Range, from, to int, file string) *lint.Entry {
	from, to, ok := f.partOf(n, part, from, to)
	if !ok {
		return nil
	}
	if e := f.templateEntry(from, to); e != nil {
		return entryIf(e, !f.isOfOwnTest(e, file))
	}
	if to-from > 1 && f.traced.Text[from] == 'v' && f.traced.Pieces[f.traced.Find(from)].End == from+1 {
		from++ // the letter before a version, which the template writes
	}
	p, at := f.onlyPiece(from, to)
	switch {
	case p == nil:
		return f.unsetEntry(from)
	case len(p.Keys) == 1 && strings.HasPrefix(p.Keys[0].Object(), chartObject):
		if e := f.entryOf(p.Of); e != nil && !f.hasLines(f.keys.Global(p.Of.Steps())) {
			return entryIf(e, !f.isOfOwnTest(e, file)) // a value that is a template: {{ .Chart.AppVersion }}
		}
		return f.unsetEntry(p.Start) // such as a tag, in place of which appVersion is printed
	case len(p.Keys) == 0 && p.Kind == trace.Printed:
		return f.unsetEntry(p.Start) // such as a tag, in place of which a text of the template is printed
	case len(p.Keys) != 1 || p.Keys[0].Object() != trace.ValuesObject || p.Keys[0].IsName:
		return nil
	case p.Whole && p.Start+at+to-from <= p.End:
		e := f.entryOf(p.Keys[0])
		return entryIf(e, e != nil && !f.isOfOwnTest(e, file))
	}
	return f.textEntry(from, to)
}

// entryOf is the entry of a key of the values. Nil if there is none.
func (f *output) entryOf(k *trace.Key) *lint.Entry {
	if k == nil || k.Object() != trace.ValuesObject {
		return nil
	}
	steps := f.keys.Global(k.Steps())
	was, ok := f.keys.At(steps)
	if !ok {
		return nil
	}
	e, ok := f.keys.Entry(steps, was)
	e.Key = trace.JoinSteps(steps)
	return entryIf(&e, ok)
}

// hasLines reports whether a value is a text of several lines.
func (f *output) hasLines(steps []string) bool {
	v, _ := f.keys.At(steps)
	text, _ := v.(string)
	return strings.Contains(text, "\n")
}

// isOfOwnTest reports whether an entry is one of a test of the chart that owns a file.
func (f *output) isOfOwnTest(e *lint.Entry, file string) bool {
	return f.isOfTest(e.File) && slices.Contains(f.owners[file], f.home)
}

// isOfTest reports whether a values file is one with which the chart is tested. Where each of many
// tests has a value of its own, one finding at the template says more than one for each file, unless it is that of a library.
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

// templateEntry is the line in a values entry that is a template, which put a part of the output together. Nil if there is none.
func (f *output) templateEntry(from, to int) *lint.Entry {
	var literal *trace.Piece
	var of *trace.Key
	for i := f.traced.Find(from); i < len(f.traced.Pieces) && f.traced.Pieces[i].Start < to; i++ {
		p := &f.traced.Pieces[i]
		if p.PrintsNothing() || isBlankValue(f.traced.Text[max(p.Start, from):min(p.End, to)]) {
			continue
		}
		if p.Of == nil || of != nil && !of.Equal(p.Of) {
			return nil
		}
		of = p.Of
		if len(p.Keys) == 1 && p.Keys[0].Equal(of) && literal == nil {
			literal = p
		}
	}
	if literal == nil || of.Object() != trace.ValuesObject {
		return nil
	}
	steps := f.keys.Global(of.Steps())
	at := max(from, literal.Start)
	text := f.traced.Text[at:min(to, literal.End)]
	e, ok := f.keys.EntryWithin(steps, literal.Offset+at-literal.Start, text)
	if !ok {
		e, ok = f.keys.EntryOnLine(steps, text)
	}
	e.Key = trace.JoinSteps(steps)
	return entryIf(&e, ok)
}

// unsetEntry is the entry of the only key that could print something at an offset of the output,
// but has no value. Nil if there is none.
func (f *output) unsetEntry(at int) *lint.Entry {
	only := f.unsetKey(at)
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

// unsetKey is the only key that could print something at an offset of the output, but printed nothing. Nil if there is none.
func (f *output) unsetKey(at int) (only *trace.Key) {
	for i := f.firstAt(f.traced.Find(at), at); i < len(f.traced.Pieces) && f.traced.Pieces[i].Start <= at; i++ {
		p := &f.traced.Pieces[i]
		if !p.PrintsNothing() || p.Start != at || p.Block != nil && p.Block.OfInclude {
			continue
		}
		if p.Block != nil || len(p.Keys) != 1 || p.Keys[0].Object() != trace.ValuesObject || only != nil && !only.Equal(p.Keys[0]) {
			return nil
		}
		only = p.Keys[0]
	}
	return only
}

func entryIf(e *lint.Entry, ok bool) *lint.Entry {
	if !ok {
		return nil
	}
	return e
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
	from, to = f.lines.Span(n)
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

// lineOfKey is the place of a line of a scalar that has a text of the values, in whatever way the scalar is written. If the
// scalar is base64, the line is one of the text in it.
func (f *output) lineOfKey(n *yaml.Node, line int) (o lint.Origin, ok bool) {
	from, to := f.span(n)
	keys := f.suppliers(from, to)
	k, isOnly := onlyOf(keys)
	for _, text := range heldBy(n.Value) {
		e := f.lineOfText(k, isOnly, text, line)
		if e == nil && !isOnly {
			e = f.lineOfOne(keys, text, line)
		}
		if e != nil {
			o = f.origin(from, to)
			if !isOnly {
				f.addKeys(&o, from, to)
				o.Trail = slices.DeleteFunc(o.Trail, func(s lint.Step) bool { return s.Kind == lint.StepValues && s.Label == e.Key })
			}
			o.Entry, o.Precision = e, lint.PrecisionExact // that of the entry
			o.Trail = slices.Insert(o.Trail, 0, lint.Step{Kind: lint.StepValues, Position: e.Position, Label: e.Key, InText: true})
			return f.finish(o, n.Line), true
		}
	}
	return o, false
}

// maxSuppliers is how many keys are looked at of those that supplied a part of the output.
const maxSuppliers = 16

// suppliers are the keys that supplied a part of the output.
func (f *output) suppliers(from, to int) (keys []*trace.Key) {
	for i := f.traced.Find(from); i < len(f.traced.Pieces) && f.traced.Pieces[i].Start < to && len(keys) <= maxSuppliers; i++ {
		p := &f.traced.Pieces[i]
		if p.PrintsNothing() || isBlankValue(f.traced.Text[max(p.Start, from):min(p.End, to)]) {
			continue
		}
		for _, k := range p.Keys {
			if !slices.ContainsFunc(keys, k.Equal) {
				keys = append(keys, k)
			}
		}
	}
	return keys
}

// onlyOf is the only one of some keys or, of several, the only one with the name of a secret. Nil if there is none.
func onlyOf(keys []*trace.Key) (k *trace.Key, isOnly bool) {
	if isOnly = len(keys) == 1; !isOnly {
		keys = slices.DeleteFunc(slices.Clone(keys), func(k *trace.Key) bool { return !trace.IsSecretName(k.Name) })
	}
	if len(keys) != 1 || keys[0].Object() != trace.ValuesObject || keys[0].IsName {
		return nil, false
	}
	return keys[0], isOnly
}

// lineOfOne is the entry of a line of a text that was put together from several texts of the values, each of many lines. Nil unless
// one of them has the line, and is in the text once.
func (f *output) lineOfOne(keys []*trace.Key, text string, line int) *lint.Entry {
	lines := strings.Split(text, "\n")
	if line > len(lines) || len(keys) > maxSuppliers {
		return nil
	}
	part := strings.TrimSpace(lines[line-1])
	at := len(text) - len(strings.Join(lines[line-1:], "\n"))
	for _, k := range keys {
		if k.Object() != trace.ValuesObject || k.IsName || !f.isText(k) || part == "" {
			continue
		}
		steps := f.keys.Global(k.Steps())
		v, _ := f.keys.At(steps)
		was, _ := v.(string)
		whole := strings.TrimRight(was, "\n")
		start := strings.Index(text, whole)
		if start < 0 || start != strings.LastIndex(text, whole) || at < start || at >= start+len(whole) {
			continue
		}
		e, ok := f.keys.EntryWithin(steps, at-start, part)
		e.Key = trace.JoinSteps(steps)
		return entryIf(&e, ok)
	}
	return nil
}

// lineOfText is the entry of a line of a text that was made from the value of a key. Nil if the text does not have that value.
func (f *output) lineOfText(k *trace.Key, isOnly bool, text string, line int) *lint.Entry {
	lines := strings.Split(text, "\n")
	if k == nil || line > len(lines) {
		return nil
	}
	steps, part := f.keys.Global(k.Steps()), strings.TrimSpace(lines[line-1])
	was, _ := f.keys.At(steps)
	value := ""
	if was != nil && !trace.IsContainer(reflect.ValueOf(was)) {
		value = strings.TrimSpace(trace.ScalarText(was))
	}
	if part == "" || value == "" {
		return nil
	}
	var e lint.Entry
	ok := false
	switch {
	case isOnly && was == text:
		if e, ok = f.keys.EntryWithin(steps, len(text)-len(strings.Join(lines[line-1:], "\n")), part); !ok && len(lines) == 1 {
			e, ok = f.keys.Entry(steps, was)
		}
	case isOnly && len(lines) == 1 && strings.EqualFold(part, value), trace.IsSecretName(k.Name) && strings.Contains(part, value):
		e, ok = f.keys.Entry(steps, was)
	}
	e.Key = trace.JoinSteps(steps)
	return entryIf(&e, ok)
}

// maxDecoded is how many times a text is base64 that is looked into.
const maxDecoded = 2

// heldBy are the texts that a scalar may have: its own, and that which it has in base64, also twice.
func heldBy(s string) []string {
	l := []string{s}
	for range maxDecoded {
		b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(s), ""))
		if err != nil || len(b) == 0 || !utf8.Valid(b) {
			break
		}
		s = string(b)
		l = append(l, s)
	}
	return l
}

// entryAt is the entry of the key with a label. It is nil if the values have none.
func (f *output) entryAt(label string) *lint.Entry {
	steps, ok := values.SplitSteps(label)
	if !ok {
		return nil
	}
	v, _ := f.keys.At(steps)
	e, ok := f.keys.Entry(steps, v)
	e.Key, e.Below = label, f.keys.Below(label, e.File)
	return entryIf(&e, ok)
}

// EntryAt is the entry of a key. It is nil if the values have none.
func (f *output) EntryAt(key string) *lint.Entry {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.entryAt(key)
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
		if p.Kind == trace.Disabled && p.Block == nil {
			continue // an empty registry: what is beside it is no digest, and to try it takes time
		}
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
	for i := range l {
		l[i].Below = f.keys.Below(l[i].Key, l[i].File)
	}
	return slices.CompactFunc(l, func(a, b lint.Entry) bool { return a.Key == b.Key })
}

// appendBeside adds the entries of empty keys with some names beside a key, and of absent ones that
// one of the templates names that printed the key's value.
func (f *output) appendBeside(l []lint.Entry, k *trace.Key, names []string, by []trace.Spot) []lint.Entry {
	steps := f.keys.Global(k.Steps())
	beside := steps[:len(steps)-1]
	for _, name := range names {
		if f.appendEmpty(&l, trace.Join(beside, name), steps) || len(beside) == 0 || beside[len(beside)-1] == name || !isRepository[k.Name] || !slices.ContainsFunc(by, func(s trace.Spot) bool { return namesKey(s.Src.Text, name) }) {
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

// appendEmpty adds the entry of a key if it has no value, beside another one. The result is whether the key is there.
func (f *output) appendEmpty(l *[]lint.Entry, steps, other []string) bool {
	v, ok := f.keys.At(steps)
	label := trace.JoinSteps(steps)
	if !ok || v != nil && v != "" {
		return ok
	}
	e, has := f.keys.EmptyBeside(other, steps, v)
	e.Key = label
	i := slices.IndexFunc(*l, func(e lint.Entry) bool { return e.Key == label })
	switch {
	case !has:
	case i < 0:
		*l = append(*l, e)
	case (*l)[i].Addition.Path == "": // beside a key of a file that wins over the other one's
		(*l)[i] = e
	}
	return true
}

// entry is the values entry that alone supplied the value at a part of the output. Nil if
// there is none. isChosen is set if a function chose the value, which might not choose another one.
func (f *output) entry(v lint.Value, from, to int) (found *lint.Entry, isChosen bool) {
	p, at := f.onlyPiece(from, to)
	if p == nil || p.Kind == trace.Literal && !v.IsScalar() {
		return f.emptyEntry(v.Node), false
	}
	if e := f.nameEntry(p, to); e != nil && v.IsScalar() {
		return e, false
	}
	if len(p.Keys) != 1 || p.Keys[0].Object() != trace.ValuesObject || p.Keys[0].IsName == v.IsScalar() || p.Chosen != trace.NoChoice && p.Keys[0].IsName {
		return nil, false
	}
	steps := f.keys.Global(p.Keys[0].Steps())
	was, ok := f.keys.At(steps)
	if !ok {
		return nil, false
	}
	text := f.traced.Text[from:to]
	_, isBool := was.(bool)
	var e lint.Entry
	switch {
	case !p.Whole || f.isPart(p, from, to):
		if e, ok = f.keys.EntryWithin(steps, p.Offset+at, text); !ok && f.isPart(p, from, to) {
			e, ok = f.keys.EntryOnLine(steps, text)
		}
	case !isBlankValue(f.traced.Text[p.Start:max(p.Start, from)]) || !isBlankValue(f.traced.Text[min(p.End, to):p.End]):
		return nil, false
	default:
		e, ok = f.keys.Entry(steps, was)
	}
	if !ok {
		return nil, false
	}
	e.Key = trace.JoinSteps(steps)
	return &e, isBool && p.Chosen != trace.NoChoice && (p.Chosen == trace.Merges || !f.isOfMap(p)) // a function may not choose false
}

// nameEntry is the entry whose name was printed as a key: a field that Kubernetes does not have. Nil if there is none.
func (f *output) nameEntry(p *trace.Piece, to int) *lint.Entry {
	if !p.Whole || len(p.Keys) != 1 || !p.Keys[0].IsName || p.Keys[0].Parent == nil || p.End != to || !strings.HasPrefix(f.text[to:], ":") {
		return nil
	}
	s, ok := f.keyStep(p.Keys[0], f.traced.Text[p.Start:p.End], true)
	e := f.entryOf(p.Keys[0].Parent)
	if !ok || e == nil || e.File != s.Position.File || e.Line != s.Position.Line {
		return nil
	}
	e.Position = s.Position
	return e
}

// emptyEntry is the entry of the only key without a value of which an empty text, map or list was printed: {{ .Values.x | quote }},
// "{{ .Values.x }}", drop: {{ .Values.x | default "[]" }}. Nil if there is none.
func (f *output) emptyEntry(n *yaml.Node) *lint.Entry {
	from, to := f.span(n)
	if to > len(f.text) || !isBlankValue(strings.Trim(f.text[from:to], "{}[]")) {
		return nil
	}
	p := f.pieceAt(from)
	if p == nil || p.Kind != trace.Printed {
		return f.entryOf(f.unsetKey(from + 1))
	}
	if !p.Whole || len(p.Keys) != 1 || p.Keys[0].IsName || p.Start < from || p.End < to && n.Kind == yaml.ScalarNode {
		return nil
	}
	return f.entryOf(p.Keys[0])
}

// isOfMap reports whether the action that printed a value printed its name, too: what was chosen is the map that has both.
func (f *output) isOfMap(p *trace.Piece) bool {
	for i := f.traced.Find(p.Start) - 1; i >= 0; i-- {
		name := &f.traced.Pieces[i]
		switch {
		case name.PrintsNothing() || name.Kind == trace.Filler:
		case len(name.Keys) != 1 || !name.Whole || !name.Keys[0].IsName || name.Src != p.Src || name.Pos != p.Pos || name.Call != p.Call:
			return false
		default:
			return name.Keys[0].Parent.Equal(p.Keys[0]) && strings.Trim(f.traced.Text[name.End:p.Start], " \n\"'") == ":"
		}
	}
	return false
}

// Limits of the keys that are true or false beside another one.
const (
	maxFlags = 2
	// maxApart is how many bytes of a template are between two keys that it reads together.
	maxApart = 160
)

// Flags are the keys that are true or false beside another one, each with the other value, if a template of the chart reads both close
// to each other.
func (f *output) Flags(key string) (flags []lint.Step) {
	f.mu.Lock()
	defer f.mu.Unlock()
	steps, ok := values.SplitSteps(key)
	if !ok || len(steps) < 2 {
		return nil
	}
	last := len(steps) - 1
	above, _ := f.keys.At(steps[:last])
	m, _ := above.(map[string]any)
	for _, name := range trace.SortedKeys(m) {
		on, isFlag := m[name].(bool)
		if isFlag && len(flags) < maxFlags && slices.ContainsFunc(f.Compiled, func(c *trace.Compiled) bool {
			return c.Src.Owner == f.task.src.Owner && areTogether(c.Src.Text, "."+name, "."+steps[last])
		}) {
			flags = append(flags, f.stepToAdd(trace.Join(steps[:last], name), "", strconv.FormatBool(!on)).Step)
		}
	}
	return flags
}

// areTogether reports whether a text has two others close to each other.
func areTogether(text, a, b string) bool {
	for at := 0; ; {
		i := strings.Index(text[at:], a)
		if i < 0 {
			return false
		}
		at += i + len(a)
		if strings.Contains(text[max(0, at-maxApart):min(len(text), at+maxApart)], b) {
			return true
		}
	}
}

// maxDumped is how many times a part of a text is looked at.
const maxDumped = 16

// IsDumped reports whether a part of a text is there only as the value of a key that was printed with the map that has the key.
func (f *output) IsDumped(v lint.Value, part string) bool {
	n := v.Node
	if n == nil || n.Kind != yaml.ScalarNode || n.Line < 1 || part == "" {
		return false
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.resolve()
	from, to := f.lines.Span(n)
	for found := 0; ; found++ {
		i := strings.Index(f.text[from:max(from, to)], part)
		if i < 0 {
			return found > 0
		}
		p := f.pieceAt(from + i)
		if found == maxDumped || p == nil || len(p.Keys) != 1 || p.Keys[0].IsName || p.Keys[0].Object() != trace.ValuesObject || !f.isOfMap(p) {
			return false
		}
		from = max(p.End, from+i+len(part))
	}
}
