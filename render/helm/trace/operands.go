package trace

import (
	"slices"
	"strings"
	"text/template/parse"
)

// Operand is a chain of fields below dot or a variable.
type Operand struct {
	Known    bool
	Variable string // empty for dot
	Fields   []string
}

// keepsValue reports whether a function returns its last argument, changed at most in its
// form.
func keepsValue(name string) bool {
	switch name {
	case "quote", "squote", "toString", "default", "int", "int64", "float64", "toYaml", "toJson", "nindent", "indent",
		"required", "trim", "b64enc", "lower", "upper":
		return true
	}
	return false
}

// Single reads a pipeline that is one chain of fields through functions that
// keep the value.
func Single(p *parse.PipeNode) Operand {
	if p == nil || len(p.Cmds) == 0 {
		return Operand{}
	}
	args := lastCall(p)
	id, ok := args[0].(*parse.IdentifierNode)
	switch {
	case !ok && len(args) == 1:
		return OperandOf(args[0])
	case !ok:
		return Operand{}
	case keepsValue(id.Ident) && len(args) > 1:
		return OperandOf(args[len(args)-1])
	case id.Ident == "ternary" && len(args) == 4:
		value, _ := ternaryDefault(args[1], args[2], args[3])
		return OperandOf(value)
	}
	return pickedEntry(id.Ident, args[1:])
}

// ternaryDefault reads the arguments of a ternary that does what default does: ternary .a .b (not (empty .a)). It takes otherwise in
// place of the value if that is empty. Both are nil if it does something else.
func ternaryDefault(isTrue, isFalse, test parse.Node) (value, otherwise parse.Node) {
	c := ReadCondition(test, true)
	if c.Kind != TruthTest {
		return nil, nil
	}
	if value, otherwise = isTrue, isFalse; !c.Want {
		value, otherwise = isFalse, isTrue
	}
	if o := OperandOf(value); !o.Known || o.Variable != c.Operand.Variable || !slices.Equal(o.Fields, c.Operand.Fields) {
		return nil, nil
	}
	return value, otherwise
}

// lastCall is the last command of a pipeline, with what is before it as the last argument:
// a | f b is f b a.
func lastCall(p *parse.PipeNode) []parse.Node {
	last := len(p.Cmds) - 1
	args := p.Cmds[last].Args
	if last > 0 {
		args = append(slices.Clip(args), &parse.PipeNode{NodeType: parse.NodePipe, Pos: p.Pos, Cmds: p.Cmds[:last]})
	}
	return args
}

// picksEntry has functions that return an entry of a map or list.
var picksEntry = names("index get dig first")

// pickedEntry reads the arguments of such a function. The first element that pluck returns is the entry
// of its only map.
func pickedEntry(name string, args []parse.Node) Operand {
	last := len(args) - 1
	switch {
	case (name == "index" || name == "get") && len(args) > 1:
		return indexed(OperandOf(args[0]), args[1:])
	case name == "dig" && len(args) > 2: // arguments: names, a default, a map
		return indexed(OperandOf(args[last]), args[:last-1])
	case name != "first" || len(args) != 1:
		return Operand{}
	}
	if p, ok := args[0].(*parse.PipeNode); ok && len(p.Cmds) > 0 {
		return plucked(lastCall(p))
	}
	return Operand{}
}

// plucked is the entry in the list that a call of pluck with one map returns.
func plucked(call []parse.Node) Operand {
	if len(call) != 3 || call[0].String() != "pluck" {
		return Operand{}
	}
	return indexed(OperandOf(call[2]), call[1:2])
}

// indexed adds the constant arguments of index or get to a chain.
func indexed(o Operand, args []parse.Node) Operand {
	o.Fields = slices.Clone(o.Fields)
	for _, a := range args {
		switch a := a.(type) {
		case *parse.StringNode:
			o.Fields = append(o.Fields, a.Text)
		case *parse.NumberNode:
			o.Fields = append(o.Fields, "["+a.Text+"]")
		default:
			return Operand{}
		}
	}
	return o
}

// OperandOf reads a node as an operand.
func OperandOf(n parse.Node) Operand {
	switch n := n.(type) {
	case *parse.FieldNode:
		return Operand{Known: true, Fields: n.Ident}
	case *parse.DotNode:
		return Operand{Known: true}
	case *parse.VariableNode:
		return Operand{Known: true, Variable: n.Ident[0], Fields: n.Ident[1:]}
	case *parse.PipeNode:
		if len(n.Decl) == 0 {
			return Single(n)
		}
	case *parse.ChainNode: // the fields of what is in parentheses, which may be missing
		if o := OperandOf(n.Node); o.Known && !replacesMap(n.Node) {
			o.Fields = slices.Concat(o.Fields, n.Field)
			return o
		}
	}
	return Operand{}
}

// replacesMap reports whether what is in parentheses may be another map than the operand, with fields
// of its own: (.Values.a | default .Values.b).
func replacesMap(n parse.Node) bool {
	p, ok := n.(*parse.PipeNode)
	return ok && slices.ContainsFunc(p.Cmds, func(c *parse.CommandNode) bool {
		switch c.Args[0].String() {
		case "default":
			return len(c.Args) < 2 || strings.Trim(c.Args[1].String(), "()") != "dict"
		case "dig":
			return true
		}
		return slices.ContainsFunc(c.Args, replacesMap)
	})
}

// operands lists all chains of fields in a pipeline.
func operands(p *parse.PipeNode, l []Operand) []Operand {
	(&choices{use: func(o Operand, _ []*choice) { l = append(l, o) }}).pipe(p, nil)
	return l
}

// choice is on what it depends whether a function takes one of its arguments: default, or, coalesce, ternary. It does not if one of
// some operands is not empty or, if needed is set, if one is empty.
type choice struct {
	of     []Operand
	needed bool
}

// maxChoices limits how many operands are known of a choice, and how many choices of an operand.
const maxChoices = 8

// choices goes through a pipeline. It calls use for each operand, with the choices on which it depends whether it is taken.
type choices struct {
	use func(o Operand, after []*choice)
}

// pipe goes through a pipeline. It returns operands each of which makes the result not empty if it is not empty.
func (w *choices) pipe(p *parse.PipeNode, after []*choice) (first []Operand) {
	if p == nil {
		return nil
	}
	for i, c := range p.Cmds {
		first = w.command(c, i > 0, first, after)
	}
	return first
}

// command goes through a command. Before is what pipe returned of the commands before it, if it is piped.
func (w *choices) command(c *parse.CommandNode, piped bool, before []Operand, after []*choice) (first []Operand) {
	name, args := c.Args[0].String(), c.Args[1:]
	last := len(args) - 1
	if name == "ternary" && !piped && len(args) == 3 {
		if value, otherwise := ternaryDefault(args[0], args[1], args[2]); value != nil {
			name, args = "default", []parse.Node{otherwise, value}
		}
	}
	switch {
	case !piped && len(args) == 0:
		return w.node(c.Args[0], after)
	case name == "default" && piped && len(args) == 1:
		return addOperands(before, w.node(args[0], behind(after, &choice{of: before})))
	case name == "default" && !piped && len(args) == 2:
		value := &choice{}
		otherwise := w.node(args[0], behind(after, value)) // in the order of the text
		value.of = w.node(args[1], after)
		return addOperands(value.of, otherwise)
	case (name == "coalesce" || name == "or") && !piped:
		for _, a := range args {
			first = addOperands(first, w.node(a, behind(after, &choice{of: first})))
		}
		return first
	case name == "ternary" && (piped && len(args) == 2 || !piped && len(args) == 3):
		isTrue, isFalse := &choice{needed: true}, &choice{}
		w.node(args[0], behind(after, isTrue))
		w.node(args[1], behind(after, isFalse))
		if !piped {
			before = w.node(args[last], after)
		}
		if len(before) == 1 {
			isTrue.of, isFalse.of = before, before
		}
		return nil
	}
	EachOperand(c, func(o Operand) { w.use(o, after) }, func(q *parse.PipeNode) { w.pipe(q, after) })
	return nil
}

// node goes through an argument.
func (w *choices) node(n parse.Node, after []*choice) (first []Operand) {
	if p, ok := n.(*parse.PipeNode); ok {
		return w.pipe(p, after)
	}
	o := OperandOf(n)
	if !o.Known {
		return nil
	}
	w.use(o, after)
	if replacesMap(n) {
		return nil
	}
	return []Operand{o}
}

func behind(after []*choice, c *choice) []*choice {
	if len(after) >= maxChoices {
		return after
	}
	return append(slices.Clip(after), c)
}

func addOperands(l, more []Operand) []Operand {
	return append(slices.Clip(l), more[:min(len(more), max(maxChoices-len(l), 0))]...)
}

// EachOperand calls operand for each chain of fields in a command, and pipe for each pipeline in
// it.
func EachOperand(c *parse.CommandNode, operand func(Operand), pipe func(*parse.PipeNode)) {
	picked := plucked(c.Args)
	if id, ok := c.Args[0].(*parse.IdentifierNode); ok && !picked.Known {
		picked = pickedEntry(id.Ident, c.Args[1:])
	}
	if picked.Known {
		operand(picked)
		return
	}
	for _, a := range c.Args {
		if q, ok := a.(*parse.PipeNode); ok {
			pipe(q)
		} else if o := OperandOf(a); o.Known {
			operand(o)
		}
	}
}

// pipeIn is the pipeline of an argument in parentheses, of which it may be a field. Nil if there is none.
func pipeIn(n parse.Node) *parse.PipeNode {
	switch n := n.(type) {
	case *parse.PipeNode:
		return n
	case *parse.ChainNode:
		return pipeIn(n.Node)
	}
	return nil
}

// carriesValue are functions that print one of their arguments, possibly in another form.
// All other functions compute.
var carriesValue = names(stringFuncs + " " + marshalFuncs + ` include tpl quote squote toString default coalesce required index get dig
	list dict first last rest initial fromYaml fromJson merge mergeOverwrite mustMerge mustMergeOverwrite omit pick deepCopy mustDeepCopy
	tuple concat append prepend values splitList split splitn int int64 float64 lookup slice compact uniq without sortAlpha reverse fail set unset`)

// computes reports whether a pipeline calls a function that prints something other than
// its arguments.
func computes(p *parse.PipeNode) bool {
	if p == nil {
		return false
	}
	for _, c := range p.Cmds {
		if id, ok := c.Args[0].(*parse.IdentifierNode); ok && !carriesValue[id.Ident] && !strings.HasPrefix(id.Ident, "__") {
			return true
		}
		for _, a := range c.Args {
			if q := pipeIn(a); q != nil && computes(q) {
				return true
			}
		}
	}
	return false
}

// ComparedTexts adds the constants with which a pipeline compares a value.
func ComparedTexts(p *parse.PipeNode, l []string) []string {
	if p == nil {
		return l
	}
	for _, c := range p.Cmds {
		id, _ := c.Args[0].(*parse.IdentifierNode)
		for _, a := range c.Args {
			switch a := a.(type) {
			case *parse.PipeNode:
				l = ComparedTexts(a, l)
			case *parse.StringNode:
				if id != nil && (id.Ident == "eq" || id.Ident == "ne") {
					l = append(l, a.Text)
				}
			}
		}
	}
	return l
}
