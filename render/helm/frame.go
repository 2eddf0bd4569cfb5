package helm

import (
	"reflect"
	"slices"
	"strings"
	"unsafe"
)

// record is one write of a frame.
type record struct {
	start   int // in the frame's output
	site    *site
	literal bool
	shut    bool
	value   reflect.Value // printed
	base    reflect.Value // what the site's operand starts from
	key     *key          // of a variable that the site prints, if that is known
	call    *call
}

// frame is one execution of a template: a file, an include, a tpl.
type frame struct {
	*tracer
	out     strings.Builder
	records []record
	call    *call
	pending record
	at      *site // of the last action
	from    *site // of the action that called tpl, if the template is a string
	up      *frame
	first   *call         // that of the frame itself
	given   reflect.Value // what the frame's template was given
	view
	outer []view // of templates that template has left for others
}

// view is what a template sees.
type view struct {
	data reflect.Value // what it was given
	vars map[string]*key
}

// nowhere is the site of what was printed by nothing that is known.
var nowhere = &site{detail: noDetail}

// set notes the key of a variable. Maps, lists and strings tell it themselves.
func (f *frame) set(s *site, base reflect.Value) {
	if f.vars == nil {
		f.vars = map[string]*key{}
	}
	if s.operand.variable != "" && len(s.operand.fields) == 0 {
		f.vars[s.name] = f.vars[s.operand.variable]
		return
	}
	f.vars[s.name] = f.ids.chain(base, s.operand.fields)
}

// pass does what a mark says.
func (f *frame) pass(s *site) error {
	if s.number > 0 {
		f.reached.add(s.number)
	}
	switch s.mark {
	case actionAt:
		f.at, f.last, f.pending = s, "", record{}
	case actionStep:
		return f.budget.step()
	case actionEnter:
		f.call = f.calling(s.name, s)
		f.call.raw = s.src.file != "" // in a string, what it prints is what tpl returns
		f.outer = append(f.outer, f.view)
		f.view = view{}
		return f.budget.enter(f.levels[s.name])
	case actionLeave:
		f.budget.leave(f.levels[f.call.name])
		f.call = f.call.up
		f.view = f.outer[len(f.outer)-1]
		f.outer = f.outer[:len(f.outer)-1]
	case actionSet:
		f.set(s, f.data)
	case actionShut:
		r := record{start: f.out.Len(), site: s, shut: true, call: f.call}
		if s.base == baseData {
			r.base = f.data
		}
		if o := s.branch.operand; o.variable != "" && len(o.fields) == 0 {
			r.key = f.vars[o.variable]
		}
		f.records = append(f.records, r)
	case actionHit:
	}
	return nil
}

// Write takes what text/template prints. A text node comes as its own bytes,
// which tells the node, and a mark as none at its own address; anything else is
// what the last action printed.
func (f *frame) Write(p []byte) (int, error) {
	s := f.texts[unsafe.SliceData(p)]
	if len(p) == 0 {
		if s == nil {
			return 0, nil
		}
		if err := f.pass(s); err != nil {
			return 0, &markError{s, err}
		}
		return 0, nil
	}
	if err := f.budget.spend(len(p) + noteBytes); err != nil {
		return 0, err
	}
	var r record
	if s != nil {
		r.site, r.literal = s, true
		if s.number > 0 {
			f.reached.add(s.number)
		}
	} else {
		r = f.printedNow(p)
	}
	r.start, r.call = f.out.Len(), f.call
	f.records = append(f.records, r)
	return f.out.Write(p)
}

// printedNow is the record of what the last action printed.
func (f *frame) printedNow(p []byte) record {
	r := f.pending
	f.pending = record{}
	r.site = f.at
	if r.site == nil {
		r.site = nowhere
	}
	if r.site.last && !r.value.IsValid() && string(p) == f.last {
		r.value = reflect.ValueOf(f.last)
	}
	if r.site.base == baseData {
		r.base = f.data
	}
	if o := r.site.operand; o.variable != "" && len(o.fields) == 0 {
		r.key = f.vars[o.variable]
	}
	return r
}

// markError is an error at a mark, which text/template passes on as it is.
type markError struct {
	site *site
	err  error
}

func (e *markError) Error() string { return e.err.Error() }
func (e *markError) Unwrap() error { return e.err }

// calling is the call of a template at a site. In a string it is that of the tpl
// which executes the string. Nil: the site is not known.
func (f *frame) calling(name string, at *site) *call {
	if at != nil && at.src.file == "" {
		at = f.from
	}
	c := &call{name: name, up: f.call}
	if at != nil {
		c.src, c.pos, c.within, c.outer = at.src, at.pos, at.within, f.data
	}
	return c
}

// pieces puts a finished frame's records together.
func (f *frame) pieces() *traced {
	var b builder
	out := f.out.String()
	for i := range f.records {
		r := &f.records[i]
		end := len(out)
		if i+1 < len(f.records) {
			end = f.records[i+1].start
		}
		f.piece(&b, r, out[r.start:end])
	}
	return b.done()
}

// dataOf is what a template was given that this frame executed.
func (f *frame) dataOf(c *call) reflect.Value {
	if c == f.first || c == nil {
		return f.given
	}
	return c.data
}

func (f *frame) piece(b *builder, r *record, text string) {
	s := r.site
	p := piece{kind: printed, src: s.src, pos: s.pos, call: r.call, within: s.within, data: f.dataOf(r.call), chosen: s.chooses}
	inString := s.src != nil && s.src.file == ""
	if inString { // of tpl: the place is the action that prints what tpl returned
		p.src, p.pos, p.call, p.within = nil, 0, nil, nil
	}
	switch {
	case r.shut:
		p.kind, p.branch = shut, s.branch
		if k := r.keyOf(f.ids, s.branch.operand); k != nil {
			p.keys = []*key{k}
		}
		b.add("", p)
	case r.literal && !inString:
		p.kind = literal
		b.add(text, p)
	case r.literal:
		if o := s.src.origin; o != nil {
			whole := o.resolve()
			if whole.text == s.src.text && s.pos+len(text) <= len(whole.text) {
				b.put(whole.slice(s.pos, s.pos+len(text)), p)
				return
			}
			p.keys = whole.keys()
		}
		b.add(text, p)
	default:
		f.printed(b, r, p, text)
	}
}

// printed adds what an action printed, by the origin of the value, else by the
// fields that its pipeline names.
func (f *frame) printed(b *builder, r *record, p piece, text string) {
	if v := under(r.value); v.IsValid() && v.CanInterface() {
		if o := f.ids.of(v.Interface()); o != nil {
			t := o.resolve()
			f.decisions(b, r, p, true)
			if t.text == text {
				b.put(t, p)
				return
			}
			p.keys = t.keys()
			b.add(text, p)
			return
		}
	}
	p.keys, p.whole = r.supplied(f.ids, text)
	f.decisions(b, r, p, p.keys != nil)
	b.add(text, p)
}

// decisions adds the keys that decided what an action printed: all that the pipeline
// names if it computes, else those without a value, for which it took another.
func (f *frame) decisions(b *builder, r *record, p piece, supplied bool) {
	if r.site.logic == false && len(r.site.feeds) < 1 {
		return
	}
	for _, fields := range r.site.feeds {
		k := f.ids.unchanged(r.base, fields)
		if k == nil || k.object() != valuesObject || len(k.steps()) == 0 {
			continue
		}
		v, known := valueAt(f.ids.snapshot, k.steps())
		unset := v == nil || v == ""
		if !known || isContainer(reflect.ValueOf(v)) || !unset && (supplied || !r.site.logic) {
			continue
		}
		d := p
		d.kind, d.keys, d.whole, d.constants = decision, []*key{k}, false, r.site.constants
		b.add("", d)
	}
}

// supplied is the keys that a pipeline names, narrowed down to those whose value
// is what was printed, if there are any. Whole: it is one.
func (r *record) supplied(ids *identities, text string) (keys []*key, whole bool) {
	k := r.keyOf(ids, r.site.operand)
	switch {
	case k != nil && ids.prints(k, text):
		return []*key{k}, true
	case r.site.plain && text != noValue && !isContainer(under(r.value)): // a template changed it
		return nil, false
	case k != nil:
		keys = append(keys, k)
	}
	for _, fields := range r.site.feeds {
		if k := ids.unchanged(r.base, fields); k != nil {
			keys = addKeys(keys, []*key{k})
		}
	}
	if r.site.logic {
		return nil, false // they decide, and are not printed
	}
	var same []*key
	for _, k := range keys {
		if ids.prints(k, text) {
			same = append(same, k)
		}
	}
	if same == nil && text == noValue {
		return keys, false
	}
	if same == nil {
		return slices.DeleteFunc(keys, func(k *key) bool { // decisions names them
			v, _ := valueAt(ids.snapshot, k.steps())
			return k.object() == valuesObject && (v == nil || v == "")
		}), false
	}
	return same, len(same) == 1 // of several equal ones none can be told from the others
}

// keyOf is the key of an operand when the record was made.
func (r *record) keyOf(ids *identities, o operand) *key {
	switch {
	case !o.known:
		return nil
	case o.variable != "" && len(o.fields) == 0:
		return r.key
	case !r.base.IsValid():
		return nil
	}
	return ids.unchanged(r.base, o.fields)
}
