package helm

import (
	"fmt"
	"maps"
	"reflect"
	"strings"
	"text/template"
	"unsafe"
)

// noValue is what text/template prints for nothing; Helm takes it out of the
// output of templates and of tpl, and leaves it in that of include.
const noValue = "<no value>"

// tracer runs the templates of one rendering and records what they print.
type tracer struct {
	ids     *identities
	budget  *budget
	sources map[string]*source // by template name
	// functions are those of templates, for parsing the strings given to tpl.
	functions template.FuncMap
	// texts tell sites by their addresses.
	texts map[*byte]*site
	// compiled are the templates of files, of whose sites reached has the numbers.
	compiled []*compiled
	reached  set
	cur      *frame
	counts   map[string]int // how often each template is being included
	levels   map[string]int // how deep the blocks and parentheses of each template are nested
	// last is what the function that was called last returned, if it tells.
	last string
}

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

func newTracer(b *budget) *tracer {
	return &tracer{
		ids:     newIdentities(),
		budget:  b,
		sources: map[string]*source{},
		texts:   map[*byte]*site{},
		counts:  map[string]int{},
		levels:  map[string]int{},
	}
}

// use makes the trees of a compiled source those of a new template, and of
// templates associated with it, as parsing the source would.
func (t *tracer) use(c *compiled, tm *template.Template) error {
	t.know(c)
	for _, name := range sortedKeys(c.trees) {
		if _, err := tm.AddParseTree(name, c.trees[name]); err != nil {
			return err
		}
	}
	return nil
}

// know notes the addresses of a compiled source.
func (t *tracer) know(c *compiled) {
	for _, x := range c.texts {
		t.texts[x.at] = x.site
	}
	for name, n := range c.levels {
		t.levels[name] = max(t.levels[name], n)
	}
}

// hooks are the functions that instrumented trees call.
func (t *tracer) hooks() template.FuncMap {
	return template.FuncMap{
		fnOut: func(v reflect.Value) (reflect.Value, error) {
			t.cur.pending.value = v
			return v, t.budget.checkPrinted(v)
		},
		fnOutOf: func(base, v reflect.Value) (reflect.Value, error) {
			p := &t.cur.pending
			p.value, p.base = v, base
			return v, t.budget.checkPrinted(v)
		},
		fnSet: func(base, v reflect.Value) reflect.Value {
			t.cur.set(t.cur.at, base)
			return v
		},
		fnShut: func(base reflect.Value) string {
			l := t.cur.records
			l[len(l)-1].base = base
			return ""
		},
		fnArg: func(v reflect.Value) reflect.Value {
			t.cur.data = v
			return v
		},
	}
}

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

func (t *tracer) push(c *call, data any) *frame {
	t.cur = &frame{tracer: t, call: c, up: t.cur, view: view{data: reflect.ValueOf(data)}}
	return t.cur
}

func (t *tracer) pop() { t.cur = t.cur.up }

// execute runs a template as Helm runs those of a chart's files.
func (t *tracer) execute(tm *template.Template, name string, data any) (f *frame, err error) {
	t.cur = nil
	t.budget.depth, t.budget.levels = 0, 0
	clear(t.counts)
	f = t.push(nil, data)
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a template function failed: %v", p)
		}
		t.cur = nil
	}()
	return f, tm.ExecuteTemplate(f, name, data)
}

// maxIncludes is how often a template may be inside itself, as in Helm.
const maxIncludes = 1000

// include is Helm's include: a template's output as a string.
func (t *tracer) include(tm *template.Template) any {
	return func(name string, data any) (string, error) {
		if t.counts[name] > maxIncludes {
			return "", fmt.Errorf("rendering template has a nested reference name: %s: unable to execute template", name)
		}
		levels := t.levels[name]
		if err := t.budget.enter(levels); err != nil {
			return "", err
		}
		t.counts[name]++
		at := t.cur.at
		if name != "" {
			if known, ok := t.texts[unsafe.StringData(name)]; ok {
				at = known
			}
		}
		f := t.push(t.cur.calling(name, at), data)
		err := tm.ExecuteTemplate(f, name, data)
		t.pop()
		t.counts[name]--
		t.budget.leave(levels)
		return t.result(f), err
	}
}

// calling is the call of a template at a site. In a string it is that of the tpl
// which executes the string. Nil: the site is not known.
func (f *frame) calling(name string, at *site) *call {
	if at != nil && at.src.file == "" {
		at = f.from
	}
	c := &call{name: name, up: f.call}
	if at != nil {
		c.src, c.pos = at.src, at.pos
	}
	return c
}

// result is a frame's output as a string that knows its pieces.
func (t *tracer) result(f *frame) string {
	s := f.out.String()
	if s != "" {
		t.ids.strings[unsafe.StringData(s)] = &origin{text: s, ids: t.ids, make: f.pieces}
	}
	t.last = s
	return s
}

// tpl is Helm's tpl: a string executed as a template.
func (t *tracer) tpl(parent *template.Template) any {
	return func(text string, data any) (string, error) {
		if !strings.Contains(text, "{{") {
			if strings.Contains(text, noValue) {
				return t.derive(strings.ReplaceAll(text, noValue, ""), text)
			}
			t.last = text
			return text, t.budget.step() // nothing to execute: the string itself, origin and all
		}
		if err := t.budget.spend(4 * len(text)); err != nil { // its tree
			return "", err
		}
		tm, levels, err := t.parseText(parent, text)
		if err != nil {
			return "", &tplError{what: "cannot parse template", text: text, err: err}
		}
		if err := t.budget.enter(levels); err != nil {
			return "", err
		}
		defer t.budget.leave(levels)
		up := t.cur
		f := t.push(up.call, data)
		if f.from = up.at; f.from == nil || f.from.src.file == "" {
			f.from = up.from
		}
		err = tm.Execute(f, data)
		t.pop()
		if err != nil {
			return "", &tplError{what: "error during tpl function execution for", text: text, err: err}
		}
		if s := f.out.String(); strings.Contains(s, noValue) {
			t.last = t.ids.register(strings.ReplaceAll(s, noValue, ""), &origin{make: func() *traced { return f.pieces().without(noValue) }})
			return t.last, nil
		}
		return t.result(f), nil
	}
}

// parseText parses a string that sees the templates, and tells how deep its blocks
// and parentheses are nested. What it defines is seen by
// it alone, in a copy of them.
func (t *tracer) parseText(parent *template.Template, text string) (tm *template.Template, levels int, err error) {
	c, err := compileText(parent.Name(), &source{text: text, origin: t.ids.ofString(text)}, t.functions)
	if err != nil {
		return nil, 0, err
	}
	levels = c.levels[parent.Name()]
	if len(c.trees) <= 1 {
		t.know(c)
		tm = parent.New(parent.Name())
		tm.Tree = c.trees[parent.Name()] // for this execution only: others do not see it
		return tm, levels, nil
	}
	if tm, err = parent.Clone(); err != nil {
		return nil, 0, err
	}
	tm.Option("missingkey=zero") // Clone loses it
	tm.Funcs(template.FuncMap{"include": t.include(tm), "tpl": t.tpl(tm)})
	tm = tm.New(parent.Name())
	return tm, levels, t.use(c, tm)
}

// tplError is why a string could not be executed.
type tplError struct {
	what, text string
	err        error
}

func (e *tplError) Error() string { return fmt.Sprintf("%s %.100q: %v", e.what, e.text, e.err) }
func (e *tplError) Unwrap() error { return e.err }

// funcs is the function map for parsing and executing: Helm's, those that note
// origins in their place, and the hooks.
func (t *tracer) funcs(tm *template.Template) template.FuncMap {
	f := functions()
	t.noteStrings(f)
	t.noteStructures(f)
	t.boundLists(f)
	t.guardArguments(f)
	f["include"], f["tpl"] = t.include(tm), t.tpl(tm)
	f["required"] = required
	maps.Copy(f, t.hooks())
	t.functions = f
	return f
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

func (f *frame) piece(b *builder, r *record, text string) {
	s := r.site
	p := piece{kind: printed, src: s.src, pos: s.pos, call: r.call}
	inString := s.src != nil && s.src.file == ""
	if inString { // of tpl: the place is the action that prints what tpl returned
		p.src, p.pos, p.call = nil, 0, nil
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
	b.add(text, p)
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
	var same []*key
	for _, k := range keys {
		if ids.prints(k, text) {
			same = append(same, k)
		}
	}
	if same == nil {
		return keys, false
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
