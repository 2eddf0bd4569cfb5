package trace

import (
	"reflect"
	"slices"
	"strings"
	"text/template"
	"unsafe"
)

// record is one write of a frame.
type record struct {
	start    int // offset in the frame's output
	Site     *Site
	literal  bool
	Disabled bool
	value    reflect.Value // the printed value
	base     reflect.Value // the value that the site's operand starts from
	key      *Key          // of a variable that the site prints, if known
	call     *call
	empty    bool // an action printed no text
	// silent is an include that printed nothing, so that no text leads to the blocks that it did not enter. If the record is of a
	// block that was not entered, its condition is the include.
	silent *Frame
}

// Frame is one execution of a template: a file, an include, a tpl.
type Frame struct {
	*Tracer
	Out     strings.Builder
	Records []record
	call    *call
	pending record
	at      *Site // of the last action
	from    *Site // of the action that called tpl, if the template is a string
	up      *Frame
	// tested is the include that printed nothing of which the output is tested, or given to a variable, next.
	tested *Frame
	first  *call         // the call of the frame itself
	given  reflect.Value // the data of the frame's template
	view
	outer []view // views of the callers of the current template
}

// view is the data and the variables that a template sees.
type view struct {
	data reflect.Value // the template's data
	vars map[string]*Key
	// held are the includes that printed nothing of which variables have the output.
	held map[string]*Frame
}

// nowhere is the site of output whose source is not known.
var nowhere = &Site{detail: noDetail}

// set notes the key of a variable. Maps, lists and strings need no note: their address
// gives the key.
func (f *Frame) set(s *Site, base reflect.Value) {
	if f.vars == nil {
		f.vars = map[string]*Key{}
	}
	if s.operand.Variable != "" && len(s.operand.Fields) == 0 {
		f.vars[s.name] = f.vars[s.operand.Variable]
		return
	}
	f.vars[s.name] = f.IDs.chain(base, s.operand.Fields)
}

// hold notes that a variable has the output of an include. What is known of the include is needed only if that printed nothing.
func (f *Frame) hold(name string) {
	if f.tested != nil && f.held == nil {
		f.held = map[string]*Frame{}
	}
	if f.held != nil {
		f.held[name], f.tested = f.tested, nil
	}
}

// pass does what a mark requires.
func (f *Frame) pass(s *Site) error {
	if s.Number > 0 {
		f.Reached.add(s.Number)
	}
	switch s.mark {
	case actionAt:
		f.at, f.last, f.pending = s, "", record{}
	case actionStep:
		return f.Budget.step()
	case actionEnter:
		f.call = f.calling(s.name, s)
		f.call.chosen = s.chooses
		f.call.raw = s.Src.File != "" // a string does not print directly: tpl returns its output
		f.outer = append(f.outer, f.view)
		f.view = view{}
		return f.Budget.enter(f.levels[s.name])
	case actionLeave:
		f.Budget.leave(f.levels[f.call.name])
		f.call = f.call.Up
		f.view = f.outer[len(f.outer)-1]
		f.outer = f.outer[:len(f.outer)-1]
	case actionSet:
		f.set(s, f.data)
	case actionHold:
		f.hold(s.name)
	case actionDisabled:
		r := record{start: f.Out.Len(), Site: s, Disabled: true, call: f.call}
		if s.base == baseData {
			r.base = f.data
		}
		f.note(&r)
		f.Records = append(f.Records, r)
		if s.test == 0 {
			f.running.leaveOut(leftOut{f, len(f.Records) - 1})
		}
	case actionHit:
	}
	return nil
}

// note adds to the record of a block that was not entered what is known only now of the value that its condition tests.
func (f *Frame) note(r *record) {
	s := r.Site
	if s.Block.OfInclude {
		r.silent, f.tested = f.tested, nil
		return
	}
	switch o := s.Block.Tests[s.test].Operand; {
	case o.Variable != "":
		r.silent = f.held[o.Variable]
		if len(o.Fields) == 0 {
			r.key = f.vars[o.Variable]
		}
	case len(o.Fields) == 0 && s.base == baseData && f.call != nil && f.call == f.first:
		r.key = f.call.absent
	}
}

// Write receives what text/template prints. A text node arrives as its own bytes, whose
// address identifies the node. A mark arrives as zero bytes at its own address. Anything
// else was printed by the last action.
func (f *Frame) Write(p []byte) (int, error) {
	s := f.Texts[unsafe.SliceData(p)]
	if len(p) == 0 {
		if s == nil {
			f.printedNothing()
			return 0, nil
		}
		if err := f.pass(s); err != nil {
			return 0, &MarkError{s, err}
		}
		return 0, nil
	}
	if err := f.Budget.spend(len(p) + noteBytes); err != nil {
		return 0, err
	}
	var r record
	if s != nil {
		r.Site, r.literal = s, true
		if s.Number > 0 {
			f.Reached.add(s.Number)
		}
	} else {
		r = f.printedNow(p)
	}
	r.start, r.call = f.Out.Len(), f.call
	f.Records = append(f.Records, r)
	return f.Out.Write(p)
}

// printedNothing notes an action that printed an empty text, if it names values: the text around it may be wrong without.
func (f *Frame) printedNothing() {
	if f.at == nil || len(f.at.operand.Fields) == 0 && len(f.at.chains) == 0 {
		return
	}
	r := f.printedNow(nil)
	r.start, r.call, r.empty = f.Out.Len(), f.call, true
	f.Records = append(f.Records, r)
}

// printedNow is the record of the bytes that the last action printed.
func (f *Frame) printedNow(p []byte) record {
	r := f.pending
	f.pending = record{}
	r.Site = f.at
	if r.Site == nil {
		r.Site = nowhere
	}
	if r.Site.last && !r.value.IsValid() && string(p) == f.last {
		r.value = reflect.ValueOf(f.last)
	}
	if r.Site.base == baseData {
		r.base = f.data
	}
	if o := r.Site.operand; o.Variable != "" && len(o.Fields) == 0 {
		r.key = f.vars[o.Variable]
	}
	return r
}

// MarkError is an error at a mark. text/template returns it unchanged.
type MarkError struct {
	Site *Site
	err  error
}

func (e *MarkError) Error() string { return e.err.Error() }
func (e *MarkError) Unwrap() error { return e.err }

// calling is the call of a template at a site. If the site is in a string, it is the call
// of the tpl that executes the string. The call has no place if the site is not known.
func (f *Frame) calling(name string, at *Site) *call {
	if at != nil && at.Src.File == "" {
		at = f.from
	}
	c := &call{name: name, Up: f.call}
	if at != nil {
		c.src, c.pos, c.Within, c.Outer = at.Src, at.Pos, at.within, f.data
	}
	return c
}

// Pieces joins the records of a finished frame.
func (f *Frame) Pieces() *Traced {
	var b builder
	out := f.Out.String()
	for i := range f.Records {
		r := &f.Records[i]
		end := len(out)
		if i+1 < len(f.Records) {
			end = f.Records[i+1].start
		}
		f.piece(&b, r, out[r.start:end])
	}
	return b.done()
}

// dataOf is the data of a template that this frame executed.
func (f *Frame) dataOf(c *call) reflect.Value {
	if c == f.first || c == nil {
		return f.given
	}
	return c.data
}

// addSilent notes an include of the last action that printed nothing.
func (f *Frame) addSilent(include *Frame) {
	if len(include.Records) > 0 {
		f.Records = append(f.Records, record{start: f.Out.Len(), Site: nowhere, call: f.call, silent: include})
	}
}

func (f *Frame) piece(b *builder, r *record, text string) {
	if r.silent != nil && !r.Disabled {
		for _, p := range r.silent.Pieces().Pieces {
			p.silent++
			b.add("", p)
		}
		return
	}
	s := r.Site
	p := Piece{Kind: Printed, Src: s.Src, Pos: s.Pos, Call: r.call, Within: s.within, Data: f.dataOf(r.call), Chosen: max(s.chooses, r.call.givenChoice())}
	inString := s.Src != nil && s.Src.File == ""
	if inString { // from tpl: the place is that of the action that prints tpl's result
		p.Src, p.Pos, p.Call, p.Within = nil, 0, nil, nil
		p.Of = s.Src.keyAt(s.Pos)
	}
	switch {
	case r.Disabled:
		f.disabled(b, r, p)
	case r.empty:
		f.unset(b, r, p)
	case r.literal && !inString:
		p.Kind = Literal
		b.add(text, p)
	case r.literal:
		s.Src.literal(b, s.Pos, text, p)
	default:
		f.printed(b, r, p, text)
	}
}

// literal adds a part of a string that is printed as it is.
func (s *Source) literal(b *builder, pos int, text string, p Piece) {
	if s.origin == nil {
		b.add(text, p)
		return
	}
	whole := s.origin.resolve()
	if whole.Text != s.Text || pos+len(text) > len(whole.Text) {
		p.Keys = whole.Keys()
		b.add(text, p)
		return
	}
	t := whole.slice(pos, pos+len(text))
	for i := range t.Pieces {
		if q := &t.Pieces[i]; len(q.Keys) == 1 && !q.Keys[0].IsName {
			q.Of = q.Keys[0]
		}
	}
	b.put(t, p)
}

// keyAt is the only value that has the part of a string at an offset. Nil if there is none.
func (s *Source) keyAt(pos int) *Key {
	if s.origin == nil {
		return nil
	}
	whole := s.origin.resolve()
	if i := whole.Find(pos); whole.Text == s.Text && i < len(whole.Pieces) && len(whole.Pieces[i].Keys) == 1 && !whole.Pieces[i].Keys[0].IsName {
		return whole.Pieces[i].Keys[0]
	}
	return nil
}

// disabled adds a block that was not entered. Each test of its condition has a record,
// and all of them become one piece.
func (f *Frame) disabled(b *builder, r *record, p Piece) {
	s := r.Site
	if s.test == 0 {
		p.Kind, p.Block = Disabled, &DisabledBlock{s.Block, make([]*Key, len(s.Block.Tests)), r.silent}
		b.block = len(b.pieces)
		b.add("", p)
	}
	if s.Block.OfInclude {
		return
	}
	if k := f.keyOfTest(r, s.Block.Tests[s.test]); k != nil {
		last := &b.pieces[b.block]
		last.Block.keys[s.test] = k
		last.Keys = append(last.Keys, k)
	}
}

// unset adds the only key without a value that an action printed.
func (f *Frame) unset(b *builder, r *record, p Piece) {
	keys, _ := r.supplied(f.IDs, "")
	if keys == nil { // default "" .x: another value of the key is printed, so that it decides nothing
		for _, fields := range r.Site.chains {
			if k := f.IDs.Unchanged(r.base, fields); k != nil {
				keys = addKeys(keys, []*Key{k})
			}
		}
	}
	if len(keys) != 1 || keys[0].Object() != ValuesObject || keys[0].IsName {
		return
	}
	if v, _ := ValueAt(f.IDs.Snapshot, keys[0].Steps()); v == nil || v == "" {
		p.Kind, p.Keys = Disabled, keys
		b.add("", p)
	}
}

// printed adds what an action printed. The source is the origin of the value or, without
// one, the fields that the pipeline names.
func (f *Frame) printed(b *builder, r *record, p Piece, text string) {
	if v := under(r.value); v.IsValid() && v.CanInterface() {
		if o := f.IDs.Of(v.Interface()); o != nil {
			t := o.resolve()
			f.decisions(b, r, p, true)
			if k := r.emptyFor(f.IDs, t.Text); k != nil && len(t.Keys()) == 0 {
				p.Keys, p.Whole = []*Key{k}, true
				b.add(text, p)
				return
			}
			if t.Text == text {
				b.put(t, p)
				return
			}
			p.Keys = t.Keys()
			b.add(text, p)
			return
		}
	}
	if k := r.emptyFor(f.IDs, text); k != nil {
		p.Keys, p.Whole = []*Key{k}, true
	} else {
		p.Keys, p.Whole = r.supplied(f.IDs, text)
	}
	f.decisions(b, r, p, p.Keys != nil)
	b.add(text, p)
}

// decisions adds the keys that decided what an action printed. If the pipeline computes,
// these are all keys that it names; otherwise only those that are unset, so that it
// printed another value.
func (f *Frame) decisions(b *builder, r *record, p Piece, supplied bool) {
	if !r.Site.logic && len(r.Site.chains) < 1 {
		return
	}
	for i, fields := range r.Site.chains {
		k := f.IDs.Unchanged(r.base, fields)
		if k == nil || k.Object() != ValuesObject || len(k.Steps()) == 0 || r.leavesOut(f.IDs, i) {
			continue
		}
		v, known := ValueAt(f.IDs.Snapshot, k.Steps())
		unset := v == nil || v == ""
		if !known || IsContainer(reflect.ValueOf(v)) || !unset && (supplied || !r.Site.logic) {
			continue
		}
		d := p
		d.Kind, d.Keys, d.Whole, d.Constants = Decision, []*Key{k}, false, r.Site.constants
		b.add("", d)
	}
}

// leavesOut reports whether a chain has no part in what the site's action printed, since a function took another value.
func (r *record) leavesOut(ids *identities, chain int) bool {
	for _, c := range r.Site.choices[chain] {
		for _, o := range c.of {
			if o.Variable != r.Site.start || len(o.Fields) == 0 {
				continue
			}
			k := ids.Unchanged(r.base, o.Fields)
			if k == nil || k.Object() != ValuesObject {
				continue
			}
			v, known := ValueAt(ids.Snapshot, k.Steps())
			if truth, _ := template.IsTrue(v); known && truth != c.needed {
				return true
			}
		}
	}
	return false
}

// supplied is the keys that a pipeline names. If some of them have the printed value, it
// is only those; whole is set if there is exactly one.
func (r *record) supplied(ids *identities, text string) (keys []*Key, whole bool) {
	k := r.keyOf(ids, r.Site.operand)
	switch {
	case k != nil && ids.prints(k, text):
		return []*Key{k}, true
	case r.Site.plain && text != NoValue && !IsContainer(under(r.value)): // a template changed the value
		return nil, false
	case k != nil:
		keys = append(keys, k)
	}
	for i, fields := range r.Site.chains {
		if k := ids.Unchanged(r.base, fields); k != nil && !r.leavesOut(ids, i) {
			keys = addKeys(keys, []*Key{k})
		}
	}
	if r.Site.logic {
		return nil, false // these keys decide what is printed, but are not printed
	}
	var same []*Key
	for _, k := range keys {
		if ids.prints(k, text) {
			same = append(same, k)
		}
	}
	if same == nil && text == NoValue {
		return keys, false
	}
	if same == nil {
		return slices.DeleteFunc(keys, func(k *Key) bool { // decisions adds these keys
			v, _ := ValueAt(ids.Snapshot, k.Steps())
			return k.Object() == ValuesObject && (v == nil || v == "")
		}), false
	}
	return same, len(same) == 1 // several keys with the same value cannot be distinguished
}

// IsNothing reports whether a text is YAML of an empty map, or of no value.
func IsNothing(text string) bool {
	text = strings.TrimSpace(text)
	return text == "{}" || text == "null"
}

// emptyFor is the key, without a value, of which an action printed an empty map or list, or null: default dict .x | toYaml,
// toYaml .x, or toYaml of the variable that was set to it. Nil if there is none.
func (r *record) emptyFor(ids *identities, text string) *Key {
	o := r.Site.operand
	switch {
	case !o.Known || !IsNothing(text) && strings.TrimSpace(text) != "[]":
		return nil
	case o.Variable != "" && len(o.Fields) == 0:
		return ids.ifEmpty(r.key)
	case len(o.Fields) == 0 || !r.base.IsValid():
		return nil
	}
	v, k := r.base, ids.source(r.base)
	for _, name := range o.Fields {
		if v, k = ids.step(v, k, name); k == nil {
			k = ids.source(v)
		}
	}
	if v.IsValid() && !isEmptyContainer(v) {
		return nil
	}
	return ids.ifEmpty(k)
}

// ifEmpty is a key of the values if it has no value, or an empty map or list. It is nil otherwise.
func (ids *identities) ifEmpty(k *Key) *Key {
	if k == nil || k.IsName || k.Object() != ValuesObject {
		return nil
	}
	if had, _ := ValueAt(ids.Snapshot, k.Steps()); had != nil && !isEmptyContainer(reflect.ValueOf(had)) {
		return nil
	}
	return k
}

// keyOf is the key of an operand when the record was made.
func (r *record) keyOf(ids *identities, o Operand) *Key {
	switch {
	case !o.Known:
		return nil
	case o.Variable != "" && len(o.Fields) == 0, len(o.Fields) == 0 && r.key != nil:
		return r.key
	case !r.base.IsValid():
		return nil
	}
	return ids.Unchanged(r.base, o.Fields)
}
