package helm

import (
	"fmt"
	"maps"
	"reflect"
	"strings"
	"text/template"
	"text/template/parse"
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
	sites   []site
	// literals and includes give the site of a text node, and of the constant
	// name of an include, by the address of their text.
	literals map[*byte]int
	includes map[*byte]int
	done     map[*parse.Tree]bool
	cur      *frame
	counts   map[string]int // how often each template is being included
}

// record is one write of a frame.
type record struct {
	start   int // in the frame's output
	site    int
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
	vars    map[string]*key
	outer   []map[string]*key // variables of templates that template has left for others
	at      int               // site of the last action with a computed include
	up      *frame
}

func newTracer(b *budget) *tracer {
	return &tracer{
		ids:      newIdentities(),
		budget:   b,
		sources:  map[string]*source{},
		sites:    []site{{detail: noDetail}}, // zero is no site
		literals: map[*byte]int{},
		includes: map[*byte]int{},
		done:     map[*parse.Tree]bool{},
		counts:   map[string]int{},
	}
}

// hooks are the functions that instrumented trees call.
func (t *tracer) hooks() template.FuncMap {
	return template.FuncMap{
		fnOut: func(id int, base, v reflect.Value) (reflect.Value, error) {
			f := t.cur
			s := &t.sites[id]
			s.reached = true
			f.pending = record{site: id, value: v, base: base}
			if s.operand.variable != "" && len(s.operand.fields) == 0 {
				f.pending.key = f.vars[s.operand.variable]
			}
			return v, t.budget.checkPrinted(v)
		},
		fnSet: func(id int, base, v reflect.Value) reflect.Value {
			t.sites[id].reached = true
			t.cur.set(&t.sites[id], base)
			return v
		},
		fnEnter: func(id int) (string, error) {
			f, s := t.cur, &t.sites[id]
			s.reached = true
			f.call = &call{name: s.name, src: s.src, pos: s.pos, up: f.call}
			f.outer = append(f.outer, f.vars)
			f.vars = nil
			return "", t.budget.enter()
		},
		fnLeave: func(int) string {
			f := t.cur
			f.call = f.call.up
			f.vars = f.outer[len(f.outer)-1]
			f.outer = f.outer[:len(f.outer)-1]
			t.budget.leave()
			return ""
		},
		fnAt: func(id int) string {
			t.cur.at = id
			return ""
		},
		fnShut: func(id int, base reflect.Value) string {
			f := t.cur
			r := record{start: f.out.Len(), site: id, shut: true, base: base, call: f.call}
			if o := t.sites[id].branch.operand; o.variable != "" && len(o.fields) == 0 {
				r.key = f.vars[o.variable]
			}
			f.records = append(f.records, r)
			return ""
		},
		fnStep: func(id int) (string, error) {
			t.sites[id].reached = true
			return "", t.budget.step()
		},
		fnHit: func(id int) string {
			t.sites[id].reached = true
			return ""
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

// Write takes what text/template prints. A text node comes as its own bytes,
// which tells the node; anything else is what the last action announced.
func (f *frame) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if err := f.budget.spend(len(p) + noteBytes); err != nil {
		return 0, err
	}
	var r record
	if id, ok := f.literals[&p[0]]; ok {
		r.site, r.literal = id, true
		f.sites[id].reached = true
	} else {
		r, f.pending = f.pending, record{}
	}
	r.start, r.call = f.out.Len(), f.call
	f.records = append(f.records, r)
	return f.out.Write(p)
}

func (t *tracer) push(c *call) *frame {
	t.cur = &frame{tracer: t, call: c, up: t.cur}
	return t.cur
}

func (t *tracer) pop() { t.cur = t.cur.up }

// execute runs a template as Helm runs those of a chart's files.
func (t *tracer) execute(tm *template.Template, name string, data any) (f *frame, err error) {
	t.cur = nil
	t.budget.depth = 0
	clear(t.counts)
	f = t.push(nil)
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
		if err := t.budget.enter(); err != nil {
			return "", err
		}
		t.counts[name]++
		c := &call{name: name, up: t.cur.call}
		id := t.cur.at
		if name != "" {
			if known, ok := t.includes[unsafe.StringData(name)]; ok {
				id = known
			}
		}
		if s := t.sites[id]; s.src != nil {
			c.src, c.pos = s.src, s.pos
		}
		f := t.push(c)
		err := tm.ExecuteTemplate(f, name, data)
		t.pop()
		t.counts[name]--
		t.budget.leave()
		return t.result(f), err
	}
}

// result is a frame's output as a string that knows its pieces.
func (t *tracer) result(f *frame) string {
	s := f.out.String()
	if s != "" {
		t.ids.strings[unsafe.StringData(s)] = &origin{text: s, make: f.pieces}
	}
	return s
}

// tpl is Helm's tpl: a string executed as a template.
func (t *tracer) tpl(parent *template.Template) any {
	return func(text string, data any) (string, error) {
		if !strings.Contains(text, "{{") {
			if strings.Contains(text, noValue) {
				return t.derive(strings.ReplaceAll(text, noValue, ""), text)
			}
			return text, t.budget.step() // nothing to execute: the string itself, origin and all
		}
		if err := t.budget.enter(); err != nil {
			return "", err
		}
		defer t.budget.leave()
		if err := t.budget.spend(4 * len(text)); err != nil { // its tree
			return "", err
		}
		tm, err := t.parseText(parent, text)
		if err != nil {
			return "", &tplError{what: "cannot parse template", text: text, err: err}
		}
		f := t.push(t.cur.call)
		err = tm.Execute(f, data)
		t.pop()
		if err != nil {
			return "", &tplError{what: "error during tpl function execution for", text: text, err: err}
		}
		if s := f.out.String(); strings.Contains(s, noValue) {
			return t.ids.register(strings.ReplaceAll(s, noValue, ""), &origin{make: func() *traced { return f.pieces().without(noValue) }}), nil
		}
		return t.result(f), nil
	}
}

// parseText parses a string in a copy of the templates, so that what it defines
// is seen by it alone, and puts the trace nodes in.
func (t *tracer) parseText(parent *template.Template, text string) (*template.Template, error) {
	if err := checkBlocks(text); err != nil {
		return nil, err
	}
	tm, err := parent.Clone()
	if err != nil {
		return nil, err
	}
	tm.Option("missingkey=zero") // Clone loses it
	tm.Funcs(template.FuncMap{"include": t.include(tm), "tpl": t.tpl(tm)})
	defines := strings.Contains(text, "define") || strings.Contains(text, "block")
	var before map[string]*parse.Tree
	if defines {
		before = trees(tm)
	}
	if tm, err = tm.New(parent.Name()).Parse(text); err != nil {
		return nil, err
	}
	src := &source{text: text, origin: t.ids.ofString(text)}
	t.instrument(tm.Tree, src)
	if defines {
		for _, x := range tm.Templates() {
			if x.Tree != nil && before[x.Name()] != x.Tree {
				t.instrument(x.Tree, src)
			}
		}
	}
	return tm, nil
}

func trees(tm *template.Template) map[string]*parse.Tree {
	m := map[string]*parse.Tree{}
	for _, x := range tm.Templates() {
		m[x.Name()] = x.Tree
	}
	return m
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
	s := &f.sites[r.site]
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
		f.printed(b, r, s, p, text)
	}
}

// printed adds what an action printed, by the origin of the value, else by the
// fields that its pipeline names.
func (f *frame) printed(b *builder, r *record, s *site, p piece, text string) {
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
	var fed []*key
	if k := r.keyOf(f.ids, s.operand); k != nil {
		fed = append(fed, k)
	}
	for _, fields := range s.feeds {
		if k := f.ids.chain(r.base, fields); k != nil {
			fed = addKeys(fed, []*key{k})
		}
	}
	p.keys = fed
	for _, k := range fed {
		if f.ids.prints(k, text) {
			p.keys, p.whole = []*key{k}, true
			break
		}
	}
	b.add(text, p)
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
	return ids.chain(r.base, o.fields)
}
