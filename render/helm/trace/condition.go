package trace

import (
	"reflect"
	"slices"
	"strings"
	"text/template"
	"text/template/parse"
)

// Condition is what a template requires of the data that it sees: that a pipeline is
// true, or that it is false. It only says what the template's text says. Package branch
// finds out whether a condition holds, and which values make it hold.
type Condition struct {
	Kind ConditionKind
	// Want is the result that a test must have. It is not used for AllOf and AnyOf.
	Want bool
	// Parts are the conditions of AllOf and AnyOf. Without parts, AllOf always holds, and
	// AnyOf never.
	Parts []*Condition
	// Operand is the value that TruthTest and EqualTest test. Operands are those that an OtherTest
	// is about.
	Operand  Operand
	Operands []Operand
	// Through is the template that the operand of an EqualTest is given to, if it is the template's
	// output that is compared: include "isTrue" .x. The test holds for the operand only if the template
	// prints it as it is.
	Through string
	// Default replaces the operand of an EqualTest if that is empty. Nil if there is none.
	Default any
	// Change is what happens to a text before an EqualTest compares it. Nil if nothing does.
	Change func(string) string
	// Constant is the text or boolean with which EqualTest compares the operand. It is nil for a test whether the operand is absent.
	Constant any
	// API is the API that APITest looks for.
	API string
}

// ConditionKind is the kind of a condition.
type ConditionKind uint8

// The kinds of conditions.
const (
	OtherTest ConditionKind = iota // something else: a helper, a computation, a loop
	TruthTest                      // the operand counts as true: it is neither false nor empty
	EqualTest                      // the operand equals a constant
	APITest                        // the cluster has an API
	AllOf                          // all parts hold
	AnyOf                          // at least one part holds
)

// ReadCondition reads a pipeline, or an argument of one, that must be true or false.
func ReadCondition(n parse.Node, want bool) *Condition {
	c := readCondition(n, want)
	if p, ok := n.(*parse.PipeNode); ok && c.Kind == OtherTest && c.Operands == nil {
		c.Operands = operands(p, nil)
	}
	return c
}

func readCondition(n parse.Node, want bool) *Condition {
	p, ok := n.(*parse.PipeNode)
	if !ok {
		if v, ok := constantOf(n); ok {
			if truth, _ := template.IsTrue(v); truth == want {
				return &Condition{Kind: AllOf}
			}
			return &Condition{Kind: AnyOf}
		}
		return truthTest(OperandOf(n), want)
	}
	if p == nil || len(p.Cmds) == 0 {
		return &Condition{}
	}
	args := lastCall(p)
	id, isFunction := args[0].(*parse.IdentifierNode)
	switch {
	case isFunction:
		return readCall(id.Ident, args[1:], want)
	case len(args) == 1:
		return ReadCondition(args[0], want)
	}
	return apiTest(args, want)
}

// readCall reads the call of a function.
func readCall(name string, args []parse.Node, want bool) *Condition {
	if of, filled := lengthTest(name, args); of != nil {
		return ReadCondition(of, want == filled)
	}
	switch {
	case (name == "not" || name == "empty") && len(args) == 1:
		return ReadCondition(args[0], !want)
	case name == "and" || name == "or" || name == "coalesce":
		return combine(name == "and", args, want)
	case (name == "eq" || name == "ne") && len(args) == 2 && args[1].Type() == parse.NodeNil:
		return absenceTest(OperandOf(args[0]), want == (name == "eq"))
	case name == "kindIs" && len(args) == 2 && args[0].String() == `"invalid"`:
		return absenceTest(OperandOf(args[1]), want)
	case name == "hasKey" && len(args) == 2:
		return absenceTest(indexed(OperandOf(args[0]), args[1:]), !want)
	case name == "default" && len(args) == 2 && isEmptyConstant(args[0]):
		return ReadCondition(args[1], want)
	case (name == "eq" || name == "ne") && len(args) == 2:
		return equalTest(args[0], args[1], want == (name == "eq"))
	case name == "default" && len(args) == 2: // as an or
		return combine(false, []parse.Node{args[1], args[0]}, want)
	case keepsTruth[name] && len(args) > 0:
		return ReadCondition(args[len(args)-1], want)
	case name == "dig" && len(args) > 2 && !isEmptyConstant(args[len(args)-2]):
	case picksEntry[name]:
		return truthTest(pickedEntry(name, args), want)
	}
	return &Condition{Want: want}
}

// swapped are the comparisons whose operands change places.
var swapped = map[string]string{"gt": "lt", "ge": "le", "lt": "gt", "le": "ge", "eq": "eq", "ne": "ne"}

// lengthTest reads a call that tells whether something is empty by its length: len .x, gt (len .x) 0. Filled is what
// .x is if the call is true. of is nil if it is no such call.
func lengthTest(name string, args []parse.Node) (of parse.Node, filled bool) {
	if name == "len" && len(args) == 1 {
		return args[0], true
	}
	if swapped[name] == "" || len(args) != 2 {
		return nil, false
	}
	a, b := args[0], args[1]
	if _, isNumber := a.(*parse.NumberNode); isNumber {
		a, b, name = b, a, swapped[name]
	}
	n, isNumber := b.(*parse.NumberNode)
	p, isPipe := a.(*parse.PipeNode)
	if !isNumber || !n.IsInt || !isPipe || len(p.Cmds) == 0 {
		return nil, false
	}
	call := lastCall(p)
	if id, ok := call[0].(*parse.IdentifierNode); !ok || id.Ident != "len" || len(call) != 2 {
		return nil, false
	}
	switch {
	case n.Int64 == 0 && (name == "gt" || name == "ne"), n.Int64 == 1 && name == "ge":
		return call[1], true
	case n.Int64 == 0 && (name == "eq" || name == "le"), n.Int64 == 1 && name == "lt":
		return call[1], false
	}
	return nil, false
}

// keepsTruth has functions whose result is empty exactly if their last argument is.
var keepsTruth = names("required lower upper b64enc")

func isEmptyConstant(n parse.Node) bool {
	v, ok := constantOf(n)
	truth, _ := template.IsTrue(v)
	return ok && !truth
}

// combine is an and of conditions that must be true or false, or an or of them.
func combine(and bool, args []parse.Node, want bool) *Condition {
	c := &Condition{Kind: AnyOf}
	if and == want {
		c.Kind = AllOf
	}
	for _, a := range args {
		c.Parts = append(c.Parts, ReadCondition(a, want))
	}
	return c
}

func truthTest(o Operand, want bool) *Condition {
	if !o.Known {
		return &Condition{Want: want}
	}
	return &Condition{Kind: TruthTest, Want: want, Operand: o}
}

// absenceTest is a test whether a key is absent, or null: an EqualTest without a constant.
func absenceTest(o Operand, want bool) *Condition {
	c := truthTest(o, want)
	if c.Kind == TruthTest {
		c.Kind = EqualTest
	}
	return c
}

// IsAbsenceTest reports whether a condition is a test whether a key is absent: which value it has does not matter.
func (c *Condition) IsAbsenceTest() bool { return c.Kind == EqualTest && c.Constant == nil }

// equalTest is the comparison of a value with a constant.
func equalTest(a, b parse.Node, want bool) *Condition {
	if _, ok := constantOf(a); ok {
		a, b = b, a
	}
	c, ok := constantOf(b)
	o, through := OperandOf(a), ""
	if !o.Known {
		o, through = included(a)
	}
	if !ok || !o.Known || len(o.Fields) == 0 && o.Variable == "" && through == "" {
		return &Condition{Want: want}
	}
	test := &Condition{Kind: EqualTest, Want: want, Operand: o, Constant: c, Through: through}
	if !test.readFunctions(a) {
		return &Condition{Want: want}
	}
	return test
}

// included is the chain of fields that a template is given whose output, trimmed at most, is a value.
func included(n parse.Node) (o Operand, name string) {
	p, ok := n.(*parse.PipeNode)
	if !ok || len(p.Cmds) == 0 || len(p.Decl) > 0 {
		return Operand{}, ""
	}
	switch args := lastCall(p); {
	case len(args) == 3 && args[0].String() == "include":
		if s, ok := args[1].(*parse.StringNode); ok {
			return OperandOf(args[2]), s.Text
		}
	case len(args) == 1 || len(args) == 2 && args[0].String() == "trim":
		return included(args[len(args)-1])
	}
	return Operand{}, ""
}

// textChanges has the functions that change a text and that an EqualTest follows.
var textChanges = map[string]func(string) string{"lower": strings.ToLower, "upper": strings.ToUpper, "trim": strings.TrimSpace}

// readFunctions reads the functions through which the operand of an EqualTest goes, in the
// order of their calls. ok is false if one makes something of it that is not followed. A
// default that is not known does not matter if the operand must equal the constant.
func (c *Condition) readFunctions(n parse.Node) (ok bool) {
	p, isPipe := n.(*parse.PipeNode)
	if !isPipe {
		return true
	}
	for _, cmd := range p.Cmds {
		id, isFunction := cmd.Args[0].(*parse.IdentifierNode)
		if !c.readFunctions(cmd.Args[len(cmd.Args)-1]) || isFunction && !c.readFunction(id.Ident, cmd.Args[1:]) {
			return false
		}
	}
	return true
}

// readFunction reads one of these functions.
func (c *Condition) readFunction(name string, args []parse.Node) (ok bool) {
	change := textChanges[name]
	switch {
	case change != nil:
		if text, isText := c.Default.(string); c.Change != nil || isText && change(text) != text {
			return false
		}
		c.Change = change
		return true
	case name == "default" && len(args) > 0:
		v, isConstant := constantOf(args[0])
		if c.Default == nil {
			c.Default = v
		}
		text, isText := v.(string)
		return (isConstant || c.Want) && (c.Change == nil || !isText || c.Change(text) == text)
	case name == "dig": // the default counts only for what is not set
		return c.Want || len(args) > 2 && isEmptyConstant(args[len(args)-2])
	case name == "include":
		return c.Through != ""
	}
	return name == "toString" || name == "required" || name == "pluck" || picksEntry[name]
}

func constantOf(n parse.Node) (v any, ok bool) {
	switch n := n.(type) {
	case *parse.StringNode:
		return n.Text, true
	case *parse.BoolNode:
		return n.True, true
	}
	return nil, false
}

// apiTest is a call of .Capabilities.APIVersions.Has.
func apiTest(args []parse.Node, want bool) *Condition {
	var fields []string
	switch n := args[0].(type) {
	case *parse.FieldNode:
		fields = n.Ident
	case *parse.VariableNode:
		fields = n.Ident[1:]
	}
	if len(args) == 2 && slices.Equal(fields, []string{"Capabilities", "APIVersions", "Has"}) {
		if name, ok := args[1].(*parse.StringNode); ok {
			return &Condition{Kind: APITest, Want: want, API: name.Text}
		}
	}
	return &Condition{Want: want}
}

// Tests lists the conditions without parts, in the order of the text.
func (c *Condition) Tests() []*Condition {
	if c.Kind != AllOf && c.Kind != AnyOf {
		return []*Condition{c}
	}
	var l []*Condition
	for _, p := range c.Parts {
		l = append(l, p.Tests()...)
	}
	return l
}

// Holds reports whether a TruthTest or EqualTest holds if its operand is v. Other
// conditions do not depend on one value: for them it is false.
func (c *Condition) Holds(v any) bool {
	switch c.Kind {
	case TruthTest:
		truth, _ := template.IsTrue(v)
		return truth == c.Want
	case EqualTest:
		if c.Constant == nil {
			return (v == nil) == c.Want
		}
		if truth, _ := template.IsTrue(v); !truth && c.Default != nil {
			v = c.Default
		}
		if c.Change != nil && v != nil && !IsContainer(reflect.ValueOf(v)) {
			v = c.Change(ScalarText(v))
		}
		return sameAsConstant(v, c.Constant) == c.Want
	default:
		return false
	}
}

// sameAsConstant reports whether a value equals a constant. Templates cannot compare a
// boolean or number with a text, unless they convert it first.
func sameAsConstant(v, constant any) bool {
	if _, isText := constant.(string); isText && v != nil && !IsContainer(reflect.ValueOf(v)) {
		return ScalarText(v) == constant
	}
	return Equal(v, constant)
}
