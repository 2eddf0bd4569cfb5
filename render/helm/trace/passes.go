package trace

import (
	"slices"
	"text/template/parse"
)

// Passed is the value that a template prints as it is: what is at some fields of its data.
type Passed struct {
	Fields []string
	// Otherwise is the text that the template prints in its place if it is empty. Without one it prints nothing, or false.
	Otherwise string
}

func (v Passed) equal(o Passed) bool {
	return v.Otherwise == o.Otherwise && slices.Equal(v.Fields, o.Fields)
}

// Passes is the value that a template prints. ok is false if it prints anything else. It may fail for some values. No template at
// all, with an empty name, passes everything on.
func (t *Tracer) Passes(name string) (v Passed, ok bool) {
	if name == "" {
		return Passed{}, true
	}
	found, known := t.passing[name]
	if !known {
		p := &passing{t, maxPassing}
		found = p.template(name)
		t.passing[name] = found
	}
	return found.Passed, found.kind == printsValue
}

// maxPassing limits how many nodes of templates are looked at.
const maxPassing = 200

// passing finds out what a template prints of its data.
type passing struct {
	*Tracer
	left int
}

// printed is what a part of a template prints.
type printed struct {
	kind printedKind
	Passed
}

type printedKind int

const (
	printsNothing printedKind = iota
	printsValue
	printsOther
)

// and is what two parts print that one value is printed by.
func (v printed) and(o printed) printed {
	switch {
	case v.kind == printsNothing:
		return o
	case o.kind == printsNothing, v.kind == printsValue && o.kind == printsValue && v.equal(o.Passed):
		return v
	}
	return printed{kind: printsOther}
}

// template is what a template prints.
func (p *passing) template(name string) printed {
	for _, c := range slices.Backward(p.Compiled) { // of several with a name, the last one counts
		if c.trees[name] != nil {
			return p.list(c.plain()[name].Root, map[string]printed{"$": {kind: printsValue}})
		}
	}
	return printed{kind: printsOther}
}

// list is what a list of nodes prints. Vars are the values of variables.
func (p *passing) list(l *parse.ListNode, vars map[string]printed) (all printed) {
	if l == nil {
		return all
	}
	for _, n := range l.Nodes {
		if p.left--; p.left < 0 {
			return printed{kind: printsOther}
		}
		all = all.and(p.node(n, vars))
	}
	return all
}

func (p *passing) node(n parse.Node, vars map[string]printed) printed {
	switch n := n.(type) {
	case *parse.TextNode:
		if IsBlank(string(n.Text)) {
			return printed{}
		}
	case *parse.CommentNode:
		return printed{}
	case *parse.IfNode:
		one, other := p.list(n.List, vars), p.list(n.ElseList, vars)
		if (one.kind == printsNothing) != (other.kind == printsNothing) && len(one.Fields)+len(other.Fields) > 0 {
			return printed{kind: printsOther} // it depends on more than the value whether it is printed
		}
		return one.and(other)
	case *parse.TemplateNode:
		return p.through(n.Name, p.pipe(n.Pipe, vars))
	case *parse.ActionNode:
		return p.action(n.Pipe, vars)
	}
	return printed{kind: printsOther}
}

// action is what an action prints. One that sets a variable prints nothing.
func (p *passing) action(pipe *parse.PipeNode, vars map[string]printed) printed {
	switch {
	case len(pipe.Decl) > 0:
		v := p.pipe(pipe, vars)
		if _, known := vars[pipe.Decl[0].Ident[0]]; known || len(pipe.Decl) > 1 { // set again, perhaps in a block
			v.kind = printsOther
		}
		for _, d := range pipe.Decl {
			vars[d.Ident[0]] = v
		}
		return printed{}
	case lastCall(pipe)[0].String() == "fail":
		return printed{}
	}
	return p.pipe(pipe, vars)
}

// pipe is the value of a pipeline: one at fields of the data, unchanged or in place of a default.
func (p *passing) pipe(pipe *parse.PipeNode, vars map[string]printed) (v printed) {
	v.kind = printsOther
	if pipe == nil || len(pipe.Cmds) == 0 {
		return v
	}
	call := lastCall(pipe)
	last := call[len(call)-1]
	switch name := call[0].String(); {
	case len(call) == 1, name == "toString" && len(call) == 2:
		return p.value(last, vars)
	case name == "include" && len(call) == 3:
		if s, ok := call[1].(*parse.StringNode); ok {
			return p.through(s.Text, p.value(last, vars))
		}
	case name == "default" && len(call) == 3:
		v = p.value(last, vars)
		if text, ok := constantOf(call[1]); ok && v.Otherwise == "" {
			if s, isText := text.(string); isText {
				v.Otherwise = s
			} else if text != false {
				v.kind = printsOther
			}
			return v
		}
		v.kind = printsOther
	}
	return v
}

// value is the value of an argument.
func (p *passing) value(n parse.Node, vars map[string]printed) printed {
	if inner := pipeIn(n); inner != nil {
		if _, isPipe := n.(*parse.PipeNode); isPipe {
			return p.pipe(inner, vars)
		}
		return printed{kind: printsOther}
	}
	o := OperandOf(n)
	switch v, known := vars[o.Variable]; {
	case !o.Known || o.Variable != "" && !known || v.kind == printsOther || len(o.Fields) > 0 && v.Otherwise != "":
		return printed{kind: printsOther}
	case o.Variable == "":
		return printed{printsValue, Passed{Fields: o.Fields}}
	default:
		v.Fields = Join(v.Fields, o.Fields...)
		return v
	}
}

// through is what a template prints that is given a value.
func (p *passing) through(name string, given printed) printed {
	v := p.template(name)
	if v.kind == printsNothing {
		return v
	}
	if v.kind != printsValue || given.kind != printsValue || given.Otherwise != "" && len(v.Fields) > 0 {
		return printed{kind: printsOther}
	}
	v.Fields = Join(given.Fields, v.Fields...)
	if given.Otherwise != "" {
		v.Otherwise = given.Otherwise
	}
	return v
}
