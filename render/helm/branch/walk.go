package branch

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"text/template/parse"

	"github.com/kubevet/kubevet/lint"
	"github.com/kubevet/kubevet/render/helm/trace"
	"github.com/kubevet/kubevet/render/helm/values"
)

// walker compares the trees of one file with the nodes that were reached.
type walker struct {
	all        *templates
	src        *trace.Source
	reached    map[int]bool
	renderings []*Reached
	lines      map[int]bool // lines that have text or an action, and whether they were reached
	listed     []Branch
	blocks     []Block
	counting   bool // lines only
}

// Block is a block that no scenario entered.
type Block struct {
	lint.Position
	// Lines counts the lines that have text or an action.
	Lines int
	// Conditions are those of the block and of the blocks around it, the innermost first.
	Conditions []Condition
	// keys are the values keys on which the first condition depends.
	keys func() [][]string
}

// around is the conditions of a block and of the blocks around it.
type around struct {
	pipe  *parse.PipeNode
	want  bool // the value that the pipeline must have
	loop  bool
	scope scope
	up    *around
}

// conditions are the conditions in a form that can be solved, the innermost first.
func (a *around) conditions() []Condition {
	var l []Condition
	for ; a != nil; a = a.up {
		c := &trace.Condition{Want: a.want}
		if !a.loop {
			c = trace.ReadCondition(a.pipe, a.want)
		}
		l = append(l, Condition{c, a.scope.keyOf})
	}
	return l
}

func (w *walker) file(t *templateFile) {
	for i, tree := range t.trees {
		s := scope{vars: map[string]place{}}
		if i == 0 {
			s.dot = place{kind: topLevel}
		}
		hidden := i > 0 && !w.entered(tree.Root)
		if hidden && len(tree.Root.Nodes) > 0 {
			w.add(Branch{Kind: "define", Condition: fmt.Sprintf("%q", tree.Name)}, tree.Root.Nodes[0].Position(), tree.Root)
		}
		w.list(tree.Root, s, nil, hidden)
	}
}

// entered reports whether a block was entered, which its first node shows.
func (w *walker) entered(l *parse.ListNode) bool {
	return l != nil && len(l.Nodes) > 0 && w.reached[int(l.Nodes[0].Position())]
}

// list goes through a block. Hidden means that the block is inside one that is already
// listed.
func (w *walker) list(l *parse.ListNode, s scope, above *around, hidden bool) {
	if l == nil {
		return
	}
	before := false // whether the previous node was reached
	for _, n := range l.Nodes {
		reached := w.reached[int(n.Position())]
		switch n := n.(type) {
		case *parse.TextNode:
			w.text(n, reached)
		case *parse.ActionNode:
			if len(n.Pipe.Decl) > 0 { // it has a trace node only if the variable can be followed
				reached = reached || before
				s.declare(n.Pipe, true)
			}
			w.mark(int(n.Pos), reached)
		case *parse.IfNode:
			reached = w.branch(&n.BranchNode, "if", s, above, hidden, reached || before)
		case *parse.WithNode:
			reached = w.branch(&n.BranchNode, "with", s, above, hidden, reached || before)
		case *parse.RangeNode:
			reached = w.branch(&n.BranchNode, "range", s, above, hidden, reached || before)
		case *parse.TemplateNode:
			w.mark(int(n.Pos), reached)
		default: // break, continue
			reached = reached || before
			w.mark(int(n.Position()), reached)
		}
		before = reached
	}
}

func (w *walker) mark(pos int, reached bool) {
	n, _ := w.src.Line(pos)
	w.lines[n] = w.lines[n] || reached
}

func (w *walker) text(n *parse.TextNode, reached bool) {
	at := int(n.Pos)
	for l := range strings.Lines(string(n.Text)) {
		if !trace.IsBlank(l) {
			w.mark(at, reached)
		}
		at += len(l)
	}
}

// branch goes through an if, with or range, and reports whether it was reached.
func (w *walker) branch(b *parse.BranchNode, kind string, s scope, above *around, hidden, reached bool) bool {
	reached = reached || w.entered(b.List) || w.entered(b.ElseList)
	w.mark(int(b.Pos), reached)
	s = s.clone()
	inner := s.clone()
	inner.declare(b.Pipe, kind != "range")
	switch kind {
	case "with":
		inner.dot = s.at(trace.Single(b.Pipe))
	case "range":
		inner.dot = place{}
	}
	what := Branch{Kind: kind, Condition: w.source(b.Pipe)}
	w.block(b, b.List, what, inner, &around{
		pipe: b.Pipe, want: true, scope: s, loop: kind == "range", up: above,
	}, hidden || !reached)
	what.Kind, what.Condition = "else of", kind+" "+what.Condition
	w.block(b, b.ElseList, what, s, &around{pipe: b.Pipe, scope: s, loop: kind == "range", up: above}, hidden || !reached)
	return reached
}

// block goes through a part of an if, with or range.
func (w *walker) block(b *parse.BranchNode, l *parse.ListNode, what Branch, s scope, a *around, hidden bool) {
	if l == nil || len(l.Nodes) == 0 {
		return
	}
	entered := w.entered(l)
	if !entered && !w.counting {
		pos := int(b.Pos)
		if !a.want {
			pos = int(l.Nodes[0].Position())
		}
		p, _ := values.SourcePosition(w.src, pos, pos)
		w.blocks = append(w.blocks, Block{p, w.countLines(l), a.conditions(), func() [][]string { return w.all.keysIn(b.Pipe, a.scope) }})
		if !hidden {
			what.Values = w.values(b.Pipe, a.scope)
			w.add(what, parse.Pos(pos), l)
		}
	}
	w.list(l, s, a, hidden || !entered)
}

func (w *walker) add(b Branch, pos parse.Pos, l *parse.ListNode) {
	p, _ := values.SourcePosition(w.src, int(pos), int(pos))
	b.Position = lint.Position{File: p.File, Line: p.Line, Column: p.Column}
	if b.Lines = w.countLines(l); b.Lines > 0 {
		w.listed = append(w.listed, b)
	}
}

// countLines counts the lines of a block that have text or an action.
func (w *walker) countLines(l *parse.ListNode) int {
	inside := &walker{src: w.src, lines: map[int]bool{}, counting: true}
	inside.list(l, scope{vars: map[string]place{}}, nil, true)
	return len(inside.lines)
}

// source is the text of a pipeline.
func (w *walker) source(p *parse.PipeNode) string {
	from := int(p.Pos)
	_, to := trace.ActionSpan(w.src.Text, from)
	text := strings.TrimSuffix(w.src.Text[from:max(to, from)], "}}")
	return strings.Join(strings.Fields(strings.TrimSuffix(text, "-")), " ")
}

// values are the keys on which a condition depends, directly or through helpers that it
// includes, with their values in the scenarios.
func (w *walker) values(p *parse.PipeNode, s scope) []Value {
	if len(w.renderings) == 0 {
		return nil
	}
	compared := len(trace.ComparedTexts(p, nil)) > 0
	var l []Value
	for _, steps := range w.all.keysIn(p, s) {
		var seen []string
		for _, r := range w.renderings {
			if r.Keys == nil {
				continue
			}
			if v := describe(r.Keys, steps, compared); !slices.Contains(seen, v) {
				seen = append(seen, v)
			}
		}
		l = append(l, Value{Key: trace.JoinSteps(steps), Value: strings.Join(seen, " | ")})
	}
	return l
}

// describe returns a short description of a value. Texts are printed only if they are
// compared with others, because they may be secrets.
func describe(keys *values.Index, steps []string, compared bool) string {
	v, ok := keys.At(steps)
	if !ok || v == nil {
		return "unset"
	}
	switch c := reflect.ValueOf(v); {
	case trace.IsContainer(c) && c.Len() == 0, v == "":
		return "empty"
	case trace.IsContainer(c):
		return "set"
	}
	if text, ok := v.(string); ok && (!compared || len(text) > 40 || strings.Contains(text, "\n") || trace.SecretName.MatchString(steps[len(steps)-1])) {
		return "set"
	}
	return trace.ScalarText(v)
}
