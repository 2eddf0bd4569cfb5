package trace

import (
	"regexp"
	"slices"
	"strings"
	"text/template/parse"
	"unsafe"
)

// Names of the trace functions. A template that calls one of them gets an error at worst.
const (
	fnOut      = "__out"      // value printed
	fnOutOf    = "__outOf"    // the same, and the value that the operand starts from
	fnSet      = "__set"      // variable set
	fnDisabled = "__disabled" // the block of an if or with was not entered
	fnArg      = "__arg"      // data passed to a called template
)

// Site is a node of a parse tree. It does not change: all renderings of a chart
// share the trees.
//
// Most sites are identified by a mark: a text node without text, whose address is that of
// the site's own byte. Printing an empty text costs a fraction of calling a function.
type Site struct {
	Src *Source
	Pos int
	*detail
	mark action
	// Number identifies the site among those of a chart's files. It is zero if nothing
	// needs to know whether the site was reached.
	Number int
	// base is the kind of value from which the operand, and the chains, start.
	base base
	// last is set if the action prints the result of the pipeline's last function, and
	// that function reports its result to the tracer.
	last bool
	// use is what becomes of the output of an include.
	use  use
	byte [1]byte
}

// use is what becomes of the output of an include.
type use uint8

const (
	useOther use = iota
	usePrint     // its action prints it, indented at most
	useTest      // a condition tests it, or the variable that has it
)

// action is what happens when execution reaches a mark.
type action uint8

const (
	actionHit      action = iota // the site was reached, nothing else
	actionAt                     // the next value printed, and the next include called, belong to this site
	actionStep                   // one round of a range starts
	actionEnter                  // a template is entered
	actionLeave                  // a template is left
	actionSet                    // a variable was set
	actionHold                   // a variable was set to the output of an include
	actionDisabled               // the block of an if or with was not entered
)

// base is the kind of value from which a chain of fields starts.
type base uint8

const (
	baseNone  base = iota
	baseData       // the template's data: dot outside of with and range, and $
	baseGiven      // the value passed to the trace function
)

// detail is what is known of a site besides its place.
type detail struct {
	// name is the name of the template called, or of the variable set.
	name string
	// operand is the value that the action prints, if that is one chain of fields through
	// functions that keep the value.
	operand Operand
	// plain is set if the action prints its operand unchanged.
	plain bool
	// chains are all chains of fields in the pipeline that start from the same base.
	chains [][]string
	// start is the variable of that base, and choices are those on which it depends whether each of the chains is taken.
	start   string
	choices [][]*choice
	// Block is the block that an if or with does not enter, and test is the index of the
	// test that this site is for.
	Block *Block
	test  int
	// logic is set if the pipeline computes with the values that it names: they decide
	// what it prints, but it prints none of them.
	logic bool
	// constants are the texts with which the pipeline compares a value.
	constants []string
	// chooses is whether the pipeline picks one of several values.
	chooses Choice
	// requires are the fields that lead from the template's data to the value that the action
	// requires. It is nil if it requires none, or several, or if they are not known.
	requires []string
	// within is the innermost block around the site.
	within *Within
}

// Within is the block of an if or with around a site, and what its condition depends on.
type Within struct {
	// Condition is what the block requires.
	*Condition
	Constants []string
	// Text is the source of the block.
	Text string
	Up   *Within
	// OnlyIf is set for an else that has one action and no text: else if.
	OnlyIf bool

	fields map[*Condition][][]string
}

// Fields lead from the template's data to the operands of a test of the condition, as far as they are
// known.
func (w *Within) Fields(test *Condition) [][]string { return w.fields[test] }

// Block is the block of an if or with, and what it requires.
type Block struct {
	*Condition
	// Tests are the tests of the condition.
	Tests []*Condition
	// With is set for a with, which changes dot in its block.
	With bool
	// Text is the source of the block.
	Text string
	// Variable is the variable that has the value of the pipeline. It is empty if there is none.
	Variable string
	// OfInclude says that the condition is the output of an include. It has no Tests then.
	OfInclude bool
}

// instrumenter puts trace nodes into the parse trees of one source.
type instrumenter struct {
	*Compiled
	tree *parse.Tree
	// sets counts how often each variable is set in the tree. Only a variable that is set
	// once can be followed without knowledge of scopes.
	sets map[string]int
	// rebound counts the surrounding blocks that change dot.
	rebound int
	// dot, and the variables that are set once, are fields of the template's data; nil if
	// not known.
	dot  []string
	vars map[string][]string
	// decided are the conditions for which variables stand that are set once.
	decided map[string]decided
	// choosing has the variables that were set to one of several values. The empty name
	// means dot.
	choosing map[string]Choice
	// around is the innermost surrounding block.
	around *Within
	// plain is the shared detail of the sites in around of which nothing else is known.
	plain *detail
}

// instrument puts trace nodes into a tree.
func (c *Compiled) instrument(tree *parse.Tree) {
	if tree == nil || tree.Root == nil {
		return
	}
	in := &instrumenter{Compiled: c, tree: tree, sets: map[string]int{}, dot: []string{}, vars: map[string][]string{"$": {}}, decided: map[string]decided{}, choosing: map[string]Choice{}}
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
	out := make([]parse.Node, 0, 2*len(l.Nodes)+2)
	if n := in.entry(l, loop); n != nil {
		out = append(out, n)
	}
	for _, n := range l.Nodes {
		switch n := n.(type) {
		case *parse.TextNode:
			if len(n.Text) > 0 {
				s := in.add(Site{Pos: int(n.Pos)}, true)
				in.Texts = append(in.Texts, text{&n.Text[0], s})
			}
			out = append(out, n)
		case *parse.ActionNode:
			out = in.pipeline(out, n)
		case *parse.TemplateNode:
			if in.calls(n.Pipe, useOther) {
				out = append(out, in.marked(n.Pos, Site{Pos: int(n.Pos), mark: actionAt}, false))
			}
			s := Site{Pos: int(n.Pos), detail: &detail{name: n.Name, chooses: in.chooses(n.Pipe)}, mark: actionEnter}
			out = append(out, in.marked(n.Pos, s, true))
			if n.Pipe != nil {
				n.Pipe.Cmds = append(n.Pipe.Cmds, in.call(n.Pipe.Pos, fnArg, nil))
			}
			out = append(out, n, in.marked(n.Pos, Site{Pos: int(n.Pos), mark: actionLeave}, false))
		case *parse.IfNode:
			out = append(in.branchAt(out, &n.BranchNode, parse.NodeIf), n)
		case *parse.WithNode:
			out = append(in.branchAt(out, &n.BranchNode, parse.NodeWith), n)
		case *parse.RangeNode:
			out = append(in.branchAt(out, &n.BranchNode, parse.NodeRange), n)
		default:
			out = append(out, n)
		}
	}
	l.Nodes = out
}

// entry is a mark that reports when a block was entered. Nil if the block's first node
// reports it.
func (in *instrumenter) entry(l *parse.ListNode, loop bool) parse.Node {
	first, unseen := firstUnseen(l)
	if !unseen && !loop {
		return nil
	}
	s := Site{Pos: int(first)}
	if loop {
		s.mark = actionStep
	}
	return in.marked(l.Pos, s, unseen)
}

// firstUnseen is the position of a block's first node, if that node does not report by
// itself when it is reached.
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

// branchAt goes through an if, with or range, and adds what comes before it. Their
// pipelines get no trace function as a last stage: it could change whether the condition
// is true, or the value of a range variable.
func (in *instrumenter) branchAt(out []parse.Node, b *parse.BranchNode, kind parse.NodeType) []parse.Node {
	if in.calls(b.Pipe, useTest) {
		out = append(out, in.marked(b.Pos, Site{Pos: int(b.Pos), mark: actionAt}, false))
	}
	text := in.blockText(b.List)
	in.blocks(b, kind, text)
	if kind == parse.NodeRange {
		return out
	}
	var before []parse.Node
	if block := blockOf(b, in.conditionOf(b), text); block != nil {
		for i, c := range block.Tests {
			s := Site{Pos: int(b.Pos), detail: &detail{Block: block, test: i}, mark: actionDisabled, base: in.baseOf(c.Operand)}
			before = append(before, in.marked(b.Pos, s, false))
			if s.base == baseGiven {
				before = append(before, in.action(b.Pos, b.Line, fnDisabled, c.Operand.base(b.Pos)))
			}
		}
		if block.OfInclude {
			before = append(before, in.marked(b.Pos, Site{Pos: int(b.Pos), detail: &detail{Block: block}, mark: actionDisabled}, false))
		}
	}
	if len(before) > 0 {
		if b.ElseList == nil {
			b.ElseList = &parse.ListNode{NodeType: parse.NodeList, Pos: b.Pos}
		}
		b.ElseList.Nodes = append(before, b.ElseList.Nodes...)
	}
	return out
}

// maxTests limits how many tests of a condition are recorded while templates run.
const maxTests = 4

// decided is the condition for which a variable stands: {{ $on := and .x .y }}.
type decided struct {
	*Condition
	// rebound is how many blocks that change dot are around the template's action.
	rebound int
}

// decide adds the condition for which a variable stands.
func (in *instrumenter) decide(name string, p *parse.PipeNode) {
	c := ReadCondition(p, true)
	isFixed := func(test *Condition) bool {
		return (test.Kind == TruthTest || test.Kind == EqualTest) && in.sets[test.Operand.Variable] <= 1
	}
	if tests := c.Tests(); in.sets[name] == 1 && !slices.ContainsFunc(tests, func(test *Condition) bool { return !isFixed(test) }) {
		in.decided[name] = decided{c, in.rebound}
	}
}

// conditionOf is what an if or with requires. A variable stands for a condition where dot is the same as at the action that sets it.
func (in *instrumenter) conditionOf(b *parse.BranchNode) *Condition {
	if o := Single(b.Pipe); b.NodeType == parse.NodeIf && o.Known && len(o.Fields) == 0 {
		if d, ok := in.decided[o.Variable]; ok && d.rebound == in.rebound {
			return d.Condition
		}
	}
	return ReadCondition(b.Pipe, true)
}

// blockOf is the block of an if or with, if its condition depends on few values and on
// nothing else, or is an or of which these are parts.
func blockOf(b *parse.BranchNode, c *Condition, text string) *Block {
	block := &Block{Condition: c, With: b.NodeType == parse.NodeWith, Text: text}
	if isInclude(b.Pipe) {
		block.OfInclude = true
		return block
	}
	if b.Pipe != nil && len(b.Pipe.Decl) == 1 && !b.Pipe.IsAssign {
		block.Variable = b.Pipe.Decl[0].Ident[0]
	}
	all := block.Condition.Tests()
	block.Tests = slices.DeleteFunc(slices.Clone(all), func(c *Condition) bool { return c.Kind != TruthTest && c.Kind != EqualTest })
	isEnough := len(block.Tests) == len(all) || block.Kind == AnyOf // one part of an or enables the block, whatever the others are
	if len(block.Tests) == 0 || len(all) > maxTests || !isEnough {
		return nil
	}
	return block
}

// blocks goes through both blocks of an if, with or range.
func (in *instrumenter) blocks(b *parse.BranchNode, kind parse.NodeType, text string) {
	dot, around, chosen := in.dot, in.around, in.choosing[""]
	if kind != parse.NodeRange {
		in.around = in.condition(b.Pipe, true, text, around)
		if o := Single(b.Pipe); o.Known && len(b.Pipe.Decl) == 1 && in.sets[b.Pipe.Decl[0].Ident[0]] == 1 {
			in.vars[b.Pipe.Decl[0].Ident[0]] = in.path(o)
		}
	}
	switch kind {
	case parse.NodeWith:
		in.rebound++
		in.dot, in.choosing[""] = in.path(Single(b.Pipe)), in.chooses(b.Pipe)
	case parse.NodeRange:
		in.rebound++
		in.dot, in.choosing[""] = nil, in.chooses(b.Pipe)
	default:
	}
	in.list(b.List, kind == parse.NodeRange)
	if kind != parse.NodeIf {
		in.rebound--
	}
	in.dot, in.around, in.choosing[""] = dot, around, chosen
	if kind != parse.NodeRange && b.ElseList != nil {
		in.around = in.condition(b.Pipe, false, in.blockText(b.ElseList), around)
		in.around.OnlyIf = len(b.ElseList.Nodes) == 1
	}
	in.list(b.ElseList, false)
	in.around = around
}

// Choice is whether a value was picked among several.
type Choice uint8

// The choices.
const (
	NoChoice Choice = iota
	PicksOne        // one of several values
	Merges          // also each part of a map or list by itself, in which false counts as absent
)

// chooses reports whether a pipeline picks one of several values, or uses a variable that
// was set to one.
func (in *instrumenter) chooses(p *parse.PipeNode) (c Choice) {
	if p == nil {
		return NoChoice
	}
	for _, cmd := range p.Cmds {
		if !defaultsToFalse(cmd) {
			c = max(c, in.isChoice(cmd.Args[0]))
		}
		for _, a := range cmd.Args[1:] {
			c = max(c, in.isChoice(a))
		}
	}
	return c
}

// isChoice reports whether a part of a command picks one of several values.
func (in *instrumenter) isChoice(n parse.Node) Choice {
	switch n := n.(type) {
	case *parse.IdentifierNode:
		return choosingFuncs[n.Ident]
	case *parse.VariableNode:
		return in.choosing[n.Ident[0]]
	case *parse.DotNode, *parse.FieldNode:
		return in.choosing[""]
	case *parse.PipeNode:
		return in.chooses(n)
	case *parse.ChainNode:
		return in.isChoice(n.Node)
	}
	return NoChoice
}

// defaultsToFalse reports whether a command is "default false", which prints its argument
// unchanged, false included.
func defaultsToFalse(c *parse.CommandNode) bool {
	if len(c.Args) < 2 || c.Args[0].String() != "default" {
		return false
	}
	b, ok := c.Args[1].(*parse.BoolNode)
	return ok && !b.True
}

var choosingFuncs = map[string]Choice{
	"default": PicksOne, "coalesce": PicksOne, "or": PicksOne, "and": PicksOne, "ternary": PicksOne,
	"merge": Merges, "mustMerge": Merges, "mergeOverwrite": Merges, "mustMergeOverwrite": Merges,
}

// condition is the block that a condition belongs to, which must be true or false.
func (in *instrumenter) condition(p *parse.PipeNode, want bool, text string, up *Within) *Within {
	w := &Within{Condition: ReadCondition(p, want), Constants: ComparedTexts(p, nil), Text: text, Up: up, fields: map[*Condition][][]string{}}
	for _, test := range w.Tests() {
		of := test.Operands
		if test.Kind != OtherTest {
			of = []Operand{test.Operand}
		}
		for _, o := range of {
			if f := in.path(o); len(f) > 0 || f != nil && test.Through != "" {
				w.fields[test] = append(w.fields[test], f)
			}
		}
	}
	return w
}

// path is the fields that lead from the template's data to an operand. Nil if they are
// not known.
func (in *instrumenter) path(o Operand) []string {
	base := in.dot
	if o.Variable != "" {
		base = in.vars[o.Variable]
	}
	if !o.Known || base == nil {
		return nil
	}
	return Join(base, o.Fields...)
}

// baseOf is the way to find the base of a chain.
func (in *instrumenter) baseOf(o Operand) base {
	switch {
	case !o.Known || o.Variable != "" && o.Variable != "$" && len(o.Fields) == 0: // a variable's own key is known
		return baseNone
	case o.Variable == "$" || o.Variable == "" && in.rebound == 0:
		return baseData
	}
	return baseGiven
}

// blockText is the source from the first to the last node of a block.
func (in *instrumenter) blockText(l *parse.ListNode) string {
	if l == nil || len(l.Nodes) == 0 {
		return ""
	}
	from, last := int(l.Nodes[0].Position()), l.Nodes[len(l.Nodes)-1]
	if _, ok := l.Nodes[0].(*parse.TextNode); !ok { // the position of an if is that of its condition
		from, _ = ActionSpan(in.Src.Text, from)
	}
	to := in.endOf(last)
	if from < 0 || from > to || to > len(in.Src.Text) {
		return ""
	}
	return in.Src.Text[from:to]
}

// endAction is the end of a block.
var endAction = regexp.MustCompile(`\{\{-?\s*end\s*-?\}\}`)

// endOf is the offset after a node: for a block, after its end.
func (in *instrumenter) endOf(n parse.Node) int {
	to := min(int(n.Position()), len(in.Src.Text))
	var b *parse.BranchNode
	switch n := n.(type) {
	case *parse.TextNode:
		return to + len(n.Text)
	case *parse.IfNode:
		b = &n.BranchNode
	case *parse.WithNode:
		b = &n.BranchNode
	case *parse.RangeNode:
		b = &n.BranchNode
	}
	if i := strings.Index(in.Src.Text[to:], "}}"); i >= 0 {
		to += i + 2
	}
	if b == nil {
		return to
	}
	for _, l := range [...]*parse.ListNode{b.List, b.ElseList} {
		if l == nil || len(l.Nodes) == 0 {
			continue
		}
		last := l.Nodes[len(l.Nodes)-1]
		to = max(to, in.endOf(last))
		if from, end := ActionSpan(in.Src.Text, int(last.Position())); l == b.ElseList && elseAction.MatchString(in.Src.Text[from:end]) {
			return to // an else if ends with the if
		}
	}
	if at := endAction.FindStringIndex(in.Src.Text[min(to, len(in.Src.Text)):]); at != nil {
		to += at[1]
	}
	return to
}

// elseAction is an else with a condition of its own.
var elseAction = regexp.MustCompile(`^\{\{-?\s*else\s+(?:if|with)\b`)

// noDetail is the shared detail of the sites of which nothing else is known.
var noDetail = &detail{}

// add makes a site. If numbered is set, coverage needs to know whether the site is reached.
// Such a site represents the whole node at its position: if one is reached, so is the
// other.
func (in *instrumenter) add(s Site, numbered bool) *Site {
	s.Src = in.Src
	switch {
	case s.detail == nil && in.around == nil:
		s.detail = noDetail
	case s.detail == nil:
		if in.plain == nil || in.plain.within != in.around {
			in.plain = &detail{within: in.around}
		}
		s.detail = in.plain
	default:
		s.within = in.around
	}
	if len(in.sites) == cap(in.sites) { // other code has pointers into the slice, so it must not be reallocated
		in.sites = make([]Site, 0, 64)
	}
	in.sites = append(in.sites, s)
	p := &in.sites[len(in.sites)-1]
	if numbered {
		in.Numbered = append(in.Numbered, p)
	}
	return p
}

// marked adds a site and makes its mark.
func (in *instrumenter) marked(pos parse.Pos, s Site, numbered bool) parse.Node {
	p := in.add(s, numbered)
	in.Texts = append(in.Texts, text{&p.byte[0], p})
	return &parse.TextNode{NodeType: parse.NodeText, Pos: pos, Text: p.byte[:0:1]}
}

// hook is a call of a trace function, with a base if there is one. Its nodes
// are allocated together.
type hook struct {
	command parse.CommandNode
	name    parse.IdentifierNode
	args    [2]parse.Node
}

func (h *hook) init(in *instrumenter, pos parse.Pos, fn string, base parse.Node) {
	h.name = *parse.NewIdentifier(fn).SetPos(pos).SetTree(in.tree)
	h.args = [2]parse.Node{&h.name, base}
	h.command = parse.CommandNode{NodeType: parse.NodeCommand, Pos: pos, Args: h.args[:]}
	if base == nil {
		h.command.Args = h.args[:1]
	}
}

func (in *instrumenter) call(pos parse.Pos, fn string, base parse.Node) *parse.CommandNode {
	h := &hook{}
	h.init(in, pos, fn, base)
	return &h.command
}

func (in *instrumenter) action(pos parse.Pos, line int, fn string, base parse.Node) parse.Node {
	all := &struct {
		hook
		action   parse.ActionNode
		pipe     parse.PipeNode
		commands [1]*parse.CommandNode
	}{}
	all.init(in, pos, fn, base)
	all.commands[0] = &all.command
	all.pipe = parse.PipeNode{NodeType: parse.NodePipe, Pos: pos, Line: line, Cmds: all.commands[:]}
	all.action = parse.ActionNode{NodeType: parse.NodeAction, Pos: pos, Line: line, Pipe: &all.pipe}
	return &all.action
}

// pipeline adds an action with a mark before it. If the printed value is not known
// otherwise, the action's pipeline gets a trace function as its last stage, which sees
// the value and passes it on.
func (in *instrumenter) pipeline(out []parse.Node, n *parse.ActionNode) []parse.Node {
	use := usePrint
	if len(n.Pipe.Decl) > 0 {
		use = useTest
	}
	computed := in.calls(n.Pipe, use)
	s := Site{Pos: int(n.Pos), detail: &detail{operand: Single(n.Pipe)}, mark: actionAt}
	s.plain = s.operand.Known && len(n.Pipe.Cmds) == 1 && len(n.Pipe.Cmds[0].Args) == 1
	if l := RequiredOperands(n.Pipe, nil); len(l) == 1 {
		s.requires = in.path(l[0])
	}
	if len(n.Pipe.Decl) > 0 {
		return in.declaration(out, n, s, computed)
	}
	start := s.operand
	(&choices{use: func(o Operand, after []*choice) {
		if !start.Known {
			start = Operand{Known: true, Variable: o.Variable}
		}
		if o.Variable == start.Variable && len(o.Fields) > 0 {
			s.chains, s.choices = append(s.chains, o.Fields), append(s.choices, after)
		}
	}}).pipe(n.Pipe, nil)
	s.start = start.Variable
	if s.base = in.baseOf(start); s.base == baseNone && len(s.chains) > 0 {
		s.base = in.baseOf(Operand{Known: true, Variable: start.Variable, Fields: s.chains[0]})
	}
	if len(s.chains) == 0 && len(s.operand.Fields) == 0 {
		s.base = baseNone // no chain starts from it
	}
	s.last = reportsResult(n.Pipe)
	s.logic = computes(n.Pipe)
	s.chooses = in.chooses(n.Pipe)
	s.constants = ComparedTexts(n.Pipe, nil)
	out = append(out, in.marked(n.Pos, s, true), n)
	switch {
	case s.base == baseGiven:
		n.Pipe.Cmds = append(n.Pipe.Cmds, in.call(n.Pipe.Pos, fnOutOf, start.base(n.Pipe.Pos)))
	case !s.last:
		n.Pipe.Cmds = append(n.Pipe.Cmds, in.call(n.Pipe.Pos, fnOut, nil))
	}
	return out
}

// declaration adds an action that sets a variable.
func (in *instrumenter) declaration(out []parse.Node, n *parse.ActionNode, s Site, computed bool) []parse.Node {
	s.name = n.Pipe.Decl[0].Ident[0]
	followed := s.operand.Known && in.sets[s.name] == 1
	if followed {
		in.vars[s.name] = in.path(s.operand)
	} else if !s.operand.Known {
		in.decide(s.name, n.Pipe)
	}
	in.choosing[s.name] = max(in.choosing[s.name], in.chooses(n.Pipe))
	s.base = in.baseOf(s.operand)
	if computed || followed && s.base == baseGiven {
		out = append(out, in.marked(n.Pos, s, true))
	}
	out = append(out, n)
	if isInclude(n.Pipe) {
		out = append(out, in.marked(n.Pos, Site{Pos: int(n.Pos), detail: &detail{name: s.name}, mark: actionHold}, false))
	}
	switch {
	case !followed:
	case s.base == baseGiven:
		n.Pipe.Cmds = append(n.Pipe.Cmds, in.call(n.Pipe.Pos, fnSet, s.operand.base(n.Pipe.Pos)))
	default:
		s.mark = actionSet
		out = append(out, in.marked(n.Pos, s, true))
	}
	return out
}

// reportsResult reports whether the last function of a pipeline reports its result to the
// tracer.
func reportsResult(p *parse.PipeNode) bool {
	id, ok := p.Cmds[len(p.Cmds)-1].Args[0].(*parse.IdentifierNode)
	return ok && resultFuncs[id.Ident]
}

// base is a node that evaluates to the value that the chain of fields starts from. Unlike
// the chain, it never fails.
func (o Operand) base(pos parse.Pos) parse.Node {
	if o.Variable == "" {
		return &parse.DotNode{NodeType: parse.NodeDot, Pos: pos}
	}
	return &parse.VariableNode{NodeType: parse.NodeVariable, Pos: pos, Ident: []string{o.Variable}}
}

// calls notes the position of each include with a constant name in a pipeline. It reports
// whether there is also one with a computed name, or a tpl: those calls belong to the
// action that was marked last. Of is what becomes of the result of the pipeline.
func (in *instrumenter) calls(p *parse.PipeNode, of use) (computed bool) {
	if p == nil {
		return false
	}
	for i, c := range p.Cmds {
		if i > 0 && !of.passes(c) {
			of = useOther
		}
	}
	for i, c := range p.Cmds {
		if i > 0 && in.include(c, useOther) || i == 0 && in.include(c, of) {
			computed = true
		}
		for _, a := range c.Args {
			q, last := pipeIn(a), useOther
			if a == c.Args[len(c.Args)-1] && of.passes(c) {
				last = of
			}
			computed = in.calls(q, last) || computed
		}
	}
	return computed
}

// passes reports whether a command passes its last argument on to the use.
func (u use) passes(c *parse.CommandNode) bool {
	name := c.Args[0].String()
	return keepsValue(name) || u == useTest && (parsers[name] || len(c.Args) == 1)
}

// parsers are the functions that make nothing of a text without anything.
var parsers = names("fromYaml fromYamlArray fromJson fromJsonArray")

// isInclude reports whether a pipeline is the output of an include, or what a function makes of it that makes nothing of a text
// without anything.
func isInclude(p *parse.PipeNode) bool {
	if p == nil || len(p.Cmds) == 0 {
		return false
	}
	args := lastCall(p)
	switch id, ok := args[0].(*parse.IdentifierNode); {
	case len(args) == 1:
		return isInclude(pipeIn(args[0]))
	case !ok:
		return false
	case id.Ident == "include":
		_, named := args[1].(*parse.StringNode)
		return named
	case id.Ident == "trim" || parsers[id.Ident]:
		return isInclude(pipeIn(args[len(args)-1]))
	}
	return false
}

// include notes the position of an include with a constant name. It reports whether the
// name is computed, or the command is a tpl.
func (in *instrumenter) include(c *parse.CommandNode, of use) (computed bool) {
	id, ok := c.Args[0].(*parse.IdentifierNode)
	if !ok || id.Ident != "include" || len(c.Args) < 2 {
		return ok && id.Ident == "tpl"
	}
	s, ok := c.Args[1].(*parse.StringNode)
	if !ok || s.Text == "" {
		return true
	}
	site := Site{Pos: int(id.Pos), use: of}
	if given := in.given(c); given != nil {
		site.detail = &detail{operand: *given}
	}
	in.Texts = append(in.Texts, text{unsafe.StringData(s.Text), in.add(site, false)})
	return false
}

// given is the value that an include gives to the template, as a chain of fields of the template's data. Nil if it is none.
func (in *instrumenter) given(c *parse.CommandNode) *Operand {
	if len(c.Args) != 3 {
		return nil
	}
	o := OperandOf(c.Args[2])
	if fields := in.path(o); len(fields) > 0 {
		return &Operand{Known: true, Fields: fields}
	}
	return nil
}
