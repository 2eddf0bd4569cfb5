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
			if t.cur.call != nil {
				t.cur.call.data = v
			}
			return v
		},
	}
}

func (t *tracer) push(c *call, data any) *frame {
	given := reflect.ValueOf(data)
	t.cur = &frame{tracer: t, call: c, first: c, given: given, up: t.cur, view: view{data: given}}
	return t.cur
}

func (t *tracer) pop() { t.cur = t.cur.up }

// execute runs a template as Helm runs those of a chart's files.
func (t *tracer) execute(tm *template.Template, name string, data any) (f *frame, err error) {
	t.cur = nil
	t.budget.depth, t.budget.levels = 0, 0
	clear(t.counts)
	f = t.push(nil, data)
	t.ids.running = true
	defer func() {
		t.ids.running = false
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
			return "", t.tplError("cannot parse as a template", text, err)
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
			return "", t.tplError("executing as a template", text, err)
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

// tplError is why a string could not be executed. It names the values key of the
// string, and never quotes the string, which may hold secrets.
type tplError struct {
	what string
	key  string // empty: not known
	err  error
}

func (t *tracer) tplError(what, text string, err error) error {
	e := &tplError{what: what, err: err}
	if o := t.ids.ofString(text); o != nil && o.key != nil && o.key.object() == valuesObject && !o.key.isName {
		e.key = joinSteps(o.key.steps())
	}
	return e
}

func (e *tplError) Error() string {
	if e.key == "" {
		return fmt.Sprintf("%s: %v", e.what, e.err)
	}
	text := e.err.Error()
	if secretName.MatchString(e.key) {
		text = withoutQuotes(text)
	}
	return fmt.Sprintf("%s the value of %s: %s", e.what, e.key, text)
}

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
