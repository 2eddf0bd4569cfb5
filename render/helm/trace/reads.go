package trace

import (
	"slices"
	"strings"
	"text/template/parse"
)

// reads is what a template, which is given something, names of the values.
type reads struct {
	// keys are the keys that it reads. What is below them may be read, too.
	keys [][]string
	// calls are the templates that it calls, and files those of the files beside it, by the ends of
	// their names: include (print $.Template.BasePath "/configmap.yaml").
	calls, files []calling
	// texts are what the texts are given that it executes, and computed what the templates are given
	// of which it computes the names. What these are is known of a rendering: see Ran.
	texts, computed []*shape
	// any is set if it may read keys that it does not name.
	any bool
	// fails is set if it calls fail or required. guards are the blocks in which it may fail.
	fails  bool
	guards []guard
}

// calling is the call of a template.
type calling struct {
	name string
	data *shape
	// given is what the data is made from.
	given source
}

// Ran is what a template of a file ran that its text does not name.
type Ran struct {
	// Texts are the texts that tpl executed, and Names the templates of which the names were computed.
	Texts, Names map[string]bool
	// leftOut are the blocks of an if or with that were not entered, those of the helpers among them, in order. times
	// is how often each of them is there.
	leftOut []leftOut
	times   map[*Block]int
}

// Readers knows which templates of a chart and its subcharts may read a key.
type Readers struct {
	trees map[string][]*parse.Tree
	files []string // the names of the templates of files
	nodes map[calledWith]*reader
	roots map[string]*reader
	steps int // how many nodes of templates were looked at
	// guards are the keys on which it depends whether a template fails. Nil if nobody asked.
	guards map[*reader]*guardedBy
}

// calledWith is a template and the name of the shape that it is given.
type calledWith struct{ name, data string }

// reader is a template that is given something. Those that it calls are not part of its reads.
type reader struct {
	reads
	called, callers []*reader
}

// maxReadSteps limits how many nodes are looked at: a template counts once for each shape of what it is given.
const maxReadSteps = 4 << 20

// NewReaders looks at what the templates of files read that were executed in a rendering.
func NewReaders(all []*Compiled, ran map[string]*Ran) *Readers {
	r := &Readers{trees: map[string][]*parse.Tree{}, nodes: map[calledWith]*reader{}, roots: map[string]*reader{}}
	for _, c := range all {
		trees := c.plain()
		for _, name := range SortedKeys(trees) {
			r.trees[name] = append(r.trees[name], trees[name])
		}
		if c.Name != "" {
			r.files = append(r.files, c.Name)
		}
	}
	for _, name := range r.files {
		r.roots[name] = r.reader(calling{name: name, data: theScope})
	}
	for _, name := range r.files {
		if of := ran[name]; of != nil {
			r.addRan(r.roots[name], of)
		}
	}
	return r
}

// reader is a template that is given something, with those that it calls.
func (r *Readers) reader(c calling) *reader {
	id := calledWith{c.name, c.data.id()}
	n := r.nodes[id]
	if n != nil {
		return n
	}
	n = &reader{}
	r.nodes[id] = n
	if r.steps++; r.steps > maxReadSteps {
		n.any = true
		return n
	}
	for _, t := range r.trees[c.name] {
		own, steps := findReads(t, c.data)
		r.steps += steps
		n.any, n.fails = n.any || own.any, n.fails || own.fails
		n.calls, n.guards = append(n.calls, own.calls...), append(n.guards, own.guards...)
		n.keys = append(n.keys, own.keys...)
		n.texts, n.computed = append(n.texts, own.texts...), append(n.computed, own.computed...)
		for _, called := range own.calls {
			n.call(r.reader(called))
		}
		for _, called := range own.files {
			for _, name := range r.files {
				if strings.HasSuffix(name, "/templates"+called.name) {
					n.call(r.reader(calling{name: name, data: called.data}))
				}
			}
		}
	}
	return n
}

func (n *reader) call(called *reader) {
	n.called, called.callers = append(n.called, called), append(called.callers, n)
}

// addRan adds to the template of a file what it ran that its text does not name. It was given what one of the calls is
// given that the template makes, with those that it calls.
func (r *Readers) addRan(root *reader, ran *Ran) {
	added := map[*reader]bool{}
	add := func(c calling) {
		if n := r.reader(c); !added[n] {
			added[n] = true
			root.call(n)
		}
	}
	for before := -1; before != len(added); {
		before = len(added)
		texts, computed := root.runs()
		for _, text := range SortedKeys(ran.Texts) {
			name, ok := r.addText(text)
			if !ok {
				root.any = true // it defines templates
				return
			}
			for _, data := range texts {
				add(calling{name: name, data: data})
			}
		}
		for _, name := range SortedKeys(ran.Names) {
			for _, data := range computed {
				add(calling{name: name, data: data})
			}
		}
	}
}

// addText adds a text that tpl ran as a template, under a name that no other one has. ok is false if it defines
// templates of its own, or is none.
func (r *Readers) addText(text string) (name string, ok bool) {
	name = "\x00" + text
	if r.trees[name] != nil {
		return name, true
	}
	trees, err := plainTrees(name, text)
	if err != nil || len(trees) != 1 {
		return name, false
	}
	r.trees[name] = []*parse.Tree{trees[name]}
	return name, true
}

// runs is what the texts, and the templates with computed names, may be given that a template runs, or one that it calls.
func (n *reader) runs() (texts, computed []*shape) {
	known := map[[2]string]bool{}
	add := func(l *[]*shape, kind string, more []*shape) {
		for _, s := range more {
			if id := [2]string{kind, s.id()}; !known[id] {
				known[id] = true
				*l = append(*l, s)
			}
		}
	}
	seen := map[*reader]bool{n: true}
	for open := []*reader{n}; len(open) > 0; {
		n := open[len(open)-1]
		open = open[:len(open)-1]
		add(&texts, "text", n.texts)
		add(&computed, "name", n.computed)
		for _, c := range n.called {
			if !seen[c] {
				seen[c] = true
				open = append(open, c)
			}
		}
	}
	return texts, computed
}

// Of is the templates of files that may read one of some keys, or call one that may.
func (r *Readers) Of(keys [][]string) map[string]bool {
	return r.callersOf(func(n *reader) bool { return n.readsOne(keys) })
}

// callersOf is the templates of files that are one of some templates, or call one.
func (r *Readers) callersOf(is func(n *reader) bool) map[string]bool {
	found := map[*reader]bool{}
	var open []*reader
	add := func(n *reader) {
		if !found[n] {
			found[n] = true
			open = append(open, n)
		}
	}
	for _, n := range r.nodes {
		if is(n) {
			add(n)
		}
	}
	for len(open) > 0 {
		n := open[len(open)-1]
		open = open[:len(open)-1]
		for _, caller := range n.callers {
			add(caller)
		}
	}
	files := map[string]bool{}
	for name, n := range r.roots {
		if found[n] {
			files[name] = true
		}
	}
	return files
}

// readsOne reports whether a template itself may read one of some keys.
func (r *reads) readsOne(keys [][]string) bool {
	return r.any || slices.ContainsFunc(keys, func(k []string) bool {
		return slices.Contains(k, ValuesObject) || slices.ContainsFunc(r.keys, func(own []string) bool {
			n := min(len(own), len(k))
			return slices.Equal(own[:n], k[:n])
		})
	})
}

// readFinder finds what a template reads. It follows where the values as a whole may be: in the
// data that a template is given, in variables, and in the arguments of calls.
type readFinder struct {
	reads
	vars map[string]*shape
	// aliases are the variables that may have a map that something else has, too.
	aliases map[string]bool
	// from is what the variables are made from that have none of the values as a whole, and dot what the dot is.
	from    map[string]source
	dot     source
	changed bool
	steps   int
}

// maxReadPasses limits how often a template is looked at until nothing more is known of its variables.
const maxReadPasses = 8

// findReads finds what a template reads that is given something. A template that hands the values as a whole to a
// function may read anything.
func findReads(t *parse.Tree, data *shape) (found *reads, steps int) {
	f := &readFinder{vars: map[string]*shape{"$": data}, aliases: map[string]bool{"$": true}}
	for range maxReadPasses {
		f.changed, f.reads = false, reads{}
		f.from, f.dot = map[string]source{}, theData
		f.list(t.Root, data)
		if f.any {
			f.fails = callsFail(t)
		}
		if f.any || !f.changed {
			return &f.reads, f.steps
		}
	}
	return &reads{any: true, fails: callsFail(t)}, f.steps
}

// list looks at a block.
func (f *readFinder) list(l *parse.ListNode, dot *shape) {
	if l == nil {
		return
	}
	for _, n := range l.Nodes {
		if f.any {
			return
		}
		f.node(n, dot)
	}
}

func (f *readFinder) node(n parse.Node, dot *shape) {
	f.steps++
	switch n := n.(type) {
	case *parse.TextNode, *parse.CommentNode, *parse.BreakNode, *parse.ContinueNode:
	case *parse.ActionNode:
		if f.pipe(n.Pipe, dot) != nil && len(n.Pipe.Decl) == 0 {
			f.any = true // it is printed
		}
	case *parse.TemplateNode:
		f.calls = append(f.calls, calling{n.Name, f.pipe(n.Pipe, dot), f.sourceOf(n.Pipe, dot)})
	case *parse.IfNode:
		f.test(n.Pipe, dot)
		f.guarded(f.sourceOf(n.Pipe, dot), func() {
			f.list(n.List, dot)
			f.list(n.ElseList, dot)
		})
	case *parse.WithNode:
		s, from := f.test(n.Pipe, dot), f.sourceOf(n.Pipe, dot)
		f.guarded(from, func() {
			f.within(from, n.List, s)
			f.list(n.ElseList, dot)
		})
	case *parse.RangeNode:
		f.ranges(n, dot)
	default:
		f.any = true
	}
}

// test looks at the pipeline of an if or with. What these do with the values as a whole depends on whether there are any.
func (f *readFinder) test(p *parse.PipeNode, dot *shape) *shape {
	s := f.pipe(p, dot)
	f.any = f.any || s.isWhole()
	return s
}

func (f *readFinder) ranges(n *parse.RangeNode, dot *shape) {
	s := f.commands(n.Pipe, dot)
	if s.isWhole() {
		f.any = true
		return
	}
	if s != nil {
		s = s.element()
	}
	from := f.sourceOf(n.Pipe, dot).below(element)
	for i, v := range n.Pipe.Decl {
		f.assign(v.Ident[0], s, true)
		if i == len(n.Pipe.Decl)-1 {
			f.derive(v.Ident[0], from)
		}
	}
	f.within(from, n.List, s)
	f.list(n.ElseList, dot)
}

// pipe looks at a pipeline. The result is the shape of its value.
func (f *readFinder) pipe(p *parse.PipeNode, dot *shape) *shape {
	if p == nil {
		return nil
	}
	s := f.commands(p, dot)
	for _, v := range p.Decl {
		f.assign(v.Ident[0], s, !isNewMap(p))
		f.derive(v.Ident[0], f.sourceOf(p, dot))
	}
	return s
}

func (f *readFinder) commands(p *parse.PipeNode, dot *shape) (last *shape) {
	for i, c := range p.Cmds {
		last = f.command(c, dot, i > 0, last)
	}
	return last
}

// assign notes what a variable may have.
func (f *readFinder) assign(name string, s *shape, isAlias bool) {
	was := f.vars[name]
	if s = either(was, s); s.id() != was.id() {
		f.vars[name], f.changed = s, true
	}
	if isAlias && !f.aliases[name] {
		f.aliases[name], f.changed = true, true
	}
}

// isNewMap reports whether a pipeline makes a map that nothing else has.
func isNewMap(p *parse.PipeNode) bool {
	if len(p.Cmds) != 1 {
		return false
	}
	fn, ok := p.Cmds[0].Args[0].(*parse.IdentifierNode)
	return ok && (fn.Ident == "dict" || fn.Ident == "deepCopy" || fn.Ident == "mustDeepCopy")
}

// command looks at a command. HasLast says whether it is given the result of the command before it, which is last.
func (f *readFinder) command(c *parse.CommandNode, dot *shape, hasLast bool, last *shape) *shape {
	f.steps += len(c.Args)
	if fn, ok := c.Args[0].(*parse.IdentifierNode); ok {
		return f.call(fn.Ident, c.Args[1:], dot, hasLast, last)
	}
	if either(f.args(c.Args[1:], dot)...) != nil || last != nil {
		f.any = true
	}
	return f.arg(c.Args[0], dot)
}

func (f *readFinder) args(args []parse.Node, dot *shape) []*shape {
	l := make([]*shape, len(args))
	for i, a := range args {
		l[i] = f.arg(a, dot)
	}
	return l
}

// call looks at a call of a function.
func (f *readFinder) call(name string, args []parse.Node, dot *shape, hasLast bool, last *shape) *shape {
	if name == "include" {
		f.include(args, dot, last)
		return nil
	}
	f.fails = f.fails || name == "fail" || name == "required"
	given := f.args(args, dot)
	if hasLast {
		given, args = append(given, last), append(slices.Clone(args), nil)
	}
	all := either(given...)
	switch {
	case name == "tpl" && len(given) == 2 && given[0] == nil:
		f.texts = append(f.texts, given[1])
		return nil
	case name == "set":
		if v, ok := args[0].(*parse.VariableNode); ok && len(args) == 3 && args[2] != nil {
			from := f.sourceOf(args[2], dot)
			from.derived = true
			f.derive(v.Ident[0], from)
		}
		return f.set(args, given)
	case all == nil:
		return nil
	case name == "dict":
		return dict(args, given)
	case mergers[name]:
		return f.merge(args, given)
	case name == "index" || name == "get" || name == "hasKey":
		return f.index(name, args, given)
	case name == "dig":
		return f.dig(args, given)
	case sameAs[name]:
		for _, s := range given { // which one it is may depend on whether there are values
			f.any = f.any || s.isWhole()
		}
		return all
	case name == "list" || name == "tuple":
		return mixed(nil, all)
	case adders[name] && !given[0].isWhole():
		return mixed(nil, either(given[0].element(), either(given[1:]...)))
	case name == "values" && all.kind == isMixed:
		return mixed(nil, all.element())
	case restOf[name] && all.kind == isMixed:
		return all
	case firstOf[name] && all.kind == isMixed:
		return all.element()
	case typeFuncs[name] && all.kind == isMixed:
		return nil
	}
	f.any = true
	return nil
}

// dict is the map that a call of dict makes.
func dict(args []parse.Node, given []*shape) *shape {
	parts := map[string]*shape{}
	var others *shape
	for i := 0; i+1 < len(given); i += 2 {
		if key, ok := constKey(args[i]); ok {
			parts[key] = either(parts[key], given[i+1])
		} else {
			others = either(others, given[i+1])
		}
	}
	return mixed(parts, others)
}

// constKey is a key that is written in a template.
func constKey(n parse.Node) (string, bool) {
	s, ok := n.(*parse.StringNode)
	if !ok || namesShape(s.Text) {
		return "", false
	}
	return s.Text, true
}

// set looks at a call that gives a map a key. Only a variable is known to get what the call sets.
func (f *readFinder) set(args []parse.Node, given []*shape) *shape {
	if len(given) != 3 || given[0].isWhole() || given[1] != nil {
		f.any = f.any || either(given...) != nil
		return nil
	}
	if given[2] == nil {
		return given[0]
	}
	v, ok := args[0].(*parse.VariableNode)
	if !ok || len(v.Ident) != 1 || f.aliases[v.Ident[0]] {
		f.any = true
		return nil
	}
	s := either(given[0], dict(args[1:], given[1:]))
	f.assign(v.Ident[0], s, false)
	return s
}

// merge looks at a call that puts maps into the first one. Only a new map is known to get what is in the others.
func (f *readFinder) merge(args []parse.Node, given []*shape) *shape {
	p, ok := args[0].(*parse.PipeNode)
	if !ok || !isNewMap(p) || given[0].isWhole() {
		f.any = true
		return nil
	}
	if c := p.Cmds[0]; c.Args[0].(*parse.IdentifierNode).Ident == "dict" {
		keys := map[string]bool{}
		for i := 1; i < len(c.Args); i += 2 {
			key, ok := constKey(c.Args[i])
			f.any = f.any || !ok
			keys[key] = true
		}
		for _, s := range given[1:] { // what it has at such a key may be put into a map that something else has, too
			f.any = f.any || s.clashesWith(keys)
		}
	}
	return either(given...)
}

// index looks at a call that takes what is at some keys.
func (f *readFinder) index(name string, args []parse.Node, given []*shape) *shape {
	s := given[0]
	if either(given[1:]...) != nil {
		f.any = true
		return nil
	}
	for i, a := range args[1:] {
		switch key, ok := a.(*parse.StringNode); {
		case s == nil:
			return nil
		case s.kind == isValues:
			f.keyOf(s, args[1+i:])
			return nil
		case s.kind != isMixed:
			f.any = true
			return nil
		case name == "hasKey":
			return nil
		case ok:
			s = s.at(key.Text)
		default:
			s = s.element()
		}
	}
	return s
}

// read notes a key of values. A subchart sees the globals of the chart as its own.
func (f *readFinder) read(of *shape, key []string) {
	f.keys = append(f.keys, slices.Concat(of.path, key))
	if len(of.path) > 0 && key[0] == "global" {
		f.keys = append(f.keys, key)
	}
}

// keyOf notes the key of values that constants name.
func (f *readFinder) keyOf(of *shape, args []parse.Node) {
	var key []string
	for _, a := range args {
		s, ok := a.(*parse.StringNode)
		if !ok {
			f.any = true
			return
		}
		key = append(key, s.Text)
	}
	f.read(of, key)
}

// dig looks at a call that takes what is at some keys of its last argument.
func (f *readFinder) dig(args []parse.Node, given []*shape) *shape {
	n := len(given) - 1
	if n < 2 || either(given[:n]...) != nil || given[n].kind != isValues {
		f.any = true
		return nil
	}
	f.keyOf(given[n], args[:n-1])
	return nil
}

// include looks at a call of include.
func (f *readFinder) include(args []parse.Node, dot, last *shape) {
	if len(args) == 0 {
		f.any = true
		return
	}
	data := either(append(f.args(args[1:], dot), last)...)
	switch n := args[0].(type) {
	case *parse.StringNode:
		f.calls = append(f.calls, calling{n.Text, data, f.sourceOfAll(args[1:], dot)})
		return
	case *parse.PipeNode:
		if file, ok := fileBeside(n); ok {
			f.files = append(f.files, calling{name: file, data: data})
			return
		}
	}
	f.any = f.any || f.arg(args[0], dot) != nil
	f.computed = append(f.computed, data)
}

// fileBeside is the end of the name of the file that a pipeline names as one beside the template's.
func fileBeside(n *parse.PipeNode) (file string, ok bool) {
	if len(n.Cmds) != 1 || len(n.Decl) > 0 || len(n.Cmds[0].Args) != 3 {
		return "", false
	}
	fn, _ := n.Cmds[0].Args[0].(*parse.IdentifierNode)
	name, _ := n.Cmds[0].Args[2].(*parse.StringNode)
	at := fields(n.Cmds[0].Args[1])
	if fn == nil || fn.Ident != "print" || name == nil || len(at) < 2 || !slices.Equal(at[len(at)-2:], []string{"Template", "BasePath"}) {
		return "", false
	}
	return name.Text, true
}

// fields are the names in a chain of fields. Nil if it is none.
func fields(n parse.Node) []string {
	switch n := n.(type) {
	case *parse.FieldNode:
		return n.Ident
	case *parse.VariableNode:
		return n.Ident[1:]
	}
	return nil
}

// arg looks at an argument.
func (f *readFinder) arg(n parse.Node, dot *shape) *shape {
	switch n := n.(type) {
	case *parse.StringNode, *parse.NumberNode, *parse.BoolNode, *parse.NilNode:
		return nil
	case *parse.DotNode:
		return dot
	case *parse.FieldNode:
		return f.chain(dot, n.Ident)
	case *parse.VariableNode:
		return f.chain(f.vars[n.Ident[0]], n.Ident[1:])
	case *parse.ChainNode:
		return f.chain(f.arg(n.Node, dot), n.Field)
	case *parse.PipeNode:
		return f.pipe(n, dot)
	case *parse.IdentifierNode:
		return f.call(n.Ident, nil, dot, false, nil)
	}
	f.any = true
	return theUnknown
}

// valuesMethods are the methods of .Values, and subcharts those of which a chart sees the values.
var valuesMethods = names("AsMap Encode PathValue Table YAML")

const subcharts = "Subcharts"

// chain looks at a chain of fields that starts from something.
func (f *readFinder) chain(s *shape, fields []string) *shape {
	for i, name := range fields {
		switch {
		case s == nil:
			return nil
		case s.kind == isUnknown:
			f.any = true
			return nil
		case s.kind == isValues:
			f.any = f.any || valuesMethods[name]
			f.read(s, fields[i:])
			return nil
		case s.kind == isSubcharts:
			s = scopeOf(Join(s.path, name))
			continue
		}
		s = s.at(name)
	}
	return s
}
