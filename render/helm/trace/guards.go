package trace

import (
	"slices"
	"strings"
	"text/template/parse"
)

// guard is a block of a template with what its condition depends on.
type guard struct {
	on source
	// fails is set if the block itself calls fail or required, and calls are the templates that it calls.
	fails bool
	calls []calling
}

// source is what a value may be made from.
type source struct {
	// keys are keys of the values; Element stands for any element of a list or map.
	keys [][]string
	// calls are the templates whose output it is made from.
	calls []calling
	// data are the fields below what the template is given.
	data [][]string
	// derived is set if it may be more than what is at the keys.
	derived bool
}

// element stands in a key for any element of a list or map.
const element = "*"

// maxSourceKeys limits how many keys of a source are followed.
const maxSourceKeys = 64

func (s *source) add(more source) {
	s.keys, s.data = addPaths(s.keys, more.keys), addPaths(s.data, more.data)
	if len(s.calls) < maxSourceKeys {
		s.calls = append(s.calls, more.calls...)
	}
	s.derived = s.derived || more.derived
}

func addPaths(l, more [][]string) [][]string {
	for _, k := range more {
		if len(l) < maxSourceKeys && !slices.ContainsFunc(l, func(have []string) bool { return slices.Equal(have, k) }) {
			l = append(l, k)
		}
	}
	return l
}

// below is what is at some fields of the value.
func (s source) below(fields ...string) source {
	if s.derived || len(fields) == 0 {
		return s
	}
	return source{keys: belowAll(s.keys, fields), calls: s.calls, data: belowAll(s.data, fields)}
}

func belowAll(keys [][]string, fields []string) [][]string {
	l := make([][]string, len(keys))
	for i, k := range keys {
		l[i] = Join(k, fields...)
	}
	return l
}

// theData is what a template is given.
var theData = source{data: [][]string{{}}}

// guarded looks at a block whose condition is a pipeline.
func (f *readFinder) guarded(on source, block func()) {
	outer, calls := f.fails, len(f.calls)
	f.fails = false
	block()
	if called := f.calls[calls:]; f.fails || len(called) > 0 {
		f.guards = append(f.guards, guard{on, f.fails, slices.Clone(called)})
	}
	f.fails = f.fails || outer
}

// sourceOf is what a part of a pipeline is made from.
func (f *readFinder) sourceOf(n parse.Node, dot *shape) source {
	switch n := n.(type) {
	case *parse.DotNode:
		return f.at(dot, f.dot, nil)
	case *parse.FieldNode:
		return f.at(dot, f.dot, n.Ident)
	case *parse.VariableNode:
		name := n.Ident[0]
		if name == "$" {
			return f.at(f.vars[name], theData, n.Ident[1:])
		}
		return f.at(f.vars[name], f.from[name], n.Ident[1:])
	case *parse.ChainNode:
		return f.sourceOf(n.Node, dot).below(n.Field...)
	case *parse.PipeNode:
		return f.sourceOfPipe(n, dot)
	}
	return source{}
}

// sourceOfPipe is what a pipeline is made from: the one value that it takes as it is or by index, or else all that its commands name.
func (f *readFinder) sourceOfPipe(n *parse.PipeNode, dot *shape) (s source) {
	if n == nil {
		return source{}
	}
	if len(n.Cmds) == 1 {
		args := n.Cmds[0].Args
		switch {
		case len(args) == 1:
			return f.sourceOf(args[0], dot)
		case len(args) > 0 && isIndex(args[0]):
			return f.indexed(args[1:], dot)
		}
	}
	for _, c := range n.Cmds {
		for _, a := range c.Args {
			s.add(f.sourceOf(a, dot))
		}
		if name, ok := includes(c); ok {
			s.calls = append(s.calls, calling{name: name, data: either(f.args(c.Args[2:], dot)...)})
		}
	}
	s.derived = true
	return s
}

// sourceOfAll is what the arguments of a call are made from. It may be given the result of the command before it, too.
func (f *readFinder) sourceOfAll(args []parse.Node, dot *shape) (s source) {
	for i, a := range args {
		if i == 0 && len(args) == 1 {
			return f.sourceOf(a, dot)
		}
		s.add(f.sourceOf(a, dot))
	}
	s.derived = true
	return s
}

// derive notes what a variable is made from.
func (f *readFinder) derive(name string, from source) {
	s := f.from[name]
	s.add(from)
	f.from[name] = s
}

// within looks at a block whose dot is made from something.
func (f *readFinder) within(from source, l *parse.ListNode, dot *shape) {
	outer := f.dot
	f.dot = from
	f.list(l, dot)
	f.dot = outer
}

// isIndex reports whether a part of a pipeline is a function that takes what is at some keys.
func isIndex(n parse.Node) bool {
	id, ok := n.(*parse.IdentifierNode)
	return ok && (id.Ident == "index" || id.Ident == "get")
}

// indexed is what a call of index is made from.
func (f *readFinder) indexed(args []parse.Node, dot *shape) (s source) {
	if len(args) == 0 {
		return source{}
	}
	var fields []string
	for _, a := range args[1:] {
		key := element
		if name, ok := a.(*parse.StringNode); ok {
			key = name.Text
		}
		fields = append(fields, key)
	}
	switch n := args[0].(type) {
	case *parse.FieldNode:
		return f.at(dot, f.dot, slices.Concat(n.Ident, fields))
	case *parse.VariableNode:
		n = n.Copy().(*parse.VariableNode)
		n.Ident = slices.Concat(n.Ident, fields)
		return f.sourceOf(n, dot)
	}
	return f.sourceOf(args[0], dot).below(fields...)
}

// includes is the template that a command includes by its name.
func includes(c *parse.CommandNode) (name string, ok bool) {
	if id, isFunction := c.Args[0].(*parse.IdentifierNode); !isFunction || id.Ident != "include" || len(c.Args) < 2 {
		return "", false
	}
	s, ok := c.Args[1].(*parse.StringNode)
	if !ok {
		return "", false
	}
	return s.Text, true
}

// at is what is at a chain of fields of something with a shape, or without one: then it is made from a source.
func (f *readFinder) at(s *shape, from source, fields []string) source {
	for i, name := range fields {
		switch {
		case s == nil:
			return from.below(fields[i:]...)
		case s.kind == isValues:
			key := slices.Concat(s.path, fields[i:])
			if len(s.path) > 0 && fields[i] == "global" {
				return source{keys: [][]string{key, fields[i:]}}
			}
			return source{keys: [][]string{key}}
		case s.kind == isUnknown:
			return source{}
		case s.kind == isSubcharts:
			s = scopeOf(Join(s.path, name))
			continue
		}
		next := s.at(name)
		if next == nil && s.isScope() {
			return source{} // such as the release
		}
		s = next
	}
	if s.isScope() || s.isWhole() {
		return source{}
	}
	return from
}

// isScope reports whether it is what the templates of a chart are given, or has all of that.
func (s *shape) isScope() bool { return s != nil && s.parts[ValuesObject] != nil }

// Failing is the templates of files that may fail, or print nothing more, if one of some keys has another value: they call fail or
// required, or a template that does, under a condition that depends on the key.
func (r *Readers) Failing(keys [][]string) map[string]bool {
	if r.guards == nil {
		r.findGuards()
	}
	touches := func(l [][]string) bool {
		return slices.ContainsFunc(l, func(own []string) bool {
			return slices.ContainsFunc(keys, func(k []string) bool { return overlap(own, k) })
		})
	}
	known := map[*reader]bool{}
	reads := func(n *reader) bool {
		is, ok := known[n]
		if !ok {
			is = touches(n.allKeys())
			known[n] = is
		}
		return is
	}
	return r.callersOf(func(n *reader) bool {
		g := r.guards[n]
		return n.any && n.fails || g != nil && (touches(g.keys) || anyOf(g.calls, reads))
	})
}

func anyOf(l map[*reader]bool, is func(*reader) bool) bool {
	for n := range l {
		if is(n) {
			return true
		}
	}
	return false
}

// guardedBy is what the conditions of a template depend on: keys, and what other templates read.
type guardedBy struct {
	keys  [][]string
	calls map[*reader]bool
}

// overlap reports whether one of two keys is the other one, or below it.
func overlap(own, key []string) bool {
	for i := range min(len(own), len(key)) {
		if own[i] != key[i] && own[i] != element {
			return false
		}
	}
	return true
}

// findGuards finds the keys on which it depends whether a template fails.
func (r *Readers) findGuards() {
	r.guards = map[*reader]*guardedBy{}
	mayFail, seen := r.mayFail(), map[given]bool{}
	for _, n := range r.nodes {
		for _, g := range n.guards {
			if g.fails || slices.ContainsFunc(g.calls, func(c calling) bool { return mayFail[r.known(c)] }) {
				r.addGuard(n, g.on, seen)
			}
		}
	}
}

// mayFail is the templates that call fail or required, or a template that may fail.
func (r *Readers) mayFail() map[*reader]bool {
	found := map[*reader]bool{}
	var open []*reader
	add := func(n *reader) {
		if !found[n] {
			found[n] = true
			open = append(open, n)
		}
	}
	for _, n := range r.nodes {
		if n.fails {
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
	return found
}

// allKeys are the keys that a template reads, and those that it calls.
func (n *reader) allKeys() (keys [][]string) {
	seen := map[*reader]bool{n: true}
	for open := []*reader{n}; len(open) > 0; {
		n := open[len(open)-1]
		open = open[:len(open)-1]
		keys = append(keys, n.keys...)
		for _, c := range n.called {
			if !seen[c] {
				seen[c] = true
				open = append(open, c)
			}
		}
	}
	return keys
}

// callsFail reports whether a template itself calls fail or required.
func callsFail(t *parse.Tree) bool {
	text := t.Root.String()
	return strings.Contains(text, "fail") || strings.Contains(text, "required")
}

// known is the reader of a call. It is nil if none is known.
func (r *Readers) known(c calling) *reader { return r.nodes[calledWith{c.name, c.data.id()}] }

// given is what a template is given at some fields, as a text.
type given struct {
	to     *reader
	fields string
}

// addGuard adds the keys that a condition of a template depends on. Seen is what was looked for in the callers of templates.
func (r *Readers) addGuard(n *reader, on source, seen map[given]bool) {
	g := r.guards[n]
	if g == nil {
		g = &guardedBy{calls: map[*reader]bool{}}
		r.guards[n] = g
	}
	g.keys = append(g.keys, on.keys...)
	for _, c := range on.calls {
		if called := r.known(c); called != nil {
			g.calls[called] = true
		}
	}
	for _, fields := range on.data {
		if at := (given{n, JoinSteps(fields)}); !seen[at] {
			seen[at] = true
			r.addGuardOfCallers(n, fields, seen)
		}
	}
}

// addGuardOfCallers adds, to the callers of a template, the keys of what they give it at some fields that a condition depends on.
func (r *Readers) addGuardOfCallers(n *reader, fields []string, seen map[given]bool) {
	done := map[*reader]bool{} // it may call n several times
	for _, caller := range n.callers {
		if done[caller] {
			continue
		}
		done[caller] = true
		for _, c := range caller.calls {
			if r.known(c) == n {
				r.addGuard(caller, c.given.below(fields...), seen)
			}
		}
	}
}
