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
	case picksEntry[id.Ident]:
		return pickedEntry(id.Ident, first.Args[1:])
	case keepsValue(id.Ident) && len(first.Args) > 1:
		return OperandOf(first.Args[len(first.Args)-1])
	}
	return Operand{}
}

// picksEntry has functions that return an entry of a map or list.
var picksEntry = names("index get dig")

// pickedEntry reads the arguments of such a function.
func pickedEntry(name string, args []parse.Node) Operand {
	last := len(args) - 1
	switch {
	case name != "dig" && len(args) > 1:
		return indexed(OperandOf(args[0]), args[1:])
	case name == "dig" && len(args) > 2: // arguments: names, a default, a map
		return indexed(OperandOf(args[last]), args[:last-1])
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
