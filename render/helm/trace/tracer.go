package trace

import (
	"fmt"
	"maps"
	"reflect"
	"strings"
	"text/template"
	"unsafe"
)

// NoValue is what text/template prints for a missing value. Helm removes it from the
// output of templates and of tpl, but not from that of include.
const NoValue = "<no value>"

// Tracer runs the templates of one rendering and records what they print.
type Tracer struct {
	// frames are those of the file that is executed, and changed has the maps that templates changed of those which they share.
	frames  []*Frame
	changed map[uintptr]bool
	IDs     *identities
	Budget  *budget
	Sources map[string]*Source // by template name
	// functions are the template functions, for parsing the strings passed to tpl.
	functions template.FuncMap
	// Texts finds sites by their addresses.
	Texts map[*byte]*Site
	// Compiled are the compiled templates of files. Their sites have numbers, which
	// Reached holds.
	Compiled []*Compiled
	Reached  set
	cur      *Frame
	counts   map[string]int // how often each template is being included
	levels   map[string]int // how deep the blocks and parentheses of each template are nested
	// Ran is what the templates of files ran that their texts do not name, by their names; running is the
	// one of the template that is executed.
	Ran     map[string]*Ran
	running *Ran
	// passing has what templates print, as far as it is known.
	passing map[string]printed
	// Conversions are those that all renderings of the chart share. Nil if they share none.
	Conversions *Conversions
	// emptyMerges are the empty maps that templates merged into others.
	emptyMerges []emptyMerge
	// last is the result of the last function that reports its result.
	last string
}

// NewTracer returns a tracer for one rendering within a budget.
func NewTracer(b *budget) *Tracer {
	return &Tracer{
		IDs:     NewIdentities(),
		Budget:  b,
		Sources: map[string]*Source{},
		Texts:   map[*byte]*Site{},
		counts:  map[string]int{},
		levels:  map[string]int{},
		Ran:     map[string]*Ran{},
		running: newRan(),
		passing: map[string]printed{},
	}
}

func newRan() *Ran {
	return &Ran{Texts: map[string]bool{}, Names: map[string]bool{}, times: map[*Block]int{}}
}

// Use adds the trees of a compiled source to a new template and to the templates
// associated with it, just as parsing the source would.
func (t *Tracer) Use(c *Compiled, tm *template.Template) error {
	if len(c.Texts) == 0 || t.Texts[c.Texts[0].at] == nil {
		t.know(c)
	}
	for _, name := range SortedKeys(c.trees) {
		if _, err := tm.AddParseTree(name, c.trees[name]); err != nil {
			return err
		}
	}
	return nil
}

// Share makes known what another tracer of the same chart knows of the templates. That one must not be
// used any more.
func (t *Tracer) Share(o *Tracer) { t.Texts, t.levels = o.Texts, o.levels }

// know adds the addresses of a compiled source to Texts.
func (t *Tracer) know(c *Compiled) {
	for _, x := range c.Texts {
		t.Texts[x.at] = x.site
	}
	for name, n := range c.levels {
		t.levels[name] = max(t.levels[name], n)
	}
}

// hooks are the functions that the trace nodes call.
func (t *Tracer) hooks() template.FuncMap {
	return template.FuncMap{
		fnOut: func(v reflect.Value) (reflect.Value, error) {
			t.cur.pending.value = v
			return v, t.Budget.checkPrinted(v)
		},
		fnOutOf: func(base, v reflect.Value) (reflect.Value, error) {
			p := &t.cur.pending
			p.value, p.base = v, base
			return v, t.Budget.checkPrinted(v)
		},
		fnSet: func(base, v reflect.Value) reflect.Value {
			t.cur.set(t.cur.at, base)
			return v
		},
		fnDisabled: func(base reflect.Value) string {
			l := t.cur.Records
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

func (t *Tracer) push(c *call, data any) *Frame {
	given := reflect.ValueOf(data)
	t.cur = &Frame{Tracer: t, call: c, first: c, given: given, up: t.cur, view: view{data: given}}
	t.frames = append(t.frames, t.cur)
	return t.cur
}

// freeze gives the frames of a file the data as the file left it, if templates change the data that they share: those after it may change
// it again, and what a template read is looked up later.
func (t *Tracer) freeze(data any, before map[string]any) {
	v := reflect.ValueOf(data)
	now, ok := plainOf(v)
	if ok && !t.changed[v.Pointer()] && !isChanged(before, now) {
		return
	}
	if !ok {
		return
	}
	if t.changed == nil {
		t.changed = map[uintptr]bool{}
	}
	t.changed[v.Pointer()] = true
	frozen := reflect.ValueOf(maps.Clone(now)).Convert(v.Type())
	same := func(of *reflect.Value) {
		if x := under(*of); x.IsValid() && x.Kind() == reflect.Map && x.Pointer() == v.Pointer() {
			*of = frozen
		}
	}
	calls := map[*call]bool{}
	for _, f := range t.frames {
		same(&f.given)
		for i := range f.Records {
			same(&f.Records[i].base)
			for c := f.Records[i].call; c != nil && !calls[c]; c = c.Up {
				calls[c] = true
				same(&c.data)
				same(&c.Outer)
			}
		}
	}
}

// plainOf is the map that templates see.
func plainOf(v reflect.Value) (m map[string]any, ok bool) {
	if v.Kind() != reflect.Map || v.IsNil() || !v.Type().ConvertibleTo(plainMap) {
		return nil, false
	}
	return reflect.TypeAssert[map[string]any](v.Convert(plainMap))
}

// isChanged reports whether a map has other entries than before.
func isChanged(before, now map[string]any) bool {
	if len(before) != len(now) {
		return true
	}
	for name, v := range now {
		was, known := before[name]
		x, y := reflect.ValueOf(v), reflect.ValueOf(was)
		switch {
		case !known:
			return true
		case !x.IsValid() || !y.IsValid() || x.Type() != y.Type():
			if x.IsValid() || y.IsValid() {
				return true
			}
		case IsContainer(x):
			if x.Pointer() != y.Pointer() {
				return true
			}
		case x.Kind() != reflect.Struct && x.Comparable() && v != was:
			return true
		}
	}
	return false
}

func (t *Tracer) pop() { t.cur = t.cur.up }

// Execute runs a template in the way Helm runs those of a chart's files.
func (t *Tracer) Execute(tm *template.Template, name string, data any) (f *Frame, err error) {
	t.cur = nil
	t.Budget.depth, t.Budget.levels = 0, 0
	clear(t.counts)
	t.running = newRan()
	t.Ran[name] = t.running
	t.frames = nil
	f = t.push(nil, data)
	t.IDs.running = true
	seen, _ := plainOf(reflect.ValueOf(data))
	before := maps.Clone(seen)
	defer func() {
		t.freeze(data, before)
		t.IDs.running = false
		if p := recover(); p != nil {
			err = fmt.Errorf("a template function failed: %v", p)
		}
		t.cur = nil
	}()
	return f, tm.ExecuteTemplate(f, name, data)
}

// maxIncludes is how many times a template may include itself, as in Helm.
const maxIncludes = 1000

// include is Helm's include, which returns a template's output as a string.
func (t *Tracer) include(tm *template.Template) any {
	return func(name string, data any) (string, error) {
		if t.counts[name] > maxIncludes {
			return "", fmt.Errorf("rendering template has a nested reference name: %s: unable to execute template", name)
		}
		levels := t.levels[name]
		if err := t.Budget.enter(levels); err != nil {
			return "", err
		}
		t.counts[name]++
		at := t.cur.at
		if name != "" {
			if known, ok := t.Texts[unsafe.StringData(name)]; ok {
				at = known
			} else {
				t.running.Names[name] = true
			}
		}
		c := t.cur.calling(name, at)
		if data == nil && at != nil && len(at.operand.Fields) > 0 {
			c.absent = t.IDs.chain(c.Outer, at.operand.Fields)
		}
		f := t.push(c, data)
		err := tm.ExecuteTemplate(f, name, data)
		t.pop()
		if at != nil && f.Out.Len() == 0 {
			switch at.use {
			case usePrint:
				t.cur.addSilent(f)
			case useTest:
				t.cur.tested = f
			case useOther:
			}
		}
		t.counts[name]--
		t.Budget.leave(levels)
		return t.result(f), err
	}
}

// result is a frame's output as a string whose pieces are known.
func (t *Tracer) result(f *Frame) string {
	s := f.Out.String()
	if s != "" {
		t.IDs.strings[unsafe.StringData(s)] = &origin{text: s, ids: t.IDs, make: f.Pieces}
	}
	t.last = s
	return s
}

// tpl is Helm's tpl, which executes a string as a template.
func (t *Tracer) tpl(parent *template.Template) any {
	return func(text string, data any) (string, error) {
		if !strings.Contains(text, "{{") {
			if strings.Contains(text, NoValue) {
				return t.derive(strings.ReplaceAll(text, NoValue, ""), text)
			}
			t.last = text
			return text, t.Budget.step() // nothing to execute: the result is the same string with the same origin
		}
		if err := t.Budget.spend(4 * len(text)); err != nil { // the cost of its parse tree
			return "", err
		}
		t.running.Texts[text] = true
		tm, levels, err := t.parseText(parent, text)
		if err != nil {
			return "", t.tplError("cannot parse as a template", text, err)
		}
		if err := t.Budget.enter(levels); err != nil {
			return "", err
		}
		defer t.Budget.leave(levels)
		up := t.cur
		f := t.push(up.call, data)
		if f.from = up.at; f.from == nil || f.from.Src.File == "" {
			f.from = up.from
		}
		err = tm.Execute(f, data)
		t.pop()
		if err != nil {
			return "", t.tplError("executing as a template", text, err)
		}
		if s := f.Out.String(); strings.Contains(s, NoValue) {
			t.last = t.IDs.register(strings.ReplaceAll(s, NoValue, ""), &origin{make: func() *Traced { return f.Pieces().Without(NoValue) }})
			return t.last, nil
		}
		return t.result(f), nil
	}
}

// parseText parses a string that can call the chart's templates, and returns how deep its
// blocks and parentheses are nested. Templates that the string defines exist only in its
// own copy of the templates.
func (t *Tracer) parseText(parent *template.Template, text string) (tm *template.Template, levels int, err error) {
	c, err := compileText(parent.Name(), &Source{Text: text, origin: t.IDs.ofString(text)}, t.functions)
	if err != nil {
		return nil, 0, err
	}
	levels = c.levels[parent.Name()]
	if len(c.trees) <= 1 {
		t.know(c)
		tm = parent.New(parent.Name())
		tm.Tree = c.trees[parent.Name()] // for this execution only: other executions do not see it
		return tm, levels, nil
	}
	if tm, err = parent.Clone(); err != nil {
		return nil, 0, err
	}
	tm.Option("missingkey=zero") // Clone does not copy this option
	tm.Funcs(template.FuncMap{"include": t.include(tm), "tpl": t.tpl(tm)})
	tm = tm.New(parent.Name())
	return tm, levels, t.Use(c, tm)
}

// Funcs is the function map for parsing and executing: Helm's functions, some of them
// replaced by ones that note origins, and the hooks.
func (t *Tracer) Funcs(tm *template.Template) template.FuncMap {
	f := Functions()
	if t.Conversions != nil {
		maps.Copy(f, t.Conversions.functions())
	}
	t.noteStrings(f)
	t.noteStructures(f)
	t.limitLists(f)
	t.guardArguments(f)
	f["include"], f["tpl"] = t.include(tm), t.tpl(tm)
	f["required"], f["fail"] = t.required, t.fail
	maps.Copy(f, t.hooks())
	t.functions = f
	return f
}
