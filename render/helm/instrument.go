package helm

import (
	"strconv"
	"strings"
	"text/template/parse"
	"unsafe"
)

// Names of the trace functions. A template that calls one of them gets an error
// at worst.
const (
	fnOut   = "__out"   // value printed
	fnSet   = "__set"   // variable set
	fnEnter = "__enter" // template entered
	fnLeave = "__leave" // and left
	fnAt    = "__at"    // an action that calls a template by a computed name
	fnShut  = "__shut"  // an if or with left its block out
	fnStep  = "__step"  // one round of a range
	fnHit   = "__hit"   // a block was entered that starts with no other of these
)

// site is a node of a parse tree.
type site struct {
	src *source
	pos int
	*detail
	// node is set if the site stands for the node at pos as a whole: reaching
	// one is reaching the other.
	node, reached bool
}

// detail is what is known of a site, apart from where it is.
type detail struct {
	// name is that of the template called, or of the variable set.
	name string
	// operand is what the action prints, where that is one chain of fields
	// through functions that keep the value.
	operand operand
	// feeds are all chains of fields in the pipeline from the same base.
	feeds [][]string
	// branch is what an if or with leaves out.
	branch *branch
}

// branch is the block of an if or with, and what opens it.
type branch struct {
	operand operand
	// set is the value that opens it: true, false. Empty: any that is not empty.
	set string
	// all is set if other branches of the same node must be open too.
	all bool
	// text is the source of the block.
	text string
}

// instrumenter puts trace nodes into the parse trees of one source.
type instrumenter struct {
	*tracer
	src  *source
	tree *parse.Tree
	// sets counts how often each variable is set in the tree: only one that is
	// set once can be followed without knowing scopes.
	sets map[string]int
}

// instrument puts trace nodes into a tree. A tree that has them already is left alone.
func (t *tracer) instrument(tree *parse.Tree, src *source) {
	if tree == nil || tree.Root == nil || t.done[tree] {
		return
	}
	t.done[tree] = true
	in := &instrumenter{tracer: t, src: src, tree: tree, sets: map[string]int{}}
	in.countSets(tree.Root)
	in.list(tree.Root, false)
}

func (in *instrumenter) countSets(l *parse.ListNode) {
	if l == nil {
		return
	}
	count := func(p *parse.PipeNode) {
		if p != nil {
			for _, d := range p.Decl {
				in.sets[d.Ident[0]]++
			}
		}
	}
	branch := func(b *parse.BranchNode) {
		count(b.Pipe)
		in.countSets(b.List)
		in.countSets(b.ElseList)
	}
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.ActionNode:
			count(n.Pipe)
		case *parse.IfNode:
			branch(&n.BranchNode)
		case *parse.WithNode:
			branch(&n.BranchNode)
		case *parse.RangeNode:
			branch(&n.BranchNode)
		}
	}
}

// list goes through the nodes of a block.
func (in *instrumenter) list(l *parse.ListNode, loop bool) {
	if l == nil {
		return
	}
	out := l.Nodes // copied before the first insertion
	changed := false
	insert := func(before int, n parse.Node) {
		if !changed {
			out = append(make([]parse.Node, 0, len(l.Nodes)+4), l.Nodes[:before]...)
			changed = true
		}
		out = append(out, n)
	}
	if n := in.entry(l, loop); n != nil {
		insert(0, n)
	}
	for i, n := range l.Nodes {
		var after parse.Node
		switch n := n.(type) {
		case *parse.TextNode:
			if len(n.Text) > 0 {
				in.literals[&n.Text[0]] = in.add(site{src: in.src, pos: int(n.Pos), node: true})
			}
		case *parse.ActionNode:
			if in.calls(n.Pipe) {
				insert(i, in.action(n.Pos, n.Line, fnAt, in.add(site{src: in.src, pos: int(n.Pos)}), nil))
			}
			in.pipeline(n)
		case *parse.TemplateNode:
			in.calls(n.Pipe)
			id := in.add(site{src: in.src, pos: int(n.Pos), detail: &detail{name: n.Name}, node: true})
			insert(i, in.action(n.Pos, n.Line, fnEnter, id, nil))
			after = in.action(n.Pos, n.Line, fnLeave, id, nil)
		case *parse.IfNode:
			in.branchAt(i, &n.BranchNode, false, insert)
		case *parse.WithNode:
			in.branchAt(i, &n.BranchNode, false, insert)
		case *parse.RangeNode:
			in.branchAt(i, &n.BranchNode, true, insert)
		}
		if changed {
			out = append(out, n)
		}
		if after != nil {
			out = append(out, after)
		}
	}
	l.Nodes = out
}

// entry is a node that tells when a block was entered. Nil: its first one does.
func (in *instrumenter) entry(l *parse.ListNode, loop bool) parse.Node {
	first, unseen := firstUnseen(l)
	fn, id := fnHit, 0
	switch {
	case unseen:
		id = in.add(site{src: in.src, pos: int(first), node: true})
	case !loop:
		return nil
	}
	if loop {
		fn = fnStep
	}
	return in.action(l.Pos, 0, fn, id, nil)
}

// firstUnseen is the position of a block's first node, if that node by itself
// does not tell when it is reached.
func firstUnseen(l *parse.ListNode) (parse.Pos, bool) {
	if len(l.Nodes) == 0 {
		return 0, false
	}
	switch n := l.Nodes[0].(type) {
	case *parse.TextNode:
		return n.Pos, len(n.Text) == 0
	case *parse.TemplateNode:
		return n.Pos, false
	case *parse.ActionNode:
		return n.Pos, len(n.Pipe.Decl) > 0
	}
	return l.Nodes[0].Position(), true
}

// branchAt goes through an if, with or range. Their pipelines get no stage of
// ours: it could change what is true, or what a range variable is.
func (in *instrumenter) branchAt(i int, b *parse.BranchNode, loop bool, insert func(int, parse.Node)) {
	if in.calls(b.Pipe) {
		insert(i, in.action(b.Pos, b.Line, fnAt, in.add(site{src: in.src, pos: int(b.Pos)}), nil))
	}
	text := in.blockText(b.List)
	in.list(b.List, loop)
	in.list(b.ElseList, false)
	if loop {
		return
	}
	var shut []parse.Node
	for _, br := range conditions(b) {
		br.text = text
		id := in.add(site{src: in.src, pos: int(b.Pos), detail: &detail{branch: br}})
		shut = append(shut, in.action(b.Pos, b.Line, fnShut, id, br.operand.base(b.Pos)))
	}
	if len(shut) > 0 {
		if b.ElseList == nil {
			b.ElseList = &parse.ListNode{NodeType: parse.NodeList, Pos: b.Pos}
		}
		b.ElseList.Nodes = append(shut, b.ElseList.Nodes...)
	}
}

// blockText is the source from the first to the last node of a block.
func (in *instrumenter) blockText(l *parse.ListNode) string {
	if l == nil || len(l.Nodes) == 0 {
		return ""
	}
	from, last := int(l.Nodes[0].Position()), l.Nodes[len(l.Nodes)-1]
	to := int(last.Position())
	if t, ok := last.(*parse.TextNode); ok {
		to += len(t.Text)
	} else if i := strings.Index(in.src.text[min(to, len(in.src.text)):], "}}"); i >= 0 {
		to += i + 2
	}
	if from < 0 || from > to || to > len(in.src.text) {
		return ""
	}
	return in.src.text[from:to]
}

// noDetail is that of the sites of which no more is known.
var noDetail = &detail{}

func (t *tracer) add(s site) int {
	if s.detail == nil {
		s.detail = noDetail
	}
	t.sites = append(t.sites, s)
	return len(t.sites) - 1
}

// hook is a call of a trace function with a site's number, and a base. Its nodes
// are allocated together.
type hook struct {
	command parse.CommandNode
	name    parse.IdentifierNode
	number  parse.NumberNode
	args    [3]parse.Node
}

func (h *hook) init(in *instrumenter, pos parse.Pos, fn string, id int, base parse.Node) {
	h.name = *parse.NewIdentifier(fn).SetPos(pos).SetTree(in.tree)
	h.number = parse.NumberNode{NodeType: parse.NodeNumber, Pos: pos, IsInt: true, Int64: int64(id), Text: strconv.Itoa(id)}
	h.args = [3]parse.Node{&h.name, &h.number, base}
	h.command = parse.CommandNode{NodeType: parse.NodeCommand, Pos: pos, Args: h.args[:]}
	if base == nil {
		h.command.Args = h.args[:2]
	}
}

func (in *instrumenter) call(pos parse.Pos, fn string, id int, base parse.Node) *parse.CommandNode {
	h := &hook{}
	h.init(in, pos, fn, id, base)
	return &h.command
}

func (in *instrumenter) action(pos parse.Pos, line int, fn string, id int, base parse.Node) parse.Node {
	all := &struct {
		hook
		action   parse.ActionNode
		pipe     parse.PipeNode
		commands [1]*parse.CommandNode
	}{}
	all.init(in, pos, fn, id, base)
	all.commands[0] = &all.command
	all.pipe = parse.PipeNode{NodeType: parse.NodePipe, Pos: pos, Line: line, Cmds: all.commands[:]}
	all.action = parse.ActionNode{NodeType: parse.NodeAction, Pos: pos, Line: line, Pipe: &all.pipe}
	return &all.action
}

// pipeline appends a last stage to an action's pipeline, which sees the value
// and passes it on.
func (in *instrumenter) pipeline(n *parse.ActionNode) {
	s := site{src: in.src, pos: int(n.Pos), detail: &detail{}, node: true}
	s.operand = single(n.Pipe)
	if len(n.Pipe.Decl) > 0 {
		s.name = n.Pipe.Decl[0].Ident[0]
		if s.operand.known && in.sets[s.name] == 1 {
			n.Pipe.Cmds = append(n.Pipe.Cmds, in.call(n.Pipe.Pos, fnSet, in.add(s), s.operand.base(n.Pipe.Pos)))
		}
		return
	}
	base := s.operand
	for _, o := range operands(n.Pipe, nil) {
		if !base.known {
			base = operand{known: true, variable: o.variable}
		}
		if o.variable == base.variable && len(o.fields) > 0 {
			s.feeds = append(s.feeds, o.fields)
		}
	}
	n.Pipe.Cmds = append(n.Pipe.Cmds, in.call(n.Pipe.Pos, fnOut, in.add(s), base.base(n.Pipe.Pos)))
}

// base is a node that evaluates to what the chain of fields starts from. It
// never fails, unlike the chain.
func (o operand) base(pos parse.Pos) parse.Node {
	if o.variable == "" {
		return &parse.DotNode{NodeType: parse.NodeDot, Pos: pos}
	}
	return &parse.VariableNode{NodeType: parse.NodeVariable, Pos: pos, Ident: []string{o.variable}}
}

// calls notes where the includes with a constant name stand in a pipeline, and
// reports whether there is one with a computed name.
func (in *instrumenter) calls(p *parse.PipeNode) (computed bool) {
	if p == nil {
		return false
	}
	for _, c := range p.Cmds {
		computed = in.include(c) || computed
		for _, a := range c.Args {
			switch a := a.(type) {
			case *parse.PipeNode:
				computed = in.calls(a) || computed
			case *parse.ChainNode:
				if q, ok := a.Node.(*parse.PipeNode); ok {
					computed = in.calls(q) || computed
				}
			}
		}
	}
	return computed
}

// include notes where an include with a constant name stands, and reports
// whether its name is computed.
func (in *instrumenter) include(c *parse.CommandNode) (computed bool) {
	id, ok := c.Args[0].(*parse.IdentifierNode)
	if !ok || id.Ident != "include" || len(c.Args) < 2 {
		return false
	}
	s, ok := c.Args[1].(*parse.StringNode)
	if !ok || s.Text == "" {
		return true
	}
	in.includes[unsafe.StringData(s.Text)] = in.add(site{src: in.src, pos: int(id.Pos)})
	return false
}
