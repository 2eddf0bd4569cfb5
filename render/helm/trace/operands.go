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
	for _, c := range p.Cmds[1:] {
		if id, ok := c.Args[0].(*parse.IdentifierNode); !ok || !keepsValue(id.Ident) {
			return Operand{}
		}
	}
	first := p.Cmds[0]
	id, ok := first.Args[0].(*parse.IdentifierNode)
	switch {
	case !ok && len(first.Args) == 1:
		return OperandOf(first.Args[0])
	case !ok:
		return Operand{}
	case (id.Ident == "index" || id.Ident == "get") && len(first.Args) > 2:
		return indexed(OperandOf(first.Args[1]), first.Args[2:])
	case id.Ident == "dig" && len(first.Args) > 3: // arguments: names, a default, a map
		last := len(first.Args) - 1
		return indexed(OperandOf(first.Args[last]), first.Args[1:last-1])
	case keepsValue(id.Ident) && len(first.Args) > 1:
		return OperandOf(first.Args[len(first.Args)-1])
	}
	return Operand{}
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
	}
	return Operand{}
}

// operands lists all chains of fields in a pipeline.
func operands(p *parse.PipeNode, l []Operand) []Operand {
	if p == nil {
		return l
	}
	for _, c := range p.Cmds {
		for _, a := range c.Args {
			if q, ok := a.(*parse.PipeNode); ok {
				l = operands(q, l)
			} else if o := OperandOf(a); o.Known {
				l = append(l, o)
			}
		}
	}
	return l
}

// conditions are the operands of an if or with, provided that it depends on nothing else.
func conditions(b *parse.BranchNode) []*branch {
	set := ""
	if b.NodeType == parse.NodeIf {
		set = "true"
	}
	if b.Pipe == nil || len(b.Pipe.Cmds) != 1 || len(b.Pipe.Decl) > 0 && b.NodeType == parse.NodeIf {
		return nil
	}
	args := b.Pipe.Cmds[0].Args
	id, ok := args[0].(*parse.IdentifierNode)
	if !ok || id.Ident != "and" && id.Ident != "or" {
		if c := condition(b.Pipe, set); c != nil {
			return []*branch{c}
		}
		return nil
	}
	var l []*branch
	for _, a := range args[1:] {
		c := condition(a, set)
		if c == nil {
			return nil
		}
		c.All = id.Ident == "and"
		l = append(l, c)
	}
	if len(l) > 4 {
		return nil
	}
	return l
}

// condition reads one operand, its negation, or its comparison with a string.
func condition(n parse.Node, set string) *branch {
	p, ok := n.(*parse.PipeNode)
	if !ok {
		return operandBranch(OperandOf(n), set)
	}
	if len(p.Cmds) != 1 {
		return nil
	}
	args := p.Cmds[0].Args
	id, isFunc := args[0].(*parse.IdentifierNode)
	switch {
	case !isFunc && len(args) == 1:
		return operandBranch(OperandOf(args[0]), set)
	case isFunc && id.Ident == "not" && len(args) == 2 && set == "true":
		return operandBranch(OperandOf(args[1]), "false")
	case isFunc && id.Ident == "eq" && len(args) == 3:
		if s, ok := args[2].(*parse.StringNode); ok && s.Text != "" {
			return operandBranch(OperandOf(args[1]), s.Text)
		}
	}
	return nil
}

func operandBranch(o Operand, set string) *branch {
	if !o.Known || len(o.Fields) == 0 && o.Variable == "" {
		return nil
	}
	return &branch{operand: o, Set: set}
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
			if q, ok := a.(*parse.PipeNode); ok && computes(q) {
				return true
			}
		}
	}
	return false
}

// comparedTexts adds the constants with which a pipeline compares a value.
func comparedTexts(p *parse.PipeNode, l []string) []string {
	if p == nil {
		return l
	}
	for _, c := range p.Cmds {
		id, _ := c.Args[0].(*parse.IdentifierNode)
		for _, a := range c.Args {
			switch a := a.(type) {
			case *parse.PipeNode:
				l = comparedTexts(a, l)
			case *parse.StringNode:
				if id != nil && (id.Ident == "eq" || id.Ident == "ne") {
					l = append(l, a.Text)
				}
			}
		}
	}
	return l
}
