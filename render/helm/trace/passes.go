package trace

import (
	"slices"
	"text/template/parse"
)

// PassesOn reports whether a template prints what it is given as it is, or false if that is
// empty. It may fail for some values. No template at all, with an empty name, passes everything on.
func (t *Tracer) PassesOn(name string) bool {
	if name == "" {
		return true
	}
	passes, known := t.passing[name]
	if !known {
		p := &passing{t, maxPassing}
		passes = p.template(name) == printsDot
		t.passing[name] = passes
	}
	return passes
}

// maxPassing limits how many nodes of templates are looked at.
const maxPassing = 200

// passing finds out what a template prints of its data.
type passing struct {
	*Tracer
	left int
}

// printed is what a part of a template prints.
type printed int

const (
	printsNothing printed = iota
	printsDot
	printsOther
)

// template is what a template prints.
func (p *passing) template(name string) printed {
	for _, c := range slices.Backward(p.Compiled) { // of several with a name, the last one counts
		if c.trees[name] != nil {
			return p.list(c.plain()[name].Root)
		}
	}
	return printsOther
}

func (p *passing) list(l *parse.ListNode) printed {
	all := printsNothing
	if l == nil {
		return all
	}
	for _, n := range l.Nodes {
		if p.left--; p.left < 0 {
			return printsOther
		}
		all = max(all, p.node(n))
	}
	return all
}

func (p *passing) node(n parse.Node) printed {
	switch n := n.(type) {
	case *parse.TextNode:
		if IsBlank(string(n.Text)) {
			return printsNothing
		}
	case *parse.CommentNode:
		return printsNothing
	case *parse.IfNode:
		return max(p.list(n.List), p.list(n.ElseList))
	case *parse.TemplateNode:
		if n.Pipe != nil && n.Pipe.String() == "." {
			return p.template(n.Name)
		}
	case *parse.ActionNode:
		return p.action(n.Pipe)
	}
	return printsOther
}

// action is what an action prints: dot, unchanged or in place of a default.
func (p *passing) action(pipe *parse.PipeNode) printed {
	if len(pipe.Decl) > 0 {
		return printsNothing
	}
	call := lastCall(pipe)
	last := call[len(call)-1]
	switch name := call[0].String(); {
	case name == "fail":
		return printsNothing
	case name == "include" && len(call) == 3 && last.String() == ".":
		if s, ok := call[1].(*parse.StringNode); ok {
			return p.template(s.Text)
		}
	case len(call) == 1 || name == "toString" && len(call) == 2 || name == "default" && len(call) == 3 && isEmptyConstant(call[1]):
		if inner := pipeIn(last); inner != nil {
			return p.action(inner)
		}
		if last.String() == "." {
			return printsDot
		}
	}
	return printsOther
}
