package trace

import (
	"slices"
	"strings"
	"text/template/parse"
)

// reads is what a template names of the values.
type reads struct {
	// keys are the keys that it reads. What is below them may be read, too.
	keys [][]string
	// calls are the names of the templates that it calls, and files the ends of the names of those
	// beside it: include (print $.Template.BasePath "/configmap.yaml").
	calls, files []string
	// any is set if it may read keys that it does not name.
	any bool
}

// Readers knows which templates of a chart and its subcharts may read a key.
type Readers struct {
	byName  map[string][]*reads
	callers map[string][]string
}

// NewReaders looks at what templates read by themselves.
func NewReaders(all []*Compiled) *Readers {
	r := &Readers{byName: map[string][]*reads{}, callers: map[string][]string{}}
	call := func(called, caller string) { r.callers[called] = append(r.callers[called], caller) }
	for _, c := range all {
		for _, name := range SortedKeys(c.reads) {
			own := c.reads[name]
			r.byName[name] = append(r.byName[name], own)
			for _, called := range own.calls {
				call(called, name)
			}
			for _, file := range own.files {
				call(anyChart+file, name)
			}
			if file, ok := strings.CutPrefix(name, c.Src.Owner+"/templates"); ok {
				call(name, anyChart+file)
			}
		}
	}
	return r
}

// anyChart in front of the end of a file's name means the file in any of the charts.
const anyChart = "*"

// Of is the templates that may read one of some keys, or call one that may.
func (r *Readers) Of(keys [][]string) map[string]bool {
	found := map[string]bool{}
	var open []string
	add := func(name string) {
		if !found[name] {
			found[name] = true
			open = append(open, name)
		}
	}
	for name, l := range r.byName {
		if slices.ContainsFunc(l, func(of *reads) bool { return of.readsOne(keys) }) {
			add(name)
		}
	}
	for len(open) > 0 {
		name := open[len(open)-1]
		open = open[:len(open)-1]
		for _, caller := range r.callers[name] {
			add(caller)
		}
	}
	return found
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
// data that a template is given, in variables, and in the arguments of calls. What is at a key
// that the template names is no longer the whole.
type readFinder struct {
	reads
	// whole are the variables that may have the values as a whole.
	whole   map[string]bool
	changed bool
}

// maxReadPasses limits how often a template is looked at until no more variables may have the values as
// a whole.
const maxReadPasses = 4

// findReads finds what a template reads. A template that hands the values as a whole to a function, or
// that executes a text, may read anything.
func findReads(t *parse.Tree) *reads {
	f := &readFinder{whole: map[string]bool{}}
	for range maxReadPasses {
		f.changed, f.reads = false, reads{}
		f.list(t.Root, true)
		if f.any || !f.changed {
			return &f.reads
		}
	}
	return &reads{any: true}
}

// list looks at a block. Dot says whether dot may have the values as a whole.
func (f *readFinder) list(l *parse.ListNode, dot bool) {
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

func (f *readFinder) node(n parse.Node, dot bool) {
	switch n := n.(type) {
	case *parse.TextNode, *parse.CommentNode, *parse.BreakNode, *parse.ContinueNode:
	case *parse.ActionNode:
		if f.pipe(n.Pipe, dot) && len(n.Pipe.Decl) == 0 {
			f.any = true // it is printed
		}
	case *parse.TemplateNode:
		f.pipe(n.Pipe, dot)
		f.calls = append(f.calls, n.Name)
	case *parse.IfNode:
		f.block(&n.BranchNode, dot, dot)
	case *parse.WithNode:
		f.block(&n.BranchNode, dot, false)
	case *parse.RangeNode:
		f.block(&n.BranchNode, dot, false)
	default:
		f.any = true
	}
}

// block looks at an if, with or range. Within says whether dot may have the values as a whole in it.
func (f *readFinder) block(n *parse.BranchNode, dot, within bool) {
	if f.pipe(n.Pipe, dot) {
		f.any = true // what it does depends on whether there are values
	}
	f.list(n.List, within)
	f.list(n.ElseList, dot)
}

// pipe looks at a pipeline, and reports whether its result may have the values as a whole.
func (f *readFinder) pipe(p *parse.PipeNode, dot bool) (whole bool) {
	if p == nil {
		return false
	}
	for i, c := range p.Cmds {
		whole = f.command(c, dot, i > 0, whole)
	}
	for _, v := range p.Decl {
		if whole && !f.whole[v.Ident[0]] {
			f.whole[v.Ident[0]], f.changed = true, true
		}
	}
	return whole
}

// command looks at a command. Last says whether it is given the result of the command before it, and
// lastWhole whether that may have the values as a whole.
func (f *readFinder) command(c *parse.CommandNode, dot, last, lastWhole bool) (whole bool) {
	if fn, ok := c.Args[0].(*parse.IdentifierNode); ok {
		return f.call(fn.Ident, c.Args[1:], dot, last, lastWhole)
	}
	if f.anyWhole(c.Args[1:], dot) || lastWhole {
		f.any = true
	}
	return f.arg(c.Args[0], dot)
}

// anyWhole reports whether one of some arguments may have the values as a whole.
func (f *readFinder) anyWhole(args []parse.Node, dot bool) (whole bool) {
	for _, a := range args {
		whole = f.arg(a, dot) || whole
	}
	return whole
}

// call looks at a call of a function.
func (f *readFinder) call(name string, args []parse.Node, dot, last, lastWhole bool) (whole bool) {
	switch name {
	case "include":
		if len(args) == 0 || !f.include(args[0]) {
			f.any = true
			return true
		}
		f.anyWhole(args[1:], dot)
		return false
	case "tpl":
		f.any = true
	case "dict", "list", "tuple":
		return f.anyWhole(args, dot) || lastWhole
	case "index", "get", "hasKey":
		if !last && f.names(args, dot) {
			return false
		}
	}
	if f.anyWhole(args, dot) || lastWhole {
		f.any = true
	}
	return false
}

// include notes which template is included. ok is false if that is not known.
func (f *readFinder) include(name parse.Node) (ok bool) {
	switch n := name.(type) {
	case *parse.StringNode:
		f.calls = append(f.calls, n.Text)
		return true
	case *parse.PipeNode:
		if len(n.Cmds) != 1 || len(n.Decl) > 0 || len(n.Cmds[0].Args) != 3 {
			return false
		}
		fn, _ := n.Cmds[0].Args[0].(*parse.IdentifierNode)
		file, _ := n.Cmds[0].Args[2].(*parse.StringNode)
		at := fields(n.Cmds[0].Args[1])
		if fn == nil || fn.Ident != "print" || file == nil || len(at) < 2 || !slices.Equal(at[len(at)-2:], []string{"Template", "BasePath"}) {
			return false
		}
		f.files = append(f.files, file.Text)
		return true
	}
	return false
}

// names notes the key of a call like index .Values "a" "b". ok is false if it is no such call.
func (f *readFinder) names(args []parse.Node, dot bool) (ok bool) {
	if len(args) < 2 {
		return false
	}
	of := fields(args[0])
	if len(of) == 0 || slices.Index(of, ValuesObject) != len(of)-1 || !f.arg(args[0], dot) {
		return false
	}
	var key []string
	for _, a := range args[1:] {
		s, ok := a.(*parse.StringNode)
		if !ok {
			return false
		}
		key = append(key, s.Text)
	}
	f.keys = append(f.keys, key)
	return true
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

// arg looks at an argument, and reports whether it may have the values as a whole.
func (f *readFinder) arg(n parse.Node, dot bool) (whole bool) {
	switch n := n.(type) {
	case *parse.StringNode, *parse.NumberNode, *parse.BoolNode, *parse.NilNode:
		return false
	case *parse.DotNode:
		return dot
	case *parse.FieldNode:
		return f.chain(n.Ident, dot)
	case *parse.VariableNode:
		return f.chain(n.Ident[1:], n.Ident[0] == "$" || f.whole[n.Ident[0]])
	case *parse.ChainNode:
		return f.chain(n.Field, f.arg(n.Node, dot))
	case *parse.PipeNode:
		return f.pipe(n, dot)
	case *parse.IdentifierNode:
		return f.call(n.Ident, nil, dot, false, false)
	}
	f.any = true
	return true
}

// valuesMethods are the methods of .Values, and subcharts those of which a chart sees the values.
var valuesMethods = names("AsMap Encode PathValue Table YAML")

const subcharts = "Subcharts"

// noValues are the other objects that templates see.
var noValues = names("Capabilities Chart Files Release Template")

// chain looks at a chain of fields, and reports whether its value may have the values as a whole. From
// says whether the value from which it starts may.
func (f *readFinder) chain(fields []string, from bool) (whole bool) {
	if !from {
		return false
	}
	if slices.Contains(fields, subcharts) {
		f.any = true
	}
	at := slices.Index(fields, ValuesObject)
	switch {
	case at < 0:
		return len(fields) < 2 || !noValues[fields[0]]
	case at == len(fields)-1:
		return true
	case valuesMethods[fields[at+1]]:
		f.any = true
	}
	f.keys = append(f.keys, fields[at+1:])
	return false
}
